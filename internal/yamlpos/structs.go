package yamlpos

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"time"
)

// Types remembers what the types that it decodes into look like, for callers
// that decode many documents, also at the same time. Its zero value is ready.
type Types struct {
	mutex sync.RWMutex
	known map[reflect.Type]*typeInfo
}

// typeInfo is how values of a type are read.
type typeInfo struct {
	typ   reflect.Type
	kind  reflect.Kind
	reads reads
	// quantity says that it is a resource.Quantity.
	quantity bool
	// elem is what a pointer, slice or map holds.
	elem *typeInfo
	// fields are those of a struct by their JSON names, names lists them in order of
	// declaration, both with inlined structs' fields.
	fields map[string]field
	names  []string
	// tagged says that at least one field has a json name.
	tagged bool
}

// field is a field of a struct, and the way to it.
type field struct {
	index []int
	info  *typeInfo
}

// reads says how a type reads itself.
type reads uint8

const (
	readsFields   reads = 0
	readsDuration reads = 1 << iota
	readsJSON
	readsText
)

// of returns what is known of a type. All that it holds is known then, too, and
// does not change any more.
func (t *Types) of(typ reflect.Type) *typeInfo {
	t.mutex.RLock()
	info := t.known[typ]
	t.mutex.RUnlock()
	if info != nil {
		return info
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.known == nil {
		t.known = map[reflect.Type]*typeInfo{}
	}
	return t.learn(typ)
}

// learn is of; it holds the lock.
func (t *Types) learn(typ reflect.Type) *typeInfo {
	if info := t.known[typ]; info != nil {
		return info
	}
	info := &typeInfo{typ: typ, kind: typ.Kind(), quantity: isQuantity(typ)}
	t.known[typ] = info
	pointer := reflect.PointerTo(typ)
	if pointer.Implements(reflect.TypeFor[json.Unmarshaler]()) {
		info.reads |= readsJSON
	}
	if pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		info.reads |= readsText
	}
	if typ == reflect.TypeFor[time.Duration]() {
		info.reads = readsDuration
	}
	switch info.kind {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		info.elem = t.learn(typ.Elem())
	case reflect.Struct:
		info.fields = map[string]field{}
		info.collect(typ, nil, map[reflect.Type]bool{})
		for name, f := range info.fields {
			f.info = t.learn(typ.FieldByIndex(f.index).Type)
			info.fields[name] = f
		}
	default: // nothing is below it
	}
	return info
}

// collect finds the fields of a struct type by the rules of encoding/json: an
// embedded struct without a name is inlined, and of two fields of one name the
// shallower counts.
func (s *typeInfo) collect(t reflect.Type, at []int, open map[reflect.Type]bool) {
	if open[t] {
		return
	}
	open[t] = true
	defer delete(open, t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		index := append(append([]int{}, at...), i)
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tag == "-":
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			if f.IsExported() || inner == f.Type { // no one can set a hidden pointer
				s.collect(inner, index, open)
			}
		case f.IsExported():
			s.tagged = s.tagged || name != ""
			if name == "" {
				name = f.Name
			}
			s.add(name, index)
		}
	}
}

func (s *typeInfo) add(name string, index []int) {
	before, ok := s.fields[name]
	if !ok {
		s.names = append(s.names, name)
	}
	if !ok || len(index) < len(before.index) {
		s.fields[name] = field{index: index}
	}
}

// fieldByIndex is reflect's, but makes embedded pointers on the way.
func fieldByIndex(v reflect.Value, index []int) reflect.Value {
	if len(index) == 1 {
		return v.Field(index[0])
	}
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}
