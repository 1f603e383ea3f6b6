package yamlpos

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxProblems is how many problems one Decode reports.
const maxProblems = 100

// Decode reads the document into the object that into points to, by its json
// tags. Unknown fields, duplicate keys, values of the wrong type or out of
// range are Problems, all of them at once, with a hint where one is known.
// Fields that could be read are set even then, unless there are more than a hundred
// problems. Absent fields and nulls leave
// into as it is, so it may hold defaults.
//
// Field names match exactly, as in the Kubernetes API. A type's own UnmarshalJSON
// or UnmarshalText decides about its values, and its error gets their position
// (and, if it has a method Hint() string, a hint). There is one exception: a
// struct that has json tags and is written as a mapping is decoded field by
// field, so its UnmarshalJSON serves short forms only. A time.Duration is
// written as "1m30s".
func (d *Document) Decode(into any) error { return new(Types).Decode(d, into) }

// Decode is Document.Decode.
func (t *Types) Decode(d *Document, into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("yamlpos: cannot decode into %T: not a pointer", into)
	}
	dec := decoder{file: d.File, index: d.index, types: t}
	dec.value(d.root(), v.Elem(), t.of(v.Type().Elem()), &trail{name: d.prefix})
	dec.problems.Sort()
	return dec.problems.Err()
}

type decoder struct {
	file     string
	index    int // the document's
	types    *Types
	problems Problems
}

// full says that no more problems will be reported: what is left is not read.
func (d *decoder) full() bool { return len(d.problems) > maxProblems }

// report adds a problem with a value; see add.
func (d *decoder) report(n *yaml.Node, at *trail, text, hint string) {
	d.add(n, Problem{Path: at.path(), Text: text, Hint: hint, Class: ClassType})
}

// add adds a problem at a node's own position, one for each position: a mistake
// inside a merged or aliased value is reported once, where it is written.
func (d *decoder) add(n *yaml.Node, problem Problem) {
	pos := nodePosition(n)
	pos.File = d.file
	if d.full() {
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
func (d *decoder) mismatch(n *yaml.Node, at *trail, expected, hint string) {
	d.report(n, at, at.prefixed("expected "+expected+", found "+describe(n)), hint)
}

// value decodes one value. The nodes it sees have been checked by Parse: their
// depth and what aliases expand to are bounded.
func (d *decoder) value(n *yaml.Node, v reflect.Value, info *typeInfo, at *trail) {
	n = resolve(n)
	if n.Kind == yaml.ScalarNode {
		switch scalarTag(n) {
		case tagUnknown:
			d.report(n, at, at.prefixed("unknown tag "+clip(n.ShortTag())), "remove it")
			return
		case tagNull:
			return
		}
	}
	for info.kind == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(info.elem.typ))
		}
		v, info = v.Elem(), info.elem
	}
	if d.custom(n, v, info, at) {
		return
	}
	switch info.kind {
	case reflect.Struct:
		d.structure(n, v, info, at)
	case reflect.Map:
		d.mapping(n, v, info, at)
	case reflect.Slice:
		d.list(n, v, info, at)
	case reflect.Interface:
		d.anything(n, v, at)
	default:
		d.scalar(n, v, info, at)
	}
}

// custom lets a type that knows how to read itself do so.
func (d *decoder) custom(n *yaml.Node, v reflect.Value, info *typeInfo, at *trail) bool {
	if info.reads == readsFields || !v.CanAddr() {
		return false
	}
	switch {
	case info.reads == readsDuration:
		d.duration(n, v, at)
	case info.reads&readsJSON != 0 && (n.Kind != yaml.MappingNode || !info.tagged):
		d.unmarshal(n, v.Addr().Interface().(json.Unmarshaler), info, at)
	case info.reads&readsText != 0 && n.Kind == yaml.ScalarNode:
		u := v.Addr().Interface().(encoding.TextUnmarshaler)
		if err := u.UnmarshalText([]byte(n.Value)); err != nil {
			d.leafError(n, info.typ, at, err)
		}
	default:
		return false
	}
	return true
}

// unmarshal lets a type read itself from JSON.
func (d *decoder) unmarshal(n *yaml.Node, u json.Unmarshaler, info *typeInfo, at *trail) {
	data, ok := toJSON(n)
	if !ok {
		d.mismatch(n, at, wanted(info.typ), "")
	} else if info.quantity && endless(data) {
		d.leafError(n, info.typ, at, errEndless)
	} else if err := u.UnmarshalJSON(data); err != nil {
		d.leafError(n, info.typ, at, err)
	}
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, info *typeInfo, at *trail) {
	if n.Kind != yaml.MappingNode {
		d.mismatch(n, at, "a mapping", "")
		return
	}
	for key, value := range d.fields(n, at) {
		if d.full() {
			return
		}
		name := resolve(key).Value
		f, ok := info.fields[name]
		if !ok {
			d.add(key, Problem{
				Path: at.key(name).path(), Text: "unknown field " + quote(name), Hint: info.suggest(name), Class: ClassField,
				Edit: d.misspelt(n, key, info, at),
			})
			continue
		}
		was := len(d.problems)
		d.value(value, fieldByIndex(v, f.index), f.info, at.key(name))
		if name == "value" && len(d.problems) > was {
			d.quotable(value, f.info, at.key(name))
		}
	}
}

