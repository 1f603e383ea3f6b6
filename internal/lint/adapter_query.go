package lint

import (
	"fmt"
	"strings"
	"text/template/parse"
)

// opaque marks, among what a template uses, something that is not expanded.
const opaque = "*"

// expandQuery expands one of the adapter's templates, those of Go with << and >>.
// It runs nothing: whatever is more than a field is opaque. uses are the fields
// that it uses. The error is one of the template.
func expandQuery(text string, fields map[string]string) (expanded string, uses map[string]bool, err error) {
	uses = map[string]bool{}
	if len(text) > maxQuery {
		uses[opaque] = true
		return "", uses, nil
	}
	t := parse.New("query")
	t.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := t.Parse(text, "<<", ">>", trees); err != nil {
		return "", uses, err
	}
	if t.Root == nil {
		return "", uses, nil
	}
	var b strings.Builder
	for _, n := range t.Root.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			b.Write(n.Text)
		case *parse.ActionNode:
			name := fieldOf(n)
			uses[name] = true
			value, known := fields[name]
			if !known && name != opaque {
				return "", uses, fmt.Errorf("there is no <<.%s>>", name)
			}
			b.WriteString(value)
		default:
			uses[opaque] = true
		}
	}
	if uses[opaque] { // what else it uses may be anywhere
		for name := range fields {
			uses[name] = uses[name] || strings.Contains(text, "."+name)
		}
	}
	return b.String(), uses, nil
}

// fieldOf is the field that an action writes, also one that it takes something out
// of with index; opaque for anything else.
func fieldOf(n *parse.ActionNode) string {
	if len(n.Pipe.Cmds) != 1 || len(n.Pipe.Decl) > 0 {
		return opaque
	}
	args := n.Pipe.Cmds[0].Args
	if index, ok := args[0].(*parse.IdentifierNode); ok && index.Ident == "index" && len(args) == 3 {
		args = args[1:2]
	}
	if len(args) != 1 {
		return opaque
	}
	field, ok := args[0].(*parse.FieldNode)
	if !ok || len(field.Ident) != 1 {
		return opaque
	}
	return field.Ident[0]
}
