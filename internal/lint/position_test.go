package lint_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// TestFindingsPointAtTheOffendingValue holds each rule to testdata/lint's list of
// where its wrong.yaml is wrong: line, column, and the word that stands there.
func TestFindingsPointAtTheOffendingValue(t *testing.T) {
	var b strings.Builder
	for _, rule := range lint.Rules() {
		dir := filepath.Join(examples, rule.ID)
		lines := strings.Split(text(t, filepath.Join(dir, "wrong.yaml")), "\n")
		found, _ := check(t, dir, "wrong.yaml", rule)
		for _, f := range found {
			if f.Rule == rule.ID {
				fmt.Fprintf(&b, "%s %d:%d %s\n", rule.ID, f.Line, f.Col, wordAt(lines, f.Line, f.Col))
			}
		}
	}
	golden(t, filepath.Join(examples, "positions.txt"), b.String())
}

// wordAt is what stands at a position, up to where it ends or another one begins.
func wordAt(lines []string, line, col int) string {
	if line < 1 || line > len(lines) || col < 1 || col > len(lines[line-1])+1 {
		return "outside of the text"
	}
	rest := lines[line-1][col-1:]
	if end := strings.IndexAny(rest[min(1, len(rest)):], " ,}]"); end >= 0 {
		return rest[:end+1]
	}
	return rest
}

// A form is another way to write the same documents. It returns the text and where
// what stood at a position stands now; nil where this form cannot say it.
type form struct {
	name string
	// least is how many rules have it at least.
	least int
	write func(in *written) (text string, where func(line, col int) []yamlpos.Position)
}

// TestPositionsHoldHoweverAFileIsWritten writes the wrong manifest of each rule in
// other forms, and expects its findings where the same values stand then. Where that
// is follows from writing them, or from a parser of its own, not from lint.
func TestPositionsHoldHoweverAFileIsWritten(t *testing.T) {
	forms := []form{
		{"second document", 165, (*written).second},
		{"CRLF", 165, func(in *written) (string, locate) { return strings.ReplaceAll(in.text, "\n", "\r\n"), same }},
		{"byte order mark", 165, func(in *written) (string, locate) { return "\ufeff" + in.text, same }},
		{"tabs before comments", 150, (*written).comments},
		{"flow style", 150, func(in *written) (string, locate) { return in.flow(" ", nil) }},
		{"flow style with tabs", 150, func(in *written) (string, locate) { return in.flow("\t", nil) }},
		{"in a List", 150, (*written).list},
		{"anchored", 110, (*written).anchored},
		{"through an alias", 95, (*written).aliased},
		{"block scalar", 30, (*written).block},
		{"in a ConfigMap", 20, (*written).configMap},
	}
	written := map[string]int{}
	for _, rule := range lint.Rules() {
		in := read(t, filepath.Join(examples, rule.ID), rule)
		for _, f := range forms {
			t.Run(rule.ID+"/"+f.name, func(t *testing.T) {
				if in.holds(t, rule, f) {
					written[f.name]++
				}
			})
		}
	}
	for _, f := range forms {
		if written[f.name] < f.least {
			t.Errorf("%s: %d rules, want %d at least", f.name, written[f.name], f.least)
		}
	}
}

type locate = func(line, col int) []yamlpos.Position

func same(line, col int) []yamlpos.Position { return []yamlpos.Position{{Line: line, Col: col}} }

