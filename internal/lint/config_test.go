package lint_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// TestSchemaIsThatOfTheConfiguration holds the committed schema to the types.
func TestSchemaIsThatOfTheConfiguration(t *testing.T) {
	r := &jsonschema.Reflector{Anonymous: true}
	if err := r.AddGoComments("github.com/elasticctl/elasticctl/internal/lint", ".", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	for key, text := range r.CommentMap {
		r.CommentMap[key] = strings.Join(strings.Fields(text), " ")
	}
	s := r.Reflect(&lint.Config{})
	s.ID = "https://raw.githubusercontent.com/elasticctl/elasticctl/main/internal/lint/config.schema.json"
	s.Title = "elasticctl's configuration"
	var rules []any
	for _, rule := range lint.Rules() {
		rules = append(rules, rule.ID)
	}
	words := func(field string, list ...any) {
		p, ok := s.Definitions["Choices"].Properties.Get(field)
		if !ok {
			t.Fatalf("no field %s", field)
		}
		p.Enum = list
	}
	words("tier", "default", "recommended", "all")
	words("failOn", "error", "warning", "info", "never")
	severities, _ := s.Definitions["Choices"].Properties.Get("severities")
	severities.PropertyNames = &jsonschema.Schema{Enum: rules}
	severities.AdditionalProperties = &jsonschema.Schema{Enum: []any{"error", "warning", "info", "none"}}
	ids, _ := s.Definitions["Ignore"].Properties.Get("rules")
	ids.Items = &jsonschema.Schema{Enum: rules}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "config.schema.json", string(text)+"\n")
}

// TestSchemaAcceptsWhatIsReadAndRefusesTheRest: editors and elasticctl agree.
func TestSchemaAcceptsWhatIsReadAndRefusesTheRest(t *testing.T) {
	c := validator.NewCompiler()
	doc, err := validator.UnmarshalJSON(strings.NewReader(lint.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		text, wrong string
	}{
		{"lint: {tier: all, failOn: never, severities: {hpa-min-low: none}, limits: {minReplicas: 3}}", ""},
		{"lint:\n  ignore:\n  - {rules: [hpa-min-low], objects: ['Deployment */batch-*'], reason: night, until: 2027-01-31}", ""},
		{"lint: {severities: {hpa-min-lov: error}}", `:1:34: there is no rule "hpa-min-lov"; did you mean "hpa-min-low"?`},
		{"lint: {severities: {hpa-min-low: bad}}", `:1:34: no severity "bad"; write error, warning, info or none`},
		{"lint: {ignore: [{rules: [hpa-min-low]}]}", `:1:17: this suppression gives no reason; `},
		{"lint: {teir: all}", `:1:8: unknown field "teir"; did you mean "tier"?`},
		{"lint: {exclude: charts}", ":1:17: lint.exclude: expected a list, found "},
	} {
		file := filepath.Join(t.TempDir(), lint.ConfigFile)
		if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := lint.ReadConfig(file)
		switch {
		case tc.wrong == "" && err != nil, tc.wrong != "" && (err == nil || !strings.Contains(err.Error(), tc.wrong)):
			t.Errorf("%s: got %v, want %q", tc.text, err, tc.wrong)
		}
		var value any
		if err := yaml.Unmarshal([]byte(tc.text), &value); err != nil {
			t.Fatal(err)
		}
		// A reason of no words is the one thing that a schema does not see.
		if err := schema.Validate(value); (err != nil) != (tc.wrong != "") {
			t.Errorf("%s: the schema says %v", tc.text, err)
		}
	}
}

// A severity that a team chooses holds for what a rule finds worse or better than
// usual too, and not for what may exist elsewhere.
func TestSeveritiesOfATeam(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, lint.ConfigFile)
	if err := os.WriteFile(config, []byte("lint: {severities: {pdb-blocks-all: info, hpa-target-missing: error}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := lint.ReadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "web.yaml")
	for _, tc := range []struct{ text, rule string }{
		{strings.Join([]string{scale(), run("Deployment", "", onePod), protect(", maxUnavailable: 0")}, "\n---\n"), "pdb-blocks-all"},
		{scale(), "hpa-target-missing"},
	} {
		if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := lint.Check(&lint.Input{Paths: []string{file}}, lint.Options{Profile: hpa.LatestProfile(), Settings: settings})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) != 1 || r.Findings[0].Rule != tc.rule || r.Findings[0].Severity != lint.Info {
			t.Errorf("%s: %+v", tc.rule, r.Findings)
		}
	}
}
