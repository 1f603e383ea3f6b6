package yamlpos

import (
	"iter"

	"go.yaml.in/yaml/v3"
)

// fields gives a mapping's fields, neither key nor value resolved: its own in
// order, without duplicates (the first stays), then those that its merge keys add
// and it does not have.
func fields(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if !isPlain(n) {
			for _, e := range entries(n) {
				if !yield(e.key, e.value) {
					return
				}
			}
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// isPlain says whether a mapping has neither merge keys nor, as far as a look at a
// few keys tells, duplicates.
func isPlain(n *yaml.Node) bool {
	const few = 32
	if len(n.Content) > 2*few {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		if isMerge(key) {
			return false
		}
		for j := 0; j < i; j += 2 {
			if resolve(n.Content[j]).Value == key.Value {
				return false
			}
		}
	}
	return true
}

// An entry is one field of a mapping; neither node is resolved.
type entry struct {
	key, value *yaml.Node
}

// entries returns what fields gives.
func entries(n *yaml.Node) []entry {
	seen := make(map[string]bool, len(n.Content)/2)
	return appendEntries(nil, n, seen)
}

func appendEntries(list []entry, n *yaml.Node, seen map[string]bool) []entry {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		if !isMerge(key) && !seen[key.Value] {
			seen[key.Value] = true
			list = append(list, entry{n.Content[i], n.Content[i+1]})
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isMerge(n.Content[i]) {
			for _, m := range merged(n.Content[i+1]) {
				list = appendEntries(list, m, seen)
			}
		}
	}
	return list
}

// merged returns the mappings that a merge key's value names; what is no
// mapping is left out (the decoder reports it).
func merged(value *yaml.Node) []*yaml.Node {
	value = resolve(value)
	sources := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		sources = value.Content
	}
	var list []*yaml.Node
	for _, s := range sources {
		if s = resolve(s); s.Kind == yaml.MappingNode {
			list = append(list, s)
		}
	}
	return list
}

// isMerge says whether a key is a merge key: a plain <<.
func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.Tag == "!!merge" }

// checkKeys reports keys written twice and merges of what is no mapping.
func (d *decoder) checkKeys(n *yaml.Node, at *trail) {
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content) && !d.full(); i += 2 {
		key := resolve(n.Content[i])
		if isMerge(key) {
			d.checkMerge(n.Content[i+1], at)
			continue
		}
		if before := first[key.Value]; before != nil {
			d.add(n.Content[i], Problem{
				Path: at.key(key.Value).path(), Text: "duplicate key " + quote(key.Value),
				Hint: "it stands already in line " + itoa(before.Line) + "; remove one", Class: ClassDuplicate,
			})
			continue
		}
		first[key.Value] = n.Content[i]
	}
}

func (d *decoder) checkMerge(value *yaml.Node, at *trail) {
	sources := []*yaml.Node{value}
	if v := resolve(value); v.Kind == yaml.SequenceNode {
		sources = v.Content
	}
	for _, s := range sources {
		if resolve(s).Kind != yaml.MappingNode {
			d.report(s, at, "<<: expected a mapping or an alias of one, found "+describe(s), `quote "<<" if it is meant as a name`)
		}
	}
}
