package yamlpos

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxProblems is how many problems one Decode reports.
const maxProblems = 100

// Decode reads the document into the object that into points to, by its json
// tags. Unknown fields, duplicate keys, values of the wrong type or out of
// range are Problems, all of them at once, with a hint where one is known.
// Fields that could be read are set even then. Absent fields and nulls leave
// into as it is, so it may hold defaults.
//
// Field names match exactly, as in the Kubernetes API. A type's own UnmarshalJSON
// or UnmarshalText decides about its values, and its error gets their position
// (and, if it has a method Hint() string, a hint). There is one exception: a
// struct that has json tags and is written as a mapping is decoded field by
// field, so its UnmarshalJSON serves short forms only. A time.Duration is
// written as "1m30s".
func (d *Document) Decode(into any) error { return new(Types).Decode(d, into) }

// Types remembers what the types that it decodes into look like, for callers
// that decode many documents, also at the same time. Its zero value is ready.
type Types struct{ structs sync.Map }

// Decode is Document.Decode.
func (t *Types) Decode(d *Document, into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("yamlpos: cannot decode into %T: not a pointer", into)
	}
	dec := decoder{file: d.File, types: t}
	dec.value(d.root(), v.Elem(), d.prefix)
	dec.problems.Sort()
	return dec.problems.Err()
}

type decoder struct {
	file     string
	types    *Types
	problems Problems
}

// report adds a problem with a value; see add.
func (d *decoder) report(n *yaml.Node, path, text, hint string) {
	d.add(n, Problem{Path: path, Text: text, Hint: hint, Class: ClassType})
}

// add adds a problem at a node's own position, one for each position: a mistake
// inside a merged or aliased value is reported once, where it is written.
func (d *decoder) add(n *yaml.Node, problem Problem) {
	pos := nodePosition(n)
	pos.File = d.file
	if len(d.problems) > maxProblems {
		return
	}
	for _, p := range d.problems {
		if p.Position == pos {
			return
		}
	}
	if len(d.problems) == maxProblems {
		problem.Text, problem.Hint = "too many problems; the others are not shown", ""
	}
	problem.Position = pos
	d.problems = append(d.problems, problem)
}

// mismatch reports a value of the wrong type.
func (d *decoder) mismatch(n *yaml.Node, path, expected, hint string) {
	d.report(n, path, prefixed(path, "expected "+expected+", found "+describe(n)), hint)
}

// prefixed begins a text with the path it is about.
func prefixed(path, text string) string {
	if path == "" {
		return text
	}
	return path + ": " + text
}

