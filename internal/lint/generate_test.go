package lint_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// TestWhatGenerateWritesLintsClean lints the goldens of generate in all tiers,
// each directory as all there is. What a spec asks for in so many words is found
// all the same.
func TestWhatGenerateWritesLintsClean(t *testing.T) {
	asked := map[string][]string{
		// One pod at night, no preStop, no spread.
		"single": {"hpa-min-low", "wl-prestop-missing", "wl-topology-spread"},
		// Secrets are kept elsewhere, and so is who may read them.
		"keda": {"keda-auth-ref-missing"},
	}
	dirs, err := filepath.Glob("../../testdata/gen/*/out")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, dir := range dirs {
		name := filepath.Base(filepath.Dir(dir))
		lintsClean(t, name, dir, asked[name])
		// The spec itself has the same findings, all of them in it.
		lintsClean(t, name, filepath.Join(filepath.Dir(dir), "service.yaml"), asked[name])
		// Beside what is generated of it, it adds none.
		r, err := lint.Check(&lint.Input{Paths: []string{filepath.Dir(dir)}}, lint.Options{Tier: lint.All, Profile: hpa.LatestProfile()})
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Findings {
			if f := &r.Findings[i]; filepath.Base(f.File) == "service.yaml" {
				t.Errorf("%s: twice: %s: %s", name, f.Position, f.Message)
			}
		}
	}
}

// TestTheExampleLintsClean does the same with what generate makes of the example.
func TestTheExampleLintsClean(t *testing.T) {
	b := checkout(t)
	file := filepath.Join(t.TempDir(), "checkout.yaml")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	lintsClean(t, "checkout", file, nil)
	lintsClean(t, "checkout", "../../examples/checkout/service.yaml", nil)
}

// lintsClean lints a directory, which should have findings of these rules and no
// others.
func lintsClean(t *testing.T, name, dir string, asked []string) {
	t.Helper()
	r, err := lint.Check(&lint.Input{Paths: []string{dir}}, lint.Options{Tier: lint.All, Profile: hpa.LatestProfile(), Complete: true})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for i := range r.Findings {
		f := &r.Findings[i]
		if !slices.Contains(asked, f.Rule) {
			t.Errorf("%s: %s: %s [%s]", name, f.Position, f.Message, f.Rule)
		}
		found = append(found, f.Rule)
	}
	for _, id := range asked {
		if !slices.Contains(found, id) {
			t.Errorf("%s: %s is not found", name, id)
		}
	}
}

// checkout is what generate makes of the example.
func checkout(t *testing.T) *bytes.Buffer {
	t.Helper()
	data, err := os.ReadFile("../../examples/checkout/service.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := yamlpos.Parse("service.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	var service gen.ElasticService
	if err := docs[0].Decode(&service); err != nil {
		t.Fatal(err)
	}
	service.Default()
	b := &bytes.Buffer{}
	if err := gen.Encode(b, service.Objects(), gen.YAML); err != nil {
		t.Fatal(err)
	}
	return b
}
