package gen_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

// TestEveryGeneratedFieldHasAnOrigin goes through every value of every golden: what
// the spec decides points into it, below a field that there is.
func TestEveryGeneratedFieldHasAnOrigin(t *testing.T) {
	// What is the same for every service.
	constant := []string{
		".apiVersion", ".kind", ".strategy.", ".containers[0].name", ".unhealthyPodEvictionPolicy",
	}
	for name, spec := range specs(t) {
		service := decoded(t, spec)
		for _, o := range service.Objects() {
			for path := range leaves(t, o.Value) {
				origin := service.Origin(o.Kind, path)
				if origin == "spec" && !slices.ContainsFunc(constant, func(c string) bool { return strings.Contains("."+path, c) }) {
					t.Errorf("%s: %s %s comes from nowhere", name, o.Kind, path)
				}
				if !isField(reflect.TypeFor[gen.ElasticService](), origin) {
					t.Errorf("%s: %s %s comes from %s, which is no field of a spec", name, o.Kind, path, origin)
				}
			}
		}
	}
}

// TestWhatChangesInTheSpecIsTheOriginOfWhatChanges changes every value that a
// golden spec has, one at a time: of the generated values that change with it, one
// at least comes from there.
func TestWhatChangesInTheSpecIsTheOriginOfWhatChanges(t *testing.T) {
	series := []string{"spec.monitoring.requests", "spec.monitoring.status", "spec.monitoring.durations", "spec.monitoring.inFlight"}
	for name, spec := range specs(t) {
		before := decoded(t, spec)
		was := generatedValues(t, before)
		for path, value := range leaves(t, tree(t, spec)) {
			// What tune searches is in no object, and the names of series are in the
			// expressions of alerts, which their objectives decide about.
			if strings.Contains(path, ".search") || slices.Contains(series, path) {
				continue
			}
			changed := decodedTree(t, with(t, spec, path, other(value)))
			if changed == nil || len(changed.Validate()) > 0 {
				continue
			}
			var all []string
			hit := false
			for at, now := range generatedValues(t, changed) {
				if was[at] == now {
					continue
				}
				kind, field, _ := strings.Cut(at, " ")
				origin := changed.Origin(kind, field)
				all = append(all, at+" from "+origin)
				hit = hit || strings.HasPrefix(path, origin) || strings.HasPrefix(origin, path)
			}
			if len(all) > 0 && !hit {
				slices.Sort(all)
				t.Errorf("%s: %s changes\n%s", name, path, strings.Join(all, "\n"))
			}
		}
	}
}

func specs(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../testdata/gen/*/service.yaml")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	all := map[string][]byte{}
	for _, file := range append(files, "../../examples/checkout/service.yaml") {
		if all[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func decoded(t *testing.T, spec []byte) *gen.ElasticService {
	t.Helper()
	s := decodedTree(t, tree(t, spec))
	if s == nil {
		t.Fatal("not a spec")
	}
	return s
}

func tree(t *testing.T, spec []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := yaml.Unmarshal(spec, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// decodedTree is nil for what is no spec.
func decodedTree(t *testing.T, v any) *gen.ElasticService {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	s := &gen.ElasticService{}
	if json.Unmarshal(data, s) != nil {
		return nil
	}
	s.Default()
	return s
}

// leaves are the values of an object by their field paths.
func leaves(t *testing.T, object any) map[string]any {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	delete(v, "status")
	all := map[string]any{}
	walk("", v, all)
	return all
}

func walk(path string, v any, all map[string]any) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			at := strings.TrimPrefix(path+"."+key, ".")
			if strings.ContainsAny(key, "./") {
				at = path + "[" + key + "]"
			}
			walk(at, value, all)
		}
	case []any:
		for i, value := range v {
			walk(fmt.Sprintf("%s[%d]", path, i), value, all)
		}
	case nil:
	default:
		all[path] = v
	}
}

// generatedValues are all values of all objects, by kind and path.
func generatedValues(t *testing.T, s *gen.ElasticService) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, o := range s.Objects() {
		for path, value := range leaves(t, o.Value) {
			all[o.Kind+" "+path] = value
		}
	}
	return all
}

// other is another value of the same kind.
func other(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Int64()
		return n + 1
	case bool:
		return !v
	}
	text := v.(string)
	for _, swap := range [][2]string{{"0", "1"}, {"5", "6"}, {"2", "3"}, {"a", "b"}, {"e", "a"}, {"1", "2"}} {
		if strings.Contains(text, swap[0]) {
			return strings.Replace(text, swap[0], swap[1], 1)
		}
	}
	return text + "a"
}

// with is a spec with another value at a path.
func with(t *testing.T, spec []byte, path string, value any) map[string]any {
	t.Helper()
	v := tree(t, spec)
	var at any = v
	steps := strings.FieldsFunc(strings.NewReplacer("].", "\x00", "[", "\x00", "]", "").Replace(path), func(r rune) bool { return r == 0 })
	var keys []string
	for _, s := range steps {
		if strings.Contains(s, "/") || strings.Contains(s, "kubernetes") {
			keys = append(keys, s)
			continue
		}
		keys = append(keys, strings.Split(s, ".")...)
	}
	for i, key := range keys {
		last := i == len(keys)-1
		switch have := at.(type) {
		case map[string]any:
			if last {
				have[key] = value
			}
			at = have[key]
		case []any:
			var n int
			if _, err := fmt.Sscan(key, &n); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if last {
				have[n] = value
			}
			at = have[n]
		default:
			t.Fatalf("%s leads nowhere", path)
		}
	}
	return v
}

// isField says whether a path names a field of a type.
func isField(typ reflect.Type, path string) bool {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if path == "" {
		return true
	}
	if path[0] == '[' {
		_, rest, _ := strings.Cut(path, "]")
		return (typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map) && isField(typ.Elem(), strings.TrimPrefix(rest, "."))
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	name, rest := path[:end], strings.TrimPrefix(path[end:], ".")
	switch typ.Kind() {
	case reflect.Map:
		return isField(typ.Elem(), rest)
	case reflect.Struct:
		for i := range typ.NumField() {
			f := typ.Field(i)
			if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag == name {
				return isField(f.Type, rest)
			} else if f.Anonymous && isField(f.Type, path) {
				return true
			}
		}
	default:
		return typ.Kind() == reflect.Interface
	}
	return false
}
