// Package arch holds the test of the house's arrows: which package may import
// which.
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/elasticctl/elasticctl"
	root   = "../.."
)

// arrows lists every package of the house with the packages of the house that
// it may import. A package that is not listed may not exist.
var arrows = map[string][]string{
	"cmd/elasticctl": {
		"pkg/gen", "pkg/sim", "pkg/sim/hpa", "internal/yamlpos", "internal/manifest", "internal/scenario",
		"internal/series", "internal/query", "internal/fit", "internal/prom", "internal/tune", "internal/lint",
		"internal/report", "internal/git", "docs/rules",
	},
	"docs/rules":        {},
	"pkg/gen":           {},
	"pkg/sim":           {"pkg/sim/hpa"},
	"pkg/sim/hpa":       {},
	"internal/arch":     {},
	"internal/fit":      {"internal/series", "pkg/sim"},
	"internal/git":      {},
	"internal/lint":     {"internal/yamlpos", "internal/manifest", "internal/series", "internal/fit", "pkg/gen", "pkg/sim", "pkg/sim/hpa"},
	"internal/manifest": {"internal/yamlpos", "pkg/sim/hpa"},
	"internal/prom":     {"internal/series", "internal/manifest"},
	"internal/query":    {"internal/series"},
	"internal/report":   {"pkg/sim", "pkg/sim/hpa", "internal/tune", "internal/lint", "internal/fit", "internal/yamlpos"},
	"internal/scenario": {
		"internal/yamlpos", "internal/manifest", "internal/series", "internal/query", "internal/fit", "pkg/gen", "pkg/sim", "pkg/sim/hpa",
	},
	"internal/series":  {},
	"internal/tune":    {"pkg/sim", "pkg/sim/hpa"},
	"internal/yamlpos": {},
	"tools/mutate":     {},
	"web/wasm":         {"pkg/sim", "pkg/sim/hpa"},
	"e2e":              {},

	"examples/checkout/synthetic/generate": {"examples/checkout/synthetic"},
}

// planned are the listed packages that are not written yet.
var planned = []string{"internal/git", "internal/prom"}

// unlisted are trees whose packages are programs of their own: they may import
// nothing of the house.
var unlisted = []string{"examples"}

// TestArrows holds every import between packages of the house, whatever its
// build constraints, against the list. Tests may import what they like: a
// second opinion often lives on the other side.
func TestArrows(t *testing.T) {
	imports := houseImports(t)
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		allowed, listed := arrows[pkg]
		if !listed && !slices.ContainsFunc(unlisted, func(tree string) bool { return within(pkg, tree) }) {
			t.Errorf("package %s is not in the list of arrows; add it to %s, and to docs/layout.md", pkg, "internal/arch/arch_test.go")
		}
		for _, to := range imports[pkg] {
			if !slices.Contains(allowed, to) {
				t.Errorf("package %s imports %s: there is no such arrow", pkg, to)
			}
		}
	}
}

// TestListedPackagesExist keeps the list honest: a listed package is written,
// or planned by name.
func TestListedPackagesExist(t *testing.T) {
	imports := houseImports(t)
	for _, pkg := range slices.Sorted(maps.Keys(arrows)) {
		switch _, exists := imports[pkg]; {
		case exists && slices.Contains(planned, pkg):
			t.Errorf("package %s exists: it is no longer planned", pkg)
		case !exists && !slices.Contains(planned, pkg):
			t.Errorf("package %s is listed but does not exist", pkg)
		}
	}
}

// TestLayoutNamesEveryPackage holds docs/layout.md to the list.
func TestLayoutNamesEveryPackage(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(root, "docs", "layout.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range slices.Sorted(maps.Keys(arrows)) {
		named := strings.Contains(string(doc), "| `"+pkg+"` |")
		if named == slices.Contains(planned, pkg) && !within(pkg, "examples") {
			t.Errorf("docs/layout.md names %s: %t", pkg, named)
		}
	}
}

