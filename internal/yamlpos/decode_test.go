package yamlpos

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// sample has every shape that Decode knows.
type sample struct {
	metav1.TypeMeta `json:",inline"`
	*inlined        `json:",inline"`
	Embedded        `json:",inline"`

	Text     string             `json:"text,omitempty"`
	Named    corev1.Protocol    `json:"named,omitempty"`
	Int      int32              `json:"int,omitempty"`
	Small    *int8              `json:"small,omitempty"`
	Unsigned uint16             `json:"unsigned,omitempty"`
	Float    float64            `json:"float,omitempty"`
	Bool     *bool              `json:"bool,omitempty"`
	List     []string           `json:"list,omitempty"`
	Items    []item             `json:"items,omitempty"`
	Map      map[string]int     `json:"map,omitempty"`
	Labels   map[string]string  `json:"labels,omitempty"`
	Data     []byte             `json:"data,omitempty"`
	Any      any                `json:"any,omitempty"`
	Raw      json.RawMessage    `json:"raw,omitempty"`
	Quantity *resource.Quantity `json:"quantity,omitempty"`
	Port     intstr.IntOrString `json:"port,omitempty"`
	Time     metav1.Time        `json:"time,omitempty"`
	Wait     metav1.Duration    `json:"wait,omitempty"`
	Pause    time.Duration      `json:"pause,omitempty"`
	Short    short              `json:"short,omitempty"`
	Hidden   string             `json:"-"`
}

type inlined struct {
	Never string `json:"never"`
}

// Embedded is inlined.
type Embedded struct {
	Inner string `json:"inner,omitempty"`
}

type item struct {
	Name  string `json:"name,omitempty"`
	Value int    `json:"value,omitempty"`
}

// short may be written as a percentage or in full.
type short struct {
	Percent int    `json:"percent,omitempty"`
	Window  string `json:"window,omitempty"`
}

type shortError struct{}

func (shortError) Error() string { return "expected a percentage" }
func (shortError) Hint() string  { return `write "60%"` }

func (s *short) UnmarshalJSON(data []byte) error {
	if string(data) == `"60%"` {
		s.Percent = 60
		return nil
	}
	return shortError{}
}

