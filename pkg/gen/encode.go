package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"sigs.k8s.io/yaml"
)

// Format is how objects are written.
type Format string

// The formats of Encode.
const (
	YAML Format = "yaml"
	JSON Format = "json"
)

// Encode writes objects: as YAML, documents separated by "---"; as JSON, one
// object, or a List of several. Keys are sorted, so that the same objects give
// the same bytes.
func Encode(w io.Writer, objects []Object, format Format) error {
	var out []byte
	var err error
	if format == JSON {
		out, err = encodeJSON(objects)
	} else {
		out, err = encodeYAML(objects)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}

func encodeYAML(objects []Object) ([]byte, error) {
	var b bytes.Buffer
	for i, o := range objects {
		tree, err := o.tree()
		if err != nil {
			return nil, err
		}
		text, err := yaml.Marshal(tree)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.Kind, o.Name, err)
		}
		if i > 0 {
			b.WriteString("---\n")
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}

func encodeJSON(objects []Object) ([]byte, error) {
	items := make([]any, len(objects))
	for i, o := range objects {
		tree, err := o.tree()
		if err != nil {
			return nil, err
		}
		items[i] = tree
	}
	var v any = map[string]any{"apiVersion": "v1", "kind": "List", "items": items}
	if len(items) == 1 {
		v = items[0]
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

// tree is the object as maps and lists, without what only a server writes and
// without the empty maps that some of the API's structs cannot omit. Other
// empty maps stay: an empty behavior is not the same as none.
func (o Object) tree() (map[string]any, error) {
	data, err := json.Marshal(o.Value)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", o.Kind, o.Name, err)
	}
	var tree map[string]any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("%s %s: %w", o.Kind, o.Name, err)
	}
	delete(tree, "status")
	if spec, ok := tree["spec"].(map[string]any); ok {
		if m, ok := spec["namespaceSelector"].(map[string]any); ok && len(m) == 0 {
			delete(spec, "namespaceSelector")
		}
	}
	return tree, nil
}