// holds checks one rule in one form; it says whether there is such a form.
func (in *written) holds(t *testing.T, rule lint.Rule, f form) bool {
	t.Helper()
	dir := filepath.Join(examples, rule.ID)
	if in.skips(f.name) {
		return false
	}
	changed, where := f.write(in)
	if where == nil {
		return false
	}
	there := tree(t, map[string]string{"wrong.yaml": changed})
	for _, beside := range []string{"with.yaml", "recording.csv", lint.ConfigFile} {
		if data, err := os.ReadFile(filepath.Join(dir, beside)); err == nil {
			if err := os.WriteFile(filepath.Join(there, beside), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	now, said := checkAs(t, there, "wrong.yaml", rule, in.text)
	got := positionsOf(now, rule.ID)
	if len(got) != len(in.found) {
		t.Fatalf("%d findings, want %d:\n%s\nin\n%s", len(got), len(in.found), said, changed)
	}
	for _, one := range in.found {
		want := where(one.Line, one.Col)
		if want == nil {
			return false
		}
		if !slices.ContainsFunc(got, func(p yamlpos.Position) bool {
			return slices.ContainsFunc(want, func(w yamlpos.Position) bool { return p.Line == w.Line && p.Col == w.Col })
		}) {
			t.Errorf("what stood at %d:%d is at %v now, and is found at %v:\n%s\nin\n%s", one.Line, one.Col, want, got, said, changed)
		}
	}
	return true
}

// positionsOf are where a rule found something in wrong.yaml.
func positionsOf(found []lint.Finding, rule string) []yamlpos.Position {
	var list []yamlpos.Position
	for _, f := range found {
		if f.Rule == rule && filepath.Base(f.File) == "wrong.yaml" {
			list = append(list, f.Position)
		}
	}
	return list
}

// written is a rule's wrong manifest as it is written.
type written struct {
	rule  string
	text  string
	docs  []*yaml.Node
	found []yamlpos.Position
}

func read(t *testing.T, dir string, rule lint.Rule) *written {
	t.Helper()
	in := &written{rule: rule.ID, text: text(t, filepath.Join(dir, "wrong.yaml"))}
	found, _ := check(t, dir, "wrong.yaml", rule)
	in.found = positionsOf(found, rule.ID)
	for decoder := yaml.NewDecoder(strings.NewReader(in.text)); ; {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			if !errors.Is(err, io.EOF) {
				in.docs = nil
			}
			return in
		}
		in.docs = append(in.docs, doc.Content[0])
	}
}

// skips says whether a form would not say the same: text that is no YAML cannot be
// written anew, and a comment has no other form.
func (in *written) skips(form string) bool {
	textual := []string{"second document", "CRLF", "byte order mark"}
	if in.docs == nil || strings.HasPrefix(in.rule, "suppression-") {
		return !slices.Contains(textual, form)
	}
	// A service spec has no field that could hold the anchor.
	return form == "through an alias" && strings.HasPrefix(in.rule, "spec-")
}

// second puts a document before the others.
func (in *written) second() (string, locate) {
	const before = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: before\ndata:\n  text: |\n    kind: nothing\n---\n"
	return before + in.text, down(strings.Count(before, "\n"), 0)
}

func down(lines, cols int) locate {
	return func(line, col int) []yamlpos.Position {
		return []yamlpos.Position{{Line: line + lines, Col: col + cols}}
	}
}

// comments adds a comment behind a tab to each line that ends in a value.
func (in *written) comments() (string, locate) {
	lines := strings.Split(in.text, "\n")
	block := 0
	for i, line := range lines {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if block > 0 && (line == "" || indent >= block) {
			continue
		}
		block = 0
		trimmed := strings.TrimRight(line, " ")
		if strings.HasSuffix(trimmed, "|") || strings.HasSuffix(trimmed, "|-") {
			block = indent + 1
			continue
		}
		if line != "" && !strings.Contains(line, "#") && line != "---" {
			lines[i] += "\t# a comment"
		}
	}
	return strings.Join(lines, "\n"), same
}

// list puts each object into a List of its own.
func (in *written) list() (string, locate) {
	var b strings.Builder
	shift := map[int]int{} // by line: how far down; those of a List are two columns right
	inside := map[int]bool{}
	line := 1
	for i, doc := range strings.Split(in.text, "---\n") {
		if i > 0 {
			b.WriteString("---\n")
			line++
		}
		object := strings.Contains("\n"+doc, "\nkind: ")
		if object {
			b.WriteString("apiVersion: v1\nkind: List\nitems:\n")
		}
		for k, l := range strings.Split(strings.TrimSuffix(doc, "\n"), "\n") {
			shift[line] = strings.Count(b.String(), "\n") + 1 - line
			inside[line] = object
			switch {
			case object && k == 0:
				l = "- " + l
			case object && l != "":
				l = "  " + l
			}
			b.WriteString(l + "\n")
			line++
		}
	}
	return b.String(), func(line, col int) []yamlpos.Position {
		if inside[line] {
			col += 2
		}
		return []yamlpos.Position{{Line: line + shift[line], Col: col}}
	}
}

// configMap puts the adapter's configuration into a ConfigMap.
func (in *written) configMap() (string, locate) {
	docs := strings.Split(in.text, "---\n")
	lines, from, to := 1, 0, 0
	for i, doc := range docs {
		n := strings.Count(doc, "\n")
		if strings.HasPrefix(doc, "rules:") || strings.HasPrefix(doc, "externalRules:") {
			if from > 0 {
				return "", nil
			}
			from, to = lines, lines+n
			docs[i] = config(doc)
		}
		lines += n + 1
	}
	if from == 0 {
		return "", nil
	}
	const head = 5
	return strings.Join(docs, "---\n"), func(line, col int) []yamlpos.Position {
		switch {
		case line >= to:
			return []yamlpos.Position{{Line: line + head, Col: col}}
		case line >= from:
			return []yamlpos.Position{{Line: line + head, Col: col + 4}}
		}
		return same(line, col)
	}
}

// at are the values that a position is about: what begins there, and what the key
// that begins there has.
func (in *written) at(line, col int) (values []*yaml.Node) {
	for _, doc := range in.docs {
		eachNode(doc, func(n, key *yaml.Node) {
			switch {
			case n.Line == line && n.Column == col:
				values = append(values, n)
			case key == nil || key.Line != line || key.Column != col:
			case n.Kind == yaml.ScalarNode: // what is wrong is the key, or that it has nothing
				values = append(values, key)
			default: // a block stands below its key
				values = append(values, n)
			}
		})
	}
	return values
}

// eachNode calls a function for each value in a document, with its key if it has
// one.
func eachNode(n *yaml.Node, do func(n, key *yaml.Node)) {
	for i, child := range n.Content {
		if n.Kind != yaml.MappingNode {
			do(child, nil)
			eachNode(child, do)
		} else if i%2 == 1 {
			do(child, n.Content[i-1])
			eachNode(child, do)
		}
	}
}

// scalar is the one scalar that all findings are about; nil where that is not so.
func (in *written) scalar() *yaml.Node {
	if len(in.found) != 1 {
		return nil
	}
	var found *yaml.Node
	for _, doc := range in.docs {
		eachNode(doc, func(n, _ *yaml.Node) {
			if n.Kind == yaml.ScalarNode && n.Tag != "!!null" && n.Line == in.found[0].Line && n.Column == in.found[0].Col {
				found = n
			}
		})
	}
	return found
}

// anchored puts an anchor before the value.
func (in *written) anchored() (string, locate) {
	if in.scalar() == nil {
		return "", nil
	}
	p := in.found[0]
	lines := strings.Split(in.text, "\n")
	lines[p.Line-1] = lines[p.Line-1][:p.Col-1] + "&here " + lines[p.Line-1][p.Col-1:]
	return strings.Join(lines, "\n"), func(line, col int) []yamlpos.Position { return same(line, col+len("&here ")) }
}

// block writes the value as a literal block.
func (in *written) block() (string, locate) {
	n := in.scalar()
	if n == nil || n.Tag != "!!str" || n.Style == yaml.LiteralStyle {
		return "", nil
	}
	p := in.found[0]
	lines := strings.Split(in.text, "\n")
	line := lines[p.Line-1]
	if strings.ContainsAny(line[:p.Col-1], "{[") || strings.Contains(n.Value, "\n") {
		return "", nil
	}
	indent := strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " -"))+2)
	lines[p.Line-1] = line[:p.Col-1] + "|-\n" + indent + n.Value
	return strings.Join(lines, "\n"), same
}

