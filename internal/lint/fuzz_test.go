package lint_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/report"
	recordings "github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// FuzzCheck lints whatever it is given: no input may break it, every finding has
// a rule that exists, and the same input gives the same text.
func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(examples, "*", "*.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	rec, err := recordings.Read(filepath.Join(examples, "data-max-saturated"), filepath.Join(examples, "data-metric-absent"), filepath.Join(examples, "sm-sample-limit"))
	if err != nil {
		f.Fatal(err)
	}
	known := map[string]bool{}
	for _, rule := range lint.Rules() {
		known[rule.ID] = true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 16<<10 {
			return
		}
		var texts [2]string
		for i := range texts {
			r, err := lint.Check(
				&lint.Input{Paths: []string{"-"}, Stdin: bytes.NewReader(data)},
				lint.Options{Tier: lint.All, Profile: hpa.LatestProfile(), Complete: true, Recording: rec},
			)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range r.Findings {
				if !known[found.Rule] || found.Message == "" {
					t.Errorf("%+v", found)
				}
			}
			var b bytes.Buffer
			if err := report.LintText(&b, r, report.Style{Verbose: true}); err != nil {
				t.Fatal(err)
			}
			texts[i] = b.String()
		}
		if texts[0] != texts[1] {
			t.Errorf("once\n%s\nand then\n%s", texts[0], texts[1])
		}
	})
}