// reach lists, for the packages that must stay light, what they may reach
// through any number of imports: packages of the house exactly, other modules
// by prefix; and what they must not reach at all, also by prefix.
var reach = []struct {
	pkg    string
	house  []string
	others []string
	never  []string
}{
	{
		pkg:   "pkg/sim/hpa",
		never: []string{"fmt", "encoding", "net", "os", "reflect", "io", "math/rand"},
	},
	{
		pkg:   "pkg/sim",
		house: []string{"pkg/sim/hpa"},
		never: []string{"fmt", "encoding/json", "net", "os", "reflect"},
	},
	{
		pkg: "pkg/gen",
		others: []string{
			"k8s.io/api", "k8s.io/apimachinery", "sigs.k8s.io/yaml", "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring",
			// What those import themselves.
			"k8s.io/klog/v2", "k8s.io/kube-openapi", "k8s.io/utils", "sigs.k8s.io/json", "sigs.k8s.io/randfill", "sigs.k8s.io/structured-merge-diff",
			"github.com/fxamacker/cbor/v2", "github.com/x448/float16", "github.com/go-logr/logr", "github.com/json-iterator/go",
			"github.com/modern-go", "go.yaml.in/yaml", "gopkg.in/inf.v0", "golang.org/x/net", "golang.org/x/text",
		},
		never: []string{"k8s.io/client-go", "k8s.io/kubernetes"},
	},
	{
		pkg: "internal/series",
		others: []string{
			"github.com/prometheus/prometheus/model", "github.com/prometheus/prometheus/tsdb", "github.com/prometheus/common",
			// What those import themselves.
			"github.com/prometheus/client_model", "github.com/cespare/xxhash/v2", "github.com/gogo/protobuf", "github.com/grafana/regexp",
			"github.com/dennwc/varint", "github.com/prometheus/prometheus/prompb", "github.com/prometheus/prometheus/schema",
			"golang.org/x/text", "google.golang.org/protobuf",
		},
		never: []string{
			"github.com/prometheus/prometheus/promql", "github.com/prometheus/prometheus/config", "github.com/prometheus/prometheus/storage/remote",
			"k8s.io",
		},
	},
	{
		pkg:   "internal/tune",
		house: []string{"pkg/sim", "pkg/sim/hpa"},
		never: []string{"net", "os"},
	},
}

// TestReach asserts the transitive imports of the packages that must stay
// light.
func TestReach(t *testing.T) {
	houseImports(t) // reads every source, so that a cached result is never stale
	for _, r := range reach {
		t.Run(r.pkg, func(t *testing.T) {
			if slices.Contains(planned, r.pkg) {
				t.Skip("planned, not written yet")
			}
			for _, dep := range dependencies(t, r.pkg) {
				if !allows(r.house, r.others, r.pkg, dep) || anyWithin(dep.ImportPath, r.never) {
					t.Errorf("%s reaches %s", r.pkg, dep.ImportPath)
				}
			}
		})
	}
}

// TestStepImportsLittle asserts the direct imports of the controller's step.
func TestStepImportsLittle(t *testing.T) {
	allowed := []string{"cmp", "errors", "math", "slices", "strconv", "time"}
	for _, imp := range sourceImports(t, "pkg/sim/hpa") {
		if !slices.Contains(allowed, imp) {
			t.Errorf("pkg/sim/hpa imports %s; it may import %s", imp, strings.Join(allowed, ", "))
		}
	}
}

// dependency is what go list tells about one package.
type dependency struct {
	ImportPath string
	Standard   bool
}

// allows says whether a package may be reached: the standard library always,
// the house and other modules as listed.
func allows(house, others []string, from string, dep dependency) bool {
	if dep.Standard || dep.ImportPath == module+"/"+from {
		return true
	}
	if rel, ok := strings.CutPrefix(dep.ImportPath, module+"/"); ok {
		return slices.Contains(house, rel)
	}
	return anyWithin(dep.ImportPath, others)
}

// dependencies lists the transitive imports of a package, itself included.
func dependencies(t *testing.T, pkg string) []dependency {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard", "./"+pkg)
	cmd.Dir = root
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var deps []dependency
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var dep dependency
		err := dec.Decode(&dep)
		if errors.Is(err, io.EOF) {
			return deps
		}
		if err != nil {
			t.Fatal(err)
		}
		deps = append(deps, dep)
	}
}

// houseImports maps every package directory of the module to the packages of
// the house that its sources import, tests left out.
func houseImports(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(name, root), string(filepath.Separator)))
		if rel != "" && skipDir(name, entry.Name()) {
			return fs.SkipDir
		}
		if sources := goFiles(t, rel); len(sources) > 0 {
			imports[rel] = inHouse(sourceImports(t, rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

// skipDir says whether a directory holds no package of this module.
func skipDir(name, base string) bool {
	if base == "testdata" || base == "bin" || base == "dist" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	return err == nil
}

// goFiles lists the Go sources of a directory of the module.
func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// sourceImports lists what the sources of a package import, tests left out.
func sourceImports(t *testing.T, dir string) []string {
	t.Helper()
	set := map[string]bool{}
	for _, name := range goFiles(t, dir) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, spec := range file.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			set[imp] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// inHouse keeps the imports that belong to this module, relative to it.
func inHouse(imports []string) []string {
	var in []string
	for _, imp := range imports {
		if rel, ok := strings.CutPrefix(imp, module+"/"); ok {
			in = append(in, rel)
		}
	}
	return in
}

// within says whether pkg is tree or lies below it.
func within(pkg, tree string) bool {
	return pkg == tree || strings.HasPrefix(pkg, tree+"/")
}

// anyWithin says whether pkg lies in one of the trees.
func anyWithin(pkg string, trees []string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool { return within(path.Clean(pkg), tree) })
}
