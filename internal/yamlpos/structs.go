package yamlpos

import (
	"reflect"
	"strings"
)

// structInfo is what a struct type looks like in JSON.
type structInfo struct {
	// fields maps a JSON name to the way to the field, names lists them in
	// order of declaration, both with inlined structs' fields.
	fields map[string][]int
	names  []string
	// tagged says that at least one field has a json name.
	tagged bool
}

// structOf returns the fields of a struct type by the rules of encoding/json:
// an embedded struct without a name is inlined, and of two fields of one name
// the shallower counts.
func (d *decoder) structOf(t reflect.Type) *structInfo {
	if known, ok := d.types.structs.Load(t); ok {
		return known.(*structInfo)
	}
	info := &structInfo{fields: map[string][]int{}}
	info.collect(t, nil, map[reflect.Type]bool{})
	d.types.structs.Store(t, info)
	return info
}

func (s *structInfo) collect(t reflect.Type, at []int, open map[reflect.Type]bool) {
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

func (s *structInfo) add(name string, index []int) {
	before, ok := s.fields[name]
	if !ok {
		s.names = append(s.names, name)
	}
	if !ok || len(index) < len(before) {
		s.fields[name] = index
	}
}

// fieldByIndex is reflect's, but makes embedded pointers on the way.
func fieldByIndex(v reflect.Value, index []int) reflect.Value {
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
