package scenario

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fieldPaths lists the field paths of a struct type of this package, as
// docs/simulation.md writes them.
func fieldPaths(t reflect.Type, prefix string) []string {
	var paths []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		path := strings.TrimPrefix(prefix+"."+name, ".")
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice && inner.Name() == "" {
			if inner.Kind() == reflect.Slice && inner.Elem().PkgPath() == t.PkgPath() {
				paths = append(paths, path)
				path += "[]"
			}
			inner = inner.Elem()
		}
		if inner.Kind() != reflect.Struct || inner.PkgPath() != t.PkgPath() || inner.Name() == "NotReady" || inner.Name() == "Delay" || inner.Name() == "Rollout" {
			paths = append(paths, path)
			continue
		}
		if inner.Name() == "Edit" {
			paths = append(paths, path)
		}
		paths = append(paths, fieldPaths(inner, path)...)
	}
	return paths
}

func TestDocsListEveryFieldOfSimulation(t *testing.T) {
	data, err := os.ReadFile("../../docs/simulation.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(data), -1) {
		documented = append(documented, m[1])
	}
	// Lists of structs stand in the table by their entries' fields alone.
	typed := slices.DeleteFunc(fieldPaths(reflect.TypeFor[Simulation](), ""), func(p string) bool {
		return p == "spec.demand" || p == "spec.faults"
	})
	for _, p := range typed {
		if !slices.Contains(documented, p) {
			t.Errorf("docs/simulation.md does not document %s", p)
		}
	}
	for _, p := range documented {
		if !slices.Contains(typed, p) {
			t.Errorf("docs/simulation.md documents %s, which does not exist", p)
		}
	}
}