// aliased writes the value once as an annotation, or as a generation where it is a
// number, and refers to it from where it stood.
func (in *written) aliased() (string, locate) {
	n := in.scalar()
	if n == nil || n.Tag != "!!str" && n.Tag != "!!int" {
		return "", nil
	}
	return in.flow(" ", n)
}

// flow writes all documents in flow style, each on a line, with a separator between
// tokens. A node to be aliased stands in its object's metadata.
func (in *written) flow(separator string, alias *yaml.Node) (string, locate) {
	w := &flowWriter{separator: separator, alias: alias, at: map[*yaml.Node]yamlpos.Position{}, line: 1}
	for i, doc := range in.docs {
		if i > 0 {
			w.write("\n---\n")
		}
		w.document(doc)
	}
	w.write("\n")
	if alias != nil && !w.anchored {
		return "", nil
	}
	return w.b.String(), func(line, col int) []yamlpos.Position {
		var list []yamlpos.Position
		for _, n := range in.at(line, col) {
			list = append(list, w.at[n])
			if n == alias { // what cannot be read is reported once, where it is written
				list = append(list, w.written)
			}
		}
		return list
	}
}

// flowWriter writes flow style, and notes where each value begins.
type flowWriter struct {
	b         bytes.Buffer
	separator string
	line, col int
	at        map[*yaml.Node]yamlpos.Position
	// alias is written in metadata, at written, and anchored once it is.
	alias    *yaml.Node
	anchored bool
	written  yamlpos.Position
}

