package yamlpos

import "go.yaml.in/yaml/v3"

// checkTree refuses a document that is too deep, that aliases blow up or turn
// into a circle, or whose keys cannot be field names. Everything that walks a
// document afterwards may follow aliases without care.
func checkTree(root *yaml.Node) *Problem {
	c := checker{sizes: map[*yaml.Node]int{}}
	c.size(root, 1)
	return c.problem
}

type checker struct {
	// sizes holds what each anchored node expands to; open ones are 0.
	sizes   map[*yaml.Node]int
	aliased int
	problem *Problem
}

// size returns how many values n expands to.
func (c *checker) size(n *yaml.Node, depth int) int {
	if c.problem != nil {
		return 1
	}
	if depth > MaxDepth {
		c.fail(n, tooDeep, "")
		return 1
	}
	if n.Kind == yaml.AliasNode {
		return c.alias(n, depth)
	}
	if n.Anchor != "" {
		c.sizes[n] = 0
	}
	total := 1
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && !c.keyFits(child) {
			return 1
		}
		total += c.size(child, depth+1)
	}
	if n.Anchor != "" {
		c.sizes[n] = total
	}
	return total
}

func (c *checker) alias(n *yaml.Node, depth int) int {
	size := c.sizes[n.Alias]
	if size == 0 {
		c.fail(n, "alias *"+clip(n.Value)+" stands inside what it refers to", "")
		return 1
	}
	c.aliased += size
	if c.aliased > MaxAliased {
		c.fail(n, "aliases add more than 100000 values", "write the values out")
		return 1
	}
	// The target's own depth counts where it is used. This walk costs what the
	// alias expands to, which is bounded by now.
	if depth+height(n.Alias, MaxDepth-depth+2) > MaxDepth+1 {
		c.fail(n, tooDeep, "")
	}
	return size
}

// height returns how deep n is, at most limit.
func height(n *yaml.Node, limit int) int {
	if limit <= 0 {
		return 0
	}
	if n.Kind == yaml.AliasNode {
		return height(n.Alias, limit)
	}
	h := 0
	for _, child := range n.Content {
		h = max(h, height(child, limit-1))
	}
	return h + 1
}

// keyFits reports a key that is no scalar. A template expression left in a
// file, "{{ .Values.x }}", reads as a mapping used as a key.
func (c *checker) keyFits(key *yaml.Node) bool {
	key = resolve(key)
	switch {
	case key.Kind == yaml.ScalarNode:
		return true
	case key.Kind == yaml.MappingNode && key.Style&yaml.FlowStyle != 0:
		c.fail(key, "a template expression {{ … }} stands here", templateHint)
		c.problem.Col-- // the outer brace
	default:
		c.fail(key, "a key must be a plain text", "")
	}
	return false
}

func (c *checker) fail(n *yaml.Node, text, hint string) {
	c.problem = &Problem{Position: Position{Line: n.Line, Col: n.Column}, Text: text, Hint: hint}
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
