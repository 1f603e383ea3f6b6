package yamlpos

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pastAnchors moves the positions of anchored values to the values themselves:
// yaml/v3 has them begin with the anchor. Keys stay where they are.
func pastAnchors(data []byte, roots []*yaml.Node) {
	if bytes.IndexByte(data, '&') < 0 {
		return
	}
	lines := bytes.Split(bytes.TrimPrefix(data, []byte("\ufeff")), []byte{'\n'})
	var values func(n *yaml.Node)
	values = func(n *yaml.Node) {
		if n.Anchor != "" && n.Line >= 1 && n.Line <= len(lines) {
			behind := properties([]rune(string(lines[n.Line-1])), n.Column)
			n.Column += behind
			if behind == 0 && len(n.Content) > 0 { // a block on the lines below
				n.Line, n.Column = n.Content[0].Line, n.Content[0].Column
			}
		}
		for i, child := range n.Content {
			if n.Kind != yaml.MappingNode || i%2 == 1 {
				values(child)
			}
		}
	}
	for _, root := range roots {
		values(root)
	}
}

// properties is how many columns the anchor and the tag take that stand before a
// value, with the space behind them; 0 where the value is not on their line.
func properties(line []rune, col int) int {
	if col < 1 || col > len(line) {
		return 0
	}
	rest := strings.TrimRight(string(line[col-1:]), "\r")
	whole := len([]rune(rest))
	for strings.HasPrefix(rest, "&") || strings.HasPrefix(rest, "!") {
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			return 0
		}
		rest = strings.TrimLeft(rest[end:], " \t")
	}
	if rest == "" || rest[0] == '#' {
		return 0
	}
	return whole - len([]rune(rest))
}
