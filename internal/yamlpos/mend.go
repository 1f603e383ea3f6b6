package yamlpos

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mend gives the problem that was found last an edit, if it is one of the value at
// a path.
func (d *decoder) mend(n *yaml.Node, at *trail, e Edit) {
	if len(d.problems) == 0 || len(d.problems) > maxProblems {
		return
	}
	path := at.path()
	last := &d.problems[len(d.problems)-1]
	if last.Path != path || last.Line != n.Line || last.Col != n.Column || last.Edit != nil {
		return
	}
	e.Place = Place{File: d.file, Document: d.index, Path: path}
	last.Edit = &e
}

// misspelt renames a field that can only have meant one other, which is not there
// yet and can have the value, if need be mended itself.
func (d *decoder) misspelt(n, key *yaml.Node, info *typeInfo, at *trail) *Edit {
	if len(d.problems) >= maxProblems {
		return nil
	}
	written := resolve(key).Value
	name := Surely(written, info.names)
	_, value := lookup(n, step{name: written})
	if name == "" || value == nil || child(n, name) != nil {
		return nil
	}
	try := decoder{file: d.file, types: d.types}
	meant := info.fields[name].info
	try.value(value, reflect.New(meant.typ).Elem(), meant, at)
	if slices.ContainsFunc(try.problems, func(p Problem) bool { return p.Edit == nil }) {
		return nil
	}
	return &Edit{Place: Place{File: d.file, Document: d.index, Path: at.key(written).path()}, Rename: name}
}

// quotable quotes a number or boolean where any text may stand: among the values
// of a map or a list, and as a value, such as that of a variable.
func (d *decoder) quotable(n *yaml.Node, info *typeInfo, at *trail) {
	if info.typ != reflect.TypeFor[string]() || n.Kind != yaml.ScalarNode {
		return
	}
	if tag := scalarTag(n); tag == tagInt || tag == tagFloat || tag == tagBool {
		d.mend(n, at, Edit{Value: `"` + n.Value + `"`})
	}
}

// unquotable removes the quotes of a number or boolean that can be read in one way
// only: "010" could be 8 or 10.
func (d *decoder) unquotable(n *yaml.Node, at *trail) {
	plain := regexp.MustCompile(`^(true|false|0|-?[1-9][0-9]{0,17})$`)
	if quoteOf(n) != 0 && strings.TrimSpace(n.Value) == n.Value && plain.MatchString(n.Value) {
		d.mend(n, at, Edit{Value: n.Value})
	}
}