// value decodes one value. The nodes it sees have been checked by Parse: their
// depth and what aliases expand to are bounded.
func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	n = resolve(n)
	if n.Kind == yaml.ScalarNode && scalarTag(n) == tagUnknown {
		d.report(n, path, prefixed(path, "unknown tag "+clip(n.ShortTag())), "remove it")
		return
	}
	if isNull(n) {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(n, v.Elem(), path)
		return
	}
	if d.custom(n, v, path) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Interface:
		d.anything(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

// custom lets a type that knows how to read itself do so.
func (d *decoder) custom(n *yaml.Node, v reflect.Value, path string) bool {
	if !v.CanAddr() {
		return false
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d.duration(n, v, path)
		return true
	}
	fields := n.Kind == yaml.MappingNode && v.Kind() == reflect.Struct && d.structOf(v.Type()).tagged
	if u, ok := v.Addr().Interface().(json.Unmarshaler); ok && !fields {
		data, ok := toJSON(n)
		if !ok {
			d.mismatch(n, path, wanted(v.Type()), "")
		} else if isQuantity(v.Type()) && endless(data) {
			d.leafError(n, v.Type(), path, errEndless)
		} else if err := u.UnmarshalJSON(data); err != nil {
			d.leafError(n, v.Type(), path, err)
		}
		return true
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok && n.Kind == yaml.ScalarNode {
		if err := u.UnmarshalText([]byte(n.Value)); err != nil {
			d.leafError(n, v.Type(), path, err)
		}
		return true
	}
	return false
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.mismatch(n, path, "a mapping", "")
		return
	}
	d.checkKeys(n, path)
	info := d.structOf(v.Type())
	for _, e := range entries(n) {
		name := resolve(e.key).Value
		index, ok := info.fields[name]
		if !ok {
			d.add(e.key, Problem{
				Path: keyPath(path, name), Text: "unknown field " + quote(name), Hint: d.suggest(name, v.Type()), Class: ClassField,
			})
			continue
		}
		d.value(e.value, fieldByIndex(v, index), keyPath(path, name))
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.mismatch(n, path, "a mapping", "")
		return
	}
	if v.Type().Key().Kind() != reflect.String {
		d.report(n, path, prefixed(path, "a mapping cannot stand here"), "")
		return
	}
	d.checkKeys(n, path)
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, e := range entries(n) {
		key := resolve(e.key)
		text, ok := keyText(key)
		if tag := scalarTag(key); !ok || tag == tagBool {
			d.report(e.key, path, prefixed(path, "expected a text as key, found "+describe(key)), "quote it: "+quote(key.Value))
			continue
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(e.value, elem, keyPath(path, text))
		v.SetMapIndex(reflect.ValueOf(text).Convert(v.Type().Key()), elem)
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		data, err := base64.StdEncoding.DecodeString(n.Value)
		if n.Kind != yaml.ScalarNode || scalarTag(n) != tagText || err != nil {
			d.mismatch(n, path, "base64", "")
			return
		}
		v.SetBytes(data)
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.mismatch(n, path, "a list", `begin each entry with "- "`)
		return
	}
	s := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		d.value(c, s.Index(i), indexPath(path, i))
	}
	v.Set(s)
}

// anything decodes into an interface, as encoding/json would.
func (d *decoder) anything(n *yaml.Node, v reflect.Value, path string) {
	if v.NumMethod() > 0 {
		d.report(n, path, prefixed(path, "a value cannot stand here"), "")
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := reflect.ValueOf(&map[string]any{}).Elem()
		d.mapping(n, m, path)
		v.Set(m)
	case yaml.SequenceNode:
		l := reflect.ValueOf(&[]any{}).Elem()
		d.list(n, l, path)
		v.Set(l)
	default:
		if p, ok := plainScalar(n); ok {
			v.Set(reflect.ValueOf(p))
		} else {
			d.mismatch(n, path, "a finite number", "")
		}
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		if n.Kind != yaml.ScalarNode || scalarTag(n) != tagText {
			d.mismatch(n, path, "a text", quoteHint(n))
			return
		}
		v.SetString(n.Value)
	case reflect.Bool:
		b, ok := oldBool(n.Value)
		if n.Kind != yaml.ScalarNode || scalarTag(n) != tagBool || !ok {
			d.mismatch(n, path, "true or false", unquoteHint(n))
			return
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.integer(n, v, path)
	case reflect.Float32, reflect.Float64:
		f, ok := number(n)
		if n.Kind != yaml.ScalarNode || !ok || v.OverflowFloat(f) {
			d.mismatch(n, path, "a finite number", unquoteHint(n))
			return
		}
		v.SetFloat(f)
	default:
		d.report(n, path, prefixed(path, "a value cannot stand here"), "")
	}
}

func (d *decoder) integer(n *yaml.Node, v reflect.Value, path string) {
	i, ok := wholeNumber(n)
	if n.Kind != yaml.ScalarNode || !ok {
		d.mismatch(n, path, "an integer", unquoteHint(n))
		return
	}
	if v.CanInt() && i.IsInt64() && !v.OverflowInt(i.Int64()) {
		v.SetInt(i.Int64())
		return
	}
	if v.CanUint() && i.IsUint64() && !v.OverflowUint(i.Uint64()) {
		v.SetUint(i.Uint64())
		return
	}
	text := fmt.Sprintf("%s is out of range", clip(n.Value))
	low, high := bounds(v)
	d.report(n, path, prefixed(path, text), fmt.Sprintf("write an integer from %d to %d", low, high))
}

// bounds returns the range of an integer's type.
func bounds(v reflect.Value) (low int64, high uint64) {
	bits := v.Type().Bits()
	if v.CanUint() {
		return 0, math.MaxUint64 >> (64 - bits)
	}
	return math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits)
}

// duration reads a time.Duration; a bare number has no unit, so only 0 will do.
func (d *decoder) duration(n *yaml.Node, v reflect.Value, path string) {
	t, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		hint := ""
		if _, ok := number(n); n.Kind == yaml.ScalarNode && ok {
			hint = "write " + quote(strings.TrimSpace(n.Value)+"s") + " for seconds"
		}
		d.mismatch(n, path, "a duration such as 1m30s", hint)
		return
	}
	v.SetInt(int64(t))
}

// quoteHint helps where a text was meant and YAML sees something else.
func quoteHint(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || scalarTag(n) == tagText {
		return ""
	}
	return "quote it: " + quote(n.Value)
}

// unquoteHint helps where a number or boolean was quoted.
func unquoteHint(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
		return ""
	}
	var bare yaml.Node
	if yaml.Unmarshal([]byte(n.Value), &bare) != nil || len(bare.Content) != 1 {
		return ""
	}
	if tag := scalarTag(bare.Content[0]); tag == tagInt || tag == tagFloat || tag == tagBool {
		return "remove the quotes"
	}
	return ""
}
