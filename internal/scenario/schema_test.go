package scenario

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/rogpeppe/go-internal/txtar"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

var update = flag.Bool("update", false, "rewrite simulation.schema.json")

const (
	schemaFile      = "simulation.schema.json"
	durationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$|^0$`
	quantityPattern = `^[+-]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$`
)

// mapType describes the types that are not written as their Go form suggests.
func mapType(t reflect.Type) *jsonschema.Schema {
	text := &jsonschema.Schema{Type: "string"}
	switch t {
	case reflect.TypeFor[Paths]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{text, {Type: "array", Items: text}}}
	case reflect.TypeFor[Delay]():
		length := &jsonschema.Schema{Type: "string", Pattern: durationPattern}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			length, {Type: "array", Items: length}, {Type: "object", AdditionalProperties: length},
		}}
	case reflect.TypeFor[Percent]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "number"}, {Type: "string", Pattern: `^[0-9]+(\.[0-9]+)?%?$`}}}
	case reflect.TypeFor[Rollout]():
		share := &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "integer"}, {Type: "string", Pattern: "^[0-9]+%$"}}}
		fields := jsonschema.NewProperties()
		fields.Set("maxSurge", share)
		fields.Set("maxUnavailable", share)
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "boolean", Enum: []any{true}}, {Type: "object", Properties: fields, AdditionalProperties: jsonschema.FalseSchema},
		}}
	case reflect.TypeFor[NotReady]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "integer"}, {Type: "string", Enum: []any{"none"}}}}
	case reflect.TypeFor[gen.Scalar]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{text, {Type: "number"}}}
	case reflect.TypeFor[*int64]():
		return &jsonschema.Schema{Type: "integer"}
	case reflect.TypeFor[resource.Quantity]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string", Pattern: quantityPattern}, {Type: "number"}}}
	case reflect.TypeFor[json.RawMessage]():
		return &jsonschema.Schema{Type: "object"}
	}
	return nil
}

// durations are the fields that hold a length of time, by definition.
func durations() map[string][]string {
	return map[string][]string{
		"Spec":       {"duration"},
		"Controller": {"syncPeriod", "syncLatency", "downscaleStabilization", "cpuInitializationPeriod", "initialReadinessDelay"},
		"Pods":       {"initialAge"},
		"Nodes":      {"startup", "removeAfter"},
		"Pipeline":   {"window", "age", "resolution", "interval"},
		"Demand":     {"step", "wait", "window", "downsampled"},
		"Fault":      {"at", "for"},
	}
}

// enums are the fields of which the words are known, by definition.
func enums() map[string]map[string][]any {
	return map[string]map[string][]any{
		"Simulation": {"apiVersion": {APIVersion}, "kind": {Kind}},
		"Metric":     {"type": {"Resource", "Pods", "Object", "External"}},
		"Demand":     {"kind": {"counter", "gauge"}, "role": {"load", "perPod", "backlog", "exogenous"}, "unit": {"milli", "base"}},
		"Pipeline":   {"kind": {"ideal", "resource", "prometheus"}},
	}
}

// makeSchema makes the schema from the types.
func makeSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	r := &jsonschema.Reflector{Mapper: mapType, Anonymous: true}
	if err := r.AddGoComments("github.com/elasticctl/elasticctl/internal/scenario", ".", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	for key, text := range r.CommentMap {
		r.CommentMap[key] = strings.Join(strings.Fields(text), " ")
	}
	s := r.Reflect(&Simulation{})
	for name, fields := range durations() {
		for _, f := range fields {
			property(t, s, name, f).Pattern = durationPattern
		}
	}
	for name, fields := range enums() {
		for f, words := range fields {
			property(t, s, name, f).Enum = words
		}
	}
	// A step without a value is null.
	values := property(t, s, "Demand", "values")
	values.Items = &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "integer"}, {Type: "null"}}}
	behavior := property(t, s, "Edit", "behavior")
	behavior.OneOf, behavior.Ref = []*jsonschema.Schema{{Ref: behavior.Ref}, {Type: "null"}}, ""
	for _, def := range s.Definitions {
		useKeys(def)
	}
	s.ID = "https://raw.githubusercontent.com/elasticctl/elasticctl/main/internal/scenario/" + schemaFile
	s.Title = "Simulation"
	return s
}

// property is one field of a definition.
func property(t *testing.T, s *jsonschema.Schema, definition, field string) *jsonschema.Schema {
	t.Helper()
	def := s.Definitions[definition]
	if def == nil {
		t.Fatalf("no definition %s", definition)
	}
	p, ok := def.Properties.Get(field)
	if !ok {
		t.Fatalf("%s has no field %s", definition, field)
	}
	return p
}

// useKeys makes a description speak of the field as users write it: a Go
// comment begins with the name in Go.
func useKeys(def *jsonschema.Schema) {
	if def.Properties == nil {
		return
	}
	for p := def.Properties.Oldest(); p != nil; p = p.Next() {
		first, rest, _ := strings.Cut(p.Value.Description, " ")
		if strings.EqualFold(first, p.Key) {
			p.Value.Description = p.Key + " " + rest
		}
	}
}

func TestSchemaIsMadeFromTheTypes(t *testing.T) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(makeSchema(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != Schema() {
		t.Errorf("%s does not fit the types; rewrite it with -update", schemaFile)
	}
}

func compileSchema(t *testing.T) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource(schemaFile, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate holds one YAML document against the schema.
func validate(t *testing.T, s *validator.Schema, text []byte) error {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := validator.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestSchemaAcceptsSimulations(t *testing.T) {
	s := compileSchema(t)
	accept := func(name string, text []byte) {
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := filepath.Glob("../../testdata/simulate/*.yaml")
	if err != nil || len(list) == 0 {
		t.Fatalf("%d files, %v", len(list), err)
	}
	for _, path := range list {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		accept(path, data)
	}
	for _, f := range txtar.Parse([]byte(simulation)).Files {
		accept(f.Name, f.Data)
	}
	doc, err := os.ReadFile("../../docs/simulation.md")
	if err != nil {
		t.Fatal(err)
	}
	accept("docs/simulation.md", regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(doc)[1])
}

// TestSchemaRefusesMistakesOfShape: what depends on values is left to
// elasticctl; what is a matter of shape, editors see too.
func TestSchemaRefusesMistakesOfShape(t *testing.T) {
	s := compileSchema(t)
	shape := []string{
		"unknown field", "number for a duration", "duration without a unit", "negative duration",
		"unknown pipeline", "unknown metric type", "unknown unit", "notReady of words", "fractional value",
		"fractional idle", "not a quantity", "container without a name", "role response",
	}
	for _, m := range mistakes() {
		if slices.Contains(shape, m.name) && validate(t, s, []byte(head+m.body)) == nil {
			t.Errorf("the schema accepts: %s", m.name)
		}
	}
}