func (w *flowWriter) write(s string) {
	w.b.WriteString(s)
	for _, c := range s {
		if w.col++; c == '\n' {
			w.line, w.col = w.line+1, 0
		}
	}
}

func (w *flowWriter) here() yamlpos.Position { return yamlpos.Position{Line: w.line, Col: w.col + 1} }

// document writes a document. Its metadata come first where something in it is
// referred to.
func (w *flowWriter) document(n *yaml.Node) {
	holds := false
	eachNode(n, func(n, _ *yaml.Node) { holds = holds || n == w.alias })
	if !holds {
		w.value(n, false)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "metadata" && i > 0 {
			first := *n
			first.Content = slices.Concat(n.Content[i:i+2], n.Content[:i], n.Content[i+2:])
			w.value(&first, true)
			return
		}
	}
	w.value(n, false)
}

// value writes a value; anchor says that its metadata get the one that others refer
// to.
func (w *flowWriter) value(n *yaml.Node, anchor bool) {
	if n == w.alias && w.anchored {
		w.at[n] = w.here()
		w.write("*here ")
		return
	}
	w.at[n] = w.here()
	switch n.Kind {
	case yaml.MappingNode:
		w.write("{")
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				w.write("," + w.separator)
			}
			w.at[n.Content[i]] = w.here()
			w.scalar(n.Content[i])
			w.write(":" + w.separator)
			if anchor && i == 0 {
				w.metadata(n.Content[1])
				continue
			}
			w.value(n.Content[i+1], false)
		}
		w.write("}")
	case yaml.SequenceNode:
		w.write("[")
		for i, item := range n.Content {
			if i > 0 {
				w.write("," + w.separator)
			}
			w.value(item, false)
		}
		w.write("]")
	default:
		w.scalar(n)
	}
}

// metadata writes an object's, with the value that is referred to.
func (w *flowWriter) metadata(n *yaml.Node) {
	hidden := false
	eachNode(n, func(n, key *yaml.Node) { hidden = hidden || n == w.alias || key != nil && key.Value == "annotations" })
	if n.Kind != yaml.MappingNode || hidden {
		w.value(n, false)
		return
	}
	w.write("{")
	if w.alias.Tag == "!!str" {
		w.write(`"annotations": {"example.com/here": &here `)
	} else {
		w.write(`"generation": &here `)
	}
	w.anchored, w.written = true, w.here()
	w.scalar(w.alias)
	if w.alias.Tag == "!!str" {
		w.write("}")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		w.write("," + w.separator)
		w.scalar(n.Content[i])
		w.write(":" + w.separator)
		w.value(n.Content[i+1], false)
	}
	w.write("}")
}

// scalar writes a scalar: a text in quotes, anything else as it is.
func (w *flowWriter) scalar(n *yaml.Node) {
	if n.Tag == "!!str" {
		w.write(quoted(n.Value))
		return
	}
	w.write(n.Value)
}

// quoted is a text in double quotes.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}