func decodeInto(t *testing.T, data string, into any) error {
	t.Helper()
	docs, err := Parse("f", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return docs[0].Decode(into)
}

func TestDecodeFillsEveryShape(t *testing.T) {
	var got sample
	err := decodeInto(t, `
apiVersion: v1
kind: Sample
inner: in
text: "10"
named: TCP
int: 1e1
small: -128
unsigned: 0xffff
float: 3
bool: yes
list: [a, "1"]
items:
- name: x
  value: 1
- {}
map: {a: 1, 2: 3}
labels: {a.b/c: d}
data: aGk=
any: {a: [1, 1.5, x, null, true]}
raw: {b: 2}
quantity: 0.5
port: http
time: 2026-11-20T14:00:00Z
wait: 1m
pause: 90s
short: 60%
`, &got)
	if err != nil {
		t.Fatal(err)
	}
	small, yes, half := int8(-128), true, resource.MustParse("500m")
	want := sample{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Sample"}, Embedded: Embedded{"in"}, Text: "10", Named: "TCP",
		Int: 10, Small: &small, Unsigned: 65535, Float: 3, Bool: &yes, List: []string{"a", "1"}, Items: []item{{"x", 1}, {}},
		Map: map[string]int{"a": 1, "2": 3}, Labels: map[string]string{"a.b/c": "d"}, Data: []byte("hi"),
		Any: map[string]any{"a": []any{int64(1), 1.5, "x", nil, true}}, Raw: json.RawMessage(`{"b":2}`),
		Port: intstr.FromString("http"), Wait: metav1.Duration{Duration: time.Minute}, Pause: 90 * time.Second, Short: short{Percent: 60},
	}
	if got.Quantity == nil || got.Quantity.Cmp(half) != 0 {
		t.Errorf("quantity %v", got.Quantity)
	}
	if !got.Time.Equal(&metav1.Time{Time: time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)}) {
		t.Errorf("time %v", got.Time)
	}
	got.Quantity, got.Time = nil, metav1.Time{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeKeepsDefaultsWhereNothingIsWritten(t *testing.T) {
	got := sample{Text: "t", Int: 4, Short: short{Window: "2m"}}
	if err := decodeInto(t, "int:\nshort: {percent: 5}\n", &got); err != nil {
		t.Fatal(err)
	}
	if want := (sample{Text: "t", Int: 4, Short: short{5, "2m"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestDecodeReportsWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"misspelt field", "lsit: [a]", `f:1:1: unknown field "lsit"; did you mean "list"?`},
		{"wrong case", "Text: a", `f:1:1: unknown field "Text"; did you mean "text"?`},
		{"field of an inner struct", "targetPercent: 5", `f:1:1: unknown field "targetPercent"; did you mean "short.percent"?`},
		{"unknown field", "items: [{nothing: 1}]", `f:1:10: unknown field "nothing"; known fields: name, value`},
		{"hidden field", "Hidden: x", `f:1:1: unknown field "Hidden"`},
		{"hidden embedded pointer", "never: x", `f:1:1: unknown field "never"`},
		{"duplicate key", "text: a\nint: 1\ntext: b\n", `f:3:1: duplicate key "text"; it stands already in line 1; remove one`},
		{"duplicate key of a map", "labels:\n  a: b\n  a: c\n", `f:3:3: duplicate key "a"; it stands already in line 2; remove one`},
		{"text for an integer", "int: abc", `f:1:6: int: expected an integer, found the text "abc"`},
		{"quoted integer", `int: "10"`, `f:1:6: int: expected an integer, found the text "10"; remove the quotes`},
		{"fraction", "int: 1.5", `f:1:6: int: expected an integer, found the number 1.5`},
		{"too large", "int: 3000000000", `f:1:6: int: 3000000000 is out of range; write an integer from -2147483648 to 2147483647`},
		{"huge", "small: 1e25", `f:1:8: small: 1e25 is out of range; write an integer from -128 to 127`},
		{"negative unsigned", "unsigned: -1", `f:1:11: unsigned: -1 is out of range; write an integer from 0 to 65535`},
		{"number for a text", "text: 10", `f:1:7: text: expected a text, found the number 10; quote it: "10"`},
		{"old boolean for a text", "text: on", `f:1:7: text: expected a text, found the boolean on; quote it: "on"`},
		{"mapping for a text", "text: {a: b}", `f:1:7: text: expected a text, found a mapping`},
		{"text for a boolean", "bool: maybe", `f:1:7: bool: expected true or false, found the text "maybe"`},
		{"quoted boolean", "bool: 'true'", `f:1:7: bool: expected true or false, found the text "true"; remove the quotes`},
		{"text for a list", "list: a", `f:1:7: list: expected a list, found the text "a"; begin each entry with "- "`},
		{"list for a mapping", "items:\n- name: x\n- [a]\n", `f:3:3: items[1]: expected a mapping, found a list`},
		{"not a number", "float: .nan", `f:1:8: float: expected a finite number, found the number .nan`},
		{"infinite in anything", "any: [.inf]", `f:1:7: any[0]: expected a finite number, found the number .inf`},
		{"boolean key", "labels: {on: x}", `f:1:10: labels: expected a text as key, found the boolean on; quote it: "on"`},
		{"bad base64", "data: '*'", `f:1:7: data: expected base64, found the text "*"`},
		{"tag without a value", "int: !!int\n", `f:1:6: int: expected an integer, found nothing`},
		{"unknown tag", "text: !Ref a", `f:1:7: text: unknown tag !Ref; remove it`},
		{"bad duration", "wait: 5 minutes", `f:1:7: wait: expected a duration such as 1m30s, found the text "5 minutes"`},
		{"bare duration", "pause: 15", `f:1:8: pause: expected a duration such as 1m30s, found the number 15; write "15s" for seconds`},
		{"bad time", "time: yesterday", `f:1:7: time: expected a time such as 2026-11-20T14:00:00Z, found the text "yesterday"`},
		{"boolean port", "port: true", `f:1:7: port: expected an integer or a text, found the boolean true`},
		{"own error and hint", "short: 1", `f:1:8: short: expected a percentage; write "60%"`},
		{"field of a long form", "short: {percnt: 1}", `f:1:9: unknown field "percnt"; did you mean "percent"?`},
		{"key with dots", "map: {a.b/c: x}", `f:1:14: map[a.b/c]: expected an integer, found the text "x"`},
		{"merge of a scalar", "<<: 3\ntext: a", `f:1:5: <<: expected a mapping or an alias of one, found the number 3; quote "<<" if it is meant as a name`},
		{"nothing but a text", "hello", `f:1:1: expected a mapping, found the text "hello"`},
		{
			"all at once, in order", "map: {a: x}\nint: z\nfoat: 1\n",
			"f:1:10: map.a: expected an integer, found the text \"x\"\n" +
				"f:2:6: int: expected an integer, found the text \"z\"\n" +
				"f:3:1: unknown field \"foat\"; did you mean \"float\"?",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := decodeInto(t, c.data, &sample{})
			if err == nil {
				t.Fatal("no error")
			}
			if err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestDecodeSaysWhatToWriteInsteadOfABadQuantity(t *testing.T) {
	rate := `: a quantity has no unit of rate; the metric itself must be a rate per second, such as http_requests_per_second served by an adapter rule`
	for value, want := range map[string]string{
		"100r/s":            `write "100"` + rate,
		"100 req/sec":       `write "100"` + rate,
		"2.5rps":            `write "2.5"` + rate,
		"600rpm":            `write the value per second, without a unit` + rate,
		"60%":               "a quantity is no percentage; for a share of the request write type: Utilization and averageUtilization: 60",
		"512MB":             `write "512M" (powers of 1000) or "512Mi" (powers of 1024)`,
		"64kb":              `write "64k" (powers of 1000) or "64Ki" (powers of 1024)`,
		"1GiB":              `write "1Gi"`,
		"1gi":               `write "1Gi"`,
		"200ms":             `write "200m" for 200 thousandths, if the metric is in seconds: a quantity has no unit of time`,
		"5s":                "write the number alone: a quantity has no unit of time",
		"2 cores":           `write "2": cores have no suffix`,
		"512 bytes":         `write "512": bytes have no suffix`,
		"1,000":             `write "1000"`,
		"abc":               "a quantity is a number, optionally with one of the suffixes n u m k M G T P E Ki Mi Gi Ti Pi Ei",
		"1e999999999999999": "a quantity is a number, optionally with one of the suffixes n u m k M G T P E Ki Mi Gi Ti Pi Ei",
	} {
		t.Run(value, func(t *testing.T) {
			err := decodeInto(t, `quantity: "`+value+`"`, &sample{})
			if err == nil {
				t.Fatal("no error")
			}
			if want := `f:1:11: quantity: not a quantity: "` + value + `"; ` + want; err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
		})
	}
}

func TestDecodeRefusesQuantitiesThatTakeForever(t *testing.T) {
	for _, q := range []string{"1e999999999", "1e-999999999", strings.Repeat("9", 1000)} {
		if err := decodeInto(t, `quantity: "`+q+`"`, &sample{}); err == nil {
			t.Errorf("%.20s was accepted", q)
		}
	}
}

func TestDecodeStopsAtManyProblems(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		b.WriteString("zzz" + itoa(i) + ": 1\n")
	}
	var p Problems
	if err := decodeInto(t, b.String(), &sample{}); !errors.As(err, &p) || len(p) != maxProblems+1 {
		t.Fatalf("%d problems", len(p))
	}
	if got := p[maxProblems].Text; got != "too many problems; the others are not shown" {
		t.Errorf("last: %s", got)
	}
}

func TestDecodeFollowsAliasesAndMerges(t *testing.T) {
	var got map[string]item
	err := decodeInto(t, `
a: &a {name: x, value: 1}
b: *a
c:
  <<: *a
  value: 2
d:
  <<: [{name: z}, *a]
`, &got)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]item{"a": {"x", 1}, "b": {"x", 1}, "c": {"x", 2}, "d": {"z", 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDecodeReportsAMistakeInAnAliasOnce(t *testing.T) {
	err := decodeInto(t, "items:\n- &a {name: 1}\n- *a\n- *a\n", &sample{})
	want := `f:2:13: items[0].name: expected a text, found the number 1; quote it: "1"`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestDecodeNeedsAPointer(t *testing.T) {
	if err := decodeInto(t, "a: 1", sample{}); err == nil {
		t.Error("no error")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"averageUtilization", "averageValue", "type", "value"}
	for name, want := range map[string]string{
		"avarageUtilization": "averageUtilization", "averageutilization": "averageUtilization", "tpye": "type", "vlaue": "value",
		"x": "", "": "", "something": "", strings.Repeat("v", 100): "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", name, got, want)
		}
	}
}

// FuzzDecode holds Decode against sigs.k8s.io/yaml, which is what kubectl uses:
// what Decode accepts, kubectl accepts, with the same result.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec: {maxReplicas: 3}\n",
		"spec:\n  metrics:\n  - type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}\n",
		"spec: {metrics: [{type: Pods, pods: {metric: {name: x}, target: {type: AverageValue, averageValue: 100r/s}}}]}",
		"spec: {maxReplicas: 1e1, minReplicas: 0x2, behavior: {scaleUp: {tolerance: 0.05}}}", "metadata: {labels: {1: \"yes\", <<: {a: b}}}",
		"metadata: {labels: {a: yes}}", "spec: &a {maxReplicas: 010}\nstatus: *a", "metadata: {creationTimestamp: null, generation: 1_0}",
		"spec: {behavior: {scaleUp: {tolerance: \"1e9999\"}}}", "metadata: {generation: 99999999999999999999}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := Parse("f", data)
		if err != nil {
			return
		}
		for _, d := range docs {
			var got, want autoscalingv2.HorizontalPodAutoscaler
			if d.Decode(&got) != nil {
				continue
			}
			if len(docs) > 1 || strings.HasPrefix(string(data), "%") {
				continue
			}
			if err := yaml.UnmarshalStrict(data, &want); err != nil {
				continue // e.g. merge keys beside duplicates; the older parser is stricter there
			}
			if a, b := asJSON(t, got), asJSON(t, want); a != b {
				t.Errorf("decoded   %s\nkubectl's %s", a, b)
			}
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Skip(err) // a year beyond 9999
	}
	return string(data)
}