// fields gives the fields of a mapping, having reported what is wrong with its keys.
func (d *decoder) fields(n *yaml.Node, at *trail) iter.Seq2[*yaml.Node, *yaml.Node] {
	if !isPlain(n) {
		d.checkKeys(n, at)
	}
	return fields(n)
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, info *typeInfo, at *trail) {
	if n.Kind != yaml.MappingNode {
		d.mismatch(n, at, "a mapping", "")
		return
	}
	if info.typ.Key().Kind() != reflect.String {
		d.report(n, at, at.prefixed("a mapping cannot stand here"), "")
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMapWithSize(info.typ, len(n.Content)/2))
	}
	texts, _ := v.Interface().(map[string]string) // what most maps are
	elem := reflect.New(info.elem.typ).Elem()
	for key, value := range d.fields(n, at) {
		if d.full() {
			return
		}
		text, ok := d.mapKey(key, at)
		if !ok {
			continue
		}
		elem.SetZero()
		was := len(d.problems)
		if d.value(value, elem, info.elem, at.key(text)); len(d.problems) > was {
			d.quotable(value, info.elem, at.key(text))
		}
		if texts != nil {
			texts[text] = elem.String()
		} else {
			v.SetMapIndex(reflect.ValueOf(text).Convert(info.typ.Key()), elem)
		}
	}
}

// mapKey reads a map's key.
func (d *decoder) mapKey(key *yaml.Node, at *trail) (text string, ok bool) {
	n := resolve(key)
	text, ok = keyText(n)
	if tag := scalarTag(n); !ok || tag == tagBool {
		d.report(key, at, at.prefixed("expected a text as key, found "+describe(n)), "quote it: "+quote(n.Value))
		return "", false
	}
	return text, true
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, info *typeInfo, at *trail) {
	if info.elem.kind == reflect.Uint8 {
		data, err := base64.StdEncoding.DecodeString(n.Value)
		if n.Kind != yaml.ScalarNode || scalarTag(n) != tagText || err != nil {
			d.mismatch(n, at, "base64", "")
			return
		}
		v.SetBytes(data)
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.mismatch(n, at, "a list", `begin each entry with "- "`)
		return
	}
	s := reflect.MakeSlice(info.typ, len(n.Content), len(n.Content))
	for i, c := range n.Content {
		if d.full() {
			break
		}
		was, entry := len(d.problems), &trail{before: at, index: i}
		if d.value(c, s.Index(i), info.elem, entry); len(d.problems) > was {
			d.quotable(c, info.elem, entry)
		}
	}
	v.Set(s)
}

// anything decodes into an interface, as encoding/json would.
func (d *decoder) anything(n *yaml.Node, v reflect.Value, at *trail) {
	if v.NumMethod() > 0 {
		d.report(n, at, at.prefixed("a value cannot stand here"), "")
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := reflect.ValueOf(&map[string]any{}).Elem()
		d.mapping(n, m, d.types.of(m.Type()), at)
		v.Set(m)
	case yaml.SequenceNode:
		l := reflect.ValueOf(&[]any{}).Elem()
		d.list(n, l, d.types.of(l.Type()), at)
		v.Set(l)
	default:
		if p, ok := plainScalar(n); ok {
			v.Set(reflect.ValueOf(p))
		} else {
			d.mismatch(n, at, "a finite number", "")
		}
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, info *typeInfo, at *trail) {
	switch info.kind {
	case reflect.String:
		if n.Kind != yaml.ScalarNode || scalarTag(n) != tagText {
			d.mismatch(n, at, "a text", quoteHint(n))
			return
		}
		v.SetString(n.Value)
	case reflect.Bool:
		b, ok := oldBool(n.Value)
		if n.Kind != yaml.ScalarNode || scalarTag(n) != tagBool || !ok {
			d.mismatch(n, at, "true or false", unquoteHint(n))
			d.unquotable(n, at)
			return
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.integer(n, v, at)
	case reflect.Float32, reflect.Float64:
		f, ok := number(n)
		if n.Kind != yaml.ScalarNode || !ok || v.OverflowFloat(f) {
			d.mismatch(n, at, "a finite number", unquoteHint(n))
			return
		}
		v.SetFloat(f)
	default:
		d.report(n, at, at.prefixed("a value cannot stand here"), "")
	}
}

func (d *decoder) integer(n *yaml.Node, v reflect.Value, at *trail) {
	if short, ok := shortInt(n); ok && v.CanInt() && !v.OverflowInt(short) {
		v.SetInt(short)
		return
	}
	i, ok := wholeNumber(n)
	if n.Kind != yaml.ScalarNode || !ok {
		d.mismatch(n, at, "an integer", integerHint(n, at.name))
		d.unquotable(n, at)
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
	d.report(n, at, at.prefixed(text), fmt.Sprintf("write an integer from %d to %d", low, high))
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
func (d *decoder) duration(n *yaml.Node, v reflect.Value, at *trail) {
	t, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		hint := ""
		if _, ok := number(n); n.Kind == yaml.ScalarNode && ok {
			hint = "write " + quote(strings.TrimSpace(n.Value)+"s") + " for seconds"
		}
		d.mismatch(n, at, "a duration such as 1m30s", hint)
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
