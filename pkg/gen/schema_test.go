package gen

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

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

const (
	durationPattern = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^0$`
	quantityPattern = `^[+-]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$`
)

// mapType describes the types that are not written as their Go form suggests.
func mapType(t reflect.Type) *jsonschema.Schema {
	number, integer := &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "integer"}
	text := &jsonschema.Schema{Type: "string"}
	quantity := &jsonschema.Schema{Type: "string", Pattern: quantityPattern}
	switch t {
	case reflect.TypeFor[Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: durationPattern, Examples: []any{"15s", "2m"}}
	case reflect.TypeFor[Scalar]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{text, number}}
	case reflect.TypeFor[resource.Quantity]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{quantity, number}}
	case reflect.TypeFor[intstr.IntOrString]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{text, integer}}
	case reflect.TypeFor[corev1.ResourceList]():
		return &jsonschema.Schema{
			Type:                 "object",
			AdditionalProperties: &jsonschema.Schema{OneOf: []*jsonschema.Schema{quantity, number}},
		}
	}
	return nil
}

// makeSchema makes the schema from the types.
func makeSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	r := &jsonschema.Reflector{Mapper: mapType, Anonymous: true}
	if err := r.AddGoComments("github.com/elasticctl/elasticctl/pkg/gen", ".", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	for key, text := range r.CommentMap {
		r.CommentMap[key] = strings.Join(strings.Fields(text), " ")
	}
	s := r.Reflect(&ElasticService{})
	for _, def := range s.Definitions {
		useKeys(def)
	}
	s.ID = "https://raw.githubusercontent.com/elasticctl/elasticctl/main/pkg/gen/elasticservice.schema.json"
	s.Title = "ElasticService"
	for _, form := range []string{"cpu", "memory", "rps", "query", "type"} {
		s.Definitions["Metric"].OneOf = append(s.Definitions["Metric"].OneOf, &jsonschema.Schema{Required: []string{form}})
	}
	return s
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
	compare(t, "elasticservice.schema.json", b.Bytes())
}

func compileSchema(t testing.TB) *validator.Schema {
	t.Helper()
	// The file, not what was embedded of it: -update may just have written it.
	data, err := os.ReadFile("elasticservice.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t testing.TB, s *validator.Schema, text []byte) error {
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

func TestSchemaAcceptsEverySpec(t *testing.T) {
	s := compileSchema(t)
	specs, err := filepath.Glob("../../testdata/gen/*/service.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(specs, "../../examples/checkout/service.yaml") {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, data); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		// With every default spelled out as well.
		full, err := yaml.Marshal(parse(t, data))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, full); err != nil {
			t.Errorf("%s with its defaults: %v\n%s", path, err, full)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compileSchema(t)
	const head = "apiVersion: elasticctl.dev/v1alpha1\nkind: ElasticService\nmetadata: {name: web}\nspec:\n  image: web:1\n"
	if err := validate(t, s, []byte(head)); err != nil {
		t.Fatalf("the head alone: %v", err)
	}
	for name, text := range map[string]string{
		"another kind":         strings.Replace(head, "ElasticService", "Deployment", 1),
		"another version":      strings.Replace(head, "v1alpha1", "v1", 1),
		"no image":             strings.Replace(head, "image: web:1", "args: []", 1),
		"a name in capitals":   strings.Replace(head, "name: web", "name: Web", 1),
		"an unknown field":     head + "  replicas: 3\n",
		"a port out of range":  head + "  ports: {http: 70000}\n",
		"a bare duration":      head + "  shutdown: {timeout: 30}\n",
		"a negative minimum":   head + "  scaling: {min: -1}\n",
		"an unknown via":       head + "  scaling: {metricsVia: prom}\n",
		"an empty metric":      head + "  scaling: {metrics: [{}]}\n",
		"two forms in one":     head + "  scaling: {metrics: [{cpu: 60%, rps: {target: 1}}]}\n",
		"a rate without goal":  head + "  scaling: {metrics: [{rps: {}}]}\n",
		"a unit in a quantity": head + "  resources: {requests: {memory: 500MB}}\n",
	} {
		if validate(t, s, []byte(text)) == nil {
			t.Errorf("the schema accepts %s", name)
		}
	}
}

// field is one field of a spec as docs/spec.md lists it.
type field struct{ path, kind, text string }

// fields lists every field of the schema in the order of the types. Types that
// are Kubernetes' own are named, not unfolded.
func fields(s *jsonschema.Schema) []field {
	var list []field
	var walk func(prefix string, def *jsonschema.Schema)
	walk = func(prefix string, def *jsonschema.Schema) {
		for p := def.Properties.Oldest(); p != nil; p = p.Next() {
			path := prefix + p.Key
			value, inner := p.Value, ""
			if value.Items != nil {
				inner = strings.TrimPrefix(value.Items.Ref, "#/$defs/")
				path += "[]"
			} else {
				inner = strings.TrimPrefix(value.Ref, "#/$defs/")
			}
			list = append(list, field{path, kindOf(value), value.Description})
			if inner != "" && ownType(inner) {
				walk(path+".", s.Definitions[inner])
			}
		}
	}
	walk("", s.Definitions["ElasticService"])
	return list
}

// ownType says whether a definition is a struct of this package.
func ownType(name string) bool {
	own := []any{
		Metadata{},
		ServiceSpec{},
		Ports{},
		Resources{},
		Probes{},
		Probe{},
		Shutdown{},
		Concurrency{},
		Dependency{},
		Scaling{},
		Metric{},
		Rate{},
		Query{},
		KEDA{},
		HighLoad{},
		Monitoring{},
		SLO{},
		LatencyObjective{},
		Availability{},
	}
	return slices.ContainsFunc(own, func(v any) bool { return reflect.TypeOf(v).Name() == name })
}

func kindOf(s *jsonschema.Schema) string {
	switch {
	case s.Items != nil:
		return "list of " + kindOf(s.Items)
	case s.Ref != "" && ownType(strings.TrimPrefix(s.Ref, "#/$defs/")):
		return "mapping"
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, "#/$defs/")
	case len(s.OneOf) == 2:
		return "text or " + s.OneOf[1].Type
	case s.Pattern == durationPattern:
		return "duration"
	case s.Type == "string":
		return "text"
	case s.Type == "object":
		return "mapping"
	default:
		return s.Type
	}
}

const (
	tableBegin = "<!-- fields: begin (written by go test ./pkg/gen -update) -->\n"
	tableEnd   = "<!-- fields: end -->\n"
)

// TestDocsListEveryField holds the table of docs/spec.md to the schema.
func TestDocsListEveryField(t *testing.T) {
	const path = "../../docs/spec.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegin)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no marks for the table", path)
	}
	var b strings.Builder
	b.WriteString("\n| field | value | meaning |\n|---|---|---|\n")
	for _, f := range fields(makeSchema(t)) {
		if f.text == "" {
			t.Errorf("%s has no documentation", f.path)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.path, f.kind, strings.ReplaceAll(f.text, "|", `\|`))
	}
	b.WriteString("\n")
	compare(t, path, []byte(before+tableBegin+b.String()+tableEnd+after))
}

// TestDocsExamplesAreValid reads every YAML block of docs/spec.md that is a
// whole spec.
func TestDocsExamplesAreValid(t *testing.T) {
	text, err := os.ReadFile("../../docs/spec.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
		spec, _, _ := strings.Cut(block, "```")
		if strings.HasPrefix(spec, "apiVersion: "+APIVersion) {
			found++
			parse(t, []byte(spec))
		}
	}
	if found == 0 {
		t.Error("docs/spec.md shows no spec")
	}
}

// TestFullSpecSetsEveryField keeps the full golden full.
func TestFullSpecSetsEveryField(t *testing.T) {
	var set []string
	for _, dir := range []string{"full", "keda", "zero"} {
		data, err := os.ReadFile("../../testdata/gen/" + dir + "/service.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := yaml.Unmarshal(data, &tree); err != nil {
			t.Fatal(err)
		}
		set = append(set, paths("", tree)...)
	}
	for _, f := range fields(makeSchema(t)) {
		unused := []string{".disabled", ".resource", ".pods", ".startup.port", ".startup.timeout", ".liveness.disabled"}
		if !slices.Contains(set, f.path) && !slices.ContainsFunc(unused, func(s string) bool { return strings.HasSuffix(f.path, s) }) {
			t.Errorf("no golden sets %s", f.path)
		}
	}
}

// paths lists the field paths of a tree, list items as [].
func paths(prefix string, v any) []string {
	var list []string
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			path := strings.TrimPrefix(prefix+"."+key, ".")
			if _, ok := value.([]any); ok {
				path += "[]"
			}
			list = append(append(list, path), paths(path, value)...)
		}
	case []any:
		for _, item := range v {
			list = append(list, paths(prefix, item)...)
		}
	}
	return list
}
