package yamlpos

import (
	"errors"
	"strings"
	"testing"
)

const editable = `# the service's autoscaler
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}   # of web
spec:
  minReplicas: 2        # one may fail
  maxReplicas: 10
  metrics:
  - type: Resource
    resource:
      name: cpu
      target: {type: Utilization, averageUtilization: 60}  # percent
  # a comment between
  - type: Pods
    pods:
      metric: {name: "rps"}
      target:
        type: AverageValue
        averageValue: "100"

  behavior:
    scaleDown:
      policies:
      - type: Percent
        value: 10
        periodSeconds: 60
      - {type: Pods, value: 2, periodSeconds: 60}
# the end
---
kind: Other
`

func TestEditsChangeWhatTheySayAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		path, value  string
		add          bool
		gone, arrive []string // lines
	}{
		{"spec.minReplicas", "3", false, []string{"  minReplicas: 2        # one may fail"}, []string{"  minReplicas: 3        # one may fail"}},
		{
			"spec.metrics[0].resource.target.averageUtilization", "75", false,
			[]string{"      target: {type: Utilization, averageUtilization: 60}  # percent"},
			[]string{"      target: {type: Utilization, averageUtilization: 75}  # percent"},
		},
		{"spec.metrics[1].pods.target.averageValue", `"120"`, false, []string{`        averageValue: "100"`}, []string{`        averageValue: "120"`}},
		{"spec.metrics[1].pods.metric.name", "qps", false, []string{`      metric: {name: "rps"}`}, []string{`      metric: {name: qps}`}},
		{"spec.behavior.scaleDown.stabilizationWindowSeconds", "240", false, nil, []string{"      stabilizationWindowSeconds: 240"}},
		{
			"spec.behavior.scaleUp.stabilizationWindowSeconds", "30", false, nil,
			[]string{"    scaleUp:", "      stabilizationWindowSeconds: 30"},
		},
		{"spec.behavior.scaleDown.policies[0].value", "25", false, []string{"        value: 10"}, []string{"        value: 25"}},
		{
			"spec.behavior.scaleDown.policies[1].value", "4", false,
			[]string{"      - {type: Pods, value: 2, periodSeconds: 60}"},
			[]string{"      - {type: Pods, value: 4, periodSeconds: 60}"},
		},
		{
			"spec.behavior.scaleDown.policies", "{type: Pods, value: 9, periodSeconds: 15}", true, nil,
			[]string{"      - {type: Pods, value: 9, periodSeconds: 15}"},
		},
		{
			"spec.behavior.scaleDown.policies[0]", "", false,
			[]string{"      - type: Percent", "        value: 10", "        periodSeconds: 60"},
			nil,
		},
		{"spec.behavior.scaleDown.policies[1]", "", false, []string{"      - {type: Pods, value: 2, periodSeconds: 60}"}, nil},
		{
			"spec.metrics[0]", "", false,
			[]string{"  - type: Resource", "    resource:", "      name: cpu", "      target: {type: Utilization, averageUtilization: 60}  # percent"},
			nil,
		},
		{"spec.scaleTargetRef.name", "web", false, nil, []string{"  scaleTargetRef:", "    name: web"}},
		{"metadata.namespace", "shop", false, []string{"metadata: {name: web}   # of web"}, []string{"metadata: {name: web, namespace: shop}   # of web"}},
		{"metadata.labels.app", "web", false, []string{"metadata: {name: web}   # of web"}, []string{"metadata: {name: web, labels: {app: web}}   # of web"}},
		{"spec.maxReplicas", "", false, []string{"  maxReplicas: 10"}, nil},
		{"spec.nothing", "", false, nil, nil},
	} {
		out, err := Apply("f.yaml", []byte(editable), []Edit{{Place: Place{Path: c.path}, Value: c.value, Append: c.add}})
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		gone, arrived := differing(editable, string(out))
		if strings.Join(gone, "\n") != strings.Join(c.gone, "\n") || strings.Join(arrived, "\n") != strings.Join(c.arrive, "\n") {
			t.Errorf("%s = %s: gone %q, new %q; want %q, %q\n%s", c.path, c.value, gone, arrived, c.gone, c.arrive, out)
		}
	}
}

// differing are the lines that only one of two texts has, by a walk along both.
func differing(before, after string) (gone, arrived []string) {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	i, j := 0, 0
	for i < len(a) && j < len(b) && a[i] == b[j] {
		i, j = i+1, j+1
	}
	m, n := len(a), len(b)
	for m > i && n > j && a[m-1] == b[n-1] {
		m, n = m-1, n-1
	}
	return a[i:m], b[j:n]
}

func TestEditsOfEveryStyleOfFile(t *testing.T) {
	for _, c := range []struct{ name, data, path, value, want string }{
		{"JSON", `{"spec": {"min": 2, "list": [1, 2, 3]}}`, "spec.min", "3", `{"spec": {"min": 3, "list": [1, 2, 3]}}`},
		{"JSON list", `{"spec": {"min": 2, "list": [1, 2, 3]}}`, "spec.list[1]", "", `{"spec": {"min": 2, "list": [1, 3]}}`},
		{"JSON last", `{"spec": {"min": 2, "list": [1, 2, 3]}}`, "spec.list[2]", "", `{"spec": {"min": 2, "list": [1, 2]}}`},
		{"no newline at the end", "a:\n  b: 1", "a.c", "2", "a:\n  b: 1\n  c: 2\n"},
		{"an empty value", "a:\n  b:\nc: 1\n", "a.b", "2", "a:\n  b: 2\nc: 1\n"},
		{"an empty mapping", "a: {}\n", "a.b.c", "2", "a: {b: {c: 2}}\n"},
		{"null", "a: null\n", "a.b", "2", "a: {b: 2}\n"},
		{"an empty list", "a: []\n", "a", "[1]", "a: [1]\n"},
		{"JSON, a new field", `{"spec": {"min": 2}}`, "spec.max", "3", `{"spec": {"min": 2, "max": 3}}`},
		{"JSON by lines", "{\n  \"spec\": {\n    \"min\": 2\n  }\n}\n", "spec.max", "3", "{\n  \"spec\": {\n    \"min\": 2,\n    \"max\": 3\n  }\n}\n"},
		{"a byte order mark", "\ufeffa: 1\nb: 2\n", "a", "3", "\ufeffa: 3\nb: 2\n"},
		{"CRLF, a new field", "a:\r\n  b: 1\r\n", "a.c.d", "3", "a:\r\n  b: 1\r\n  c:\r\n    d: 3\r\n"},
		{"the last line goes", "a: 1\nb: 2", "b", "", "a: 1"},
		{"beside a dash", "a:\n- x: 1\n  y: 2\n", "a[0].x", "", "a:\n- y: 2\n"},
		{"CRLF", "a:\r\n  b: 1\r\n  c: 2\r\n", "a.b", "3", "a:\r\n  b: 3\r\n  c: 2\r\n"},
		{"characters of two bytes", "a: {ä: \"ü\", b: 1} # ö\n", "a.b", "22", "a: {ä: \"ü\", b: 22} # ö\n"},
		{"a quoted comma", `a: {x: "1, }", b: 'it''s'}` + "\n", "a.b", "2", `a: {x: "1, }", b: 2}` + "\n"},
		{"a literal beside it", "a:\n  text: |\n    b: 1\n\n    x\n  b: 1\n", "a.b", "2", "a:\n  text: |\n    b: 1\n\n    x\n  b: 2\n"},
		{"after a literal", "a:\n  text: |\n    b: 1\n\n    x\nc: 1\n", "a.b", "2", "a:\n  text: |\n    b: 1\n\n    x\n  b: 2\nc: 1\n"},
		{"a list as far left as its key", "a:\n- x: 1\n- x: 2\nb: 1\n", "a[0].q", "2", "a:\n- x: 1\n  q: 2\n- x: 2\nb: 1\n"},
		{"whose key goes", "a:\n- x: 1\n- x: 2\nb: 1\n", "a", "", "b: 1\n"},
	} {
		out, err := Apply("f", []byte(c.data), []Edit{{Place: Place{Path: c.path}, Value: c.value}})
		if err != nil || string(out) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, out, err, c.want)
		}
	}
}

func TestWhatIsSharedIsNotEdited(t *testing.T) {
	for _, c := range []struct{ data, path, value, want string }{
		{"a: &x {b: 1}\nc: *x\n", "c.b", "2", "f:2:4: cannot be edited in place: the value is shared through an alias"},
		{"a: &x {b: 1}\nc: *x\n", "a.b", "2", "f:1:7: cannot be edited in place: the value is shared through an anchor"},
		{"a: &x\n  b: 1\nc:\n  <<: *x\n  d: 1\n", "c.b", "2", "f:4:3: cannot be edited in place: b is merged from elsewhere"},
		{"a: |\n  text\n", "a", "2", "f:1:4: cannot be edited in place"},
		{"a: 1\n", "a.b", "2", "f:1:4: cannot be edited in place: it has no fields"},
		{"a:\n- 1\n", "a[3].b", "2", "f:2:1: cannot be edited in place: it has no fields"},
		{"a:\n- 1\n", "a[0]", "", "f:2:3: cannot be edited in place: it is the only entry"},
	} {
		_, err := Apply("f", []byte(c.data), []Edit{{Place: Place{Path: c.path}, Value: c.value}})
		var problems Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %s: %v, want %s", c.data, c.path, err, c.want)
		}
	}
}

func TestSeveralEditsAreMadeOneAfterTheOther(t *testing.T) {
	docs, err := Parse("f.yaml", []byte(editable))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Apply("f.yaml", []byte(editable), []Edit{
		{Place: docs[0].Place("spec.behavior.scaleUp.stabilizationWindowSeconds"), Value: "30"},
		{Place: docs[0].Place("spec.minReplicas"), Value: "4"},
		{Place: docs[1].Place("spec.a"), Value: "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"minReplicas: 4 ", "stabilizationWindowSeconds: 30\n# the end\n---\n", "kind: Other\nspec:\n  a: 1\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestTextsAreQuotedAsTheOldOneWas(t *testing.T) {
	for _, c := range []struct {
		data, want string
		edit       Edit
	}{
		{"a: x\n", "a: z\n", Edit{Value: "z", Style: Text}},
		{"a: x\n", "a: \"yes\"\n", Edit{Value: "yes", Style: Text}},
		{"a: x\n", "a: \"1\"\n", Edit{Value: "1", Style: Text}},
		{"a: x\n", "a: 1\n", Edit{Value: "1", Style: Like}},
		{"a: 'x'\n", "a: '1'\n", Edit{Value: "1", Style: Like}},
		{"a: 'x'\n", "a: 'it''s'\n", Edit{Value: "it's", Style: Text}},
		{"a: \"x\"\n", "a: \"y\"\n", Edit{Value: "y", Style: Text}},
		{`{"a": 1}`, `{"a": "y"}`, Edit{Value: "y", Style: Text}},
		{`{"a": 1}`, `{"b": 1}`, Edit{Rename: "b"}},
		{"'a': 1 # c\n", "'b': 1 # c\n", Edit{Rename: "b"}},
		{"a:\n  x: 1\n", "b:\n  x: 1\n", Edit{Rename: "b"}},
	} {
		c.edit.Place = Place{Path: "a"}
		out, err := Apply("f", []byte(c.data), []Edit{c.edit})
		if err != nil || string(out) != c.want {
			t.Errorf("%q, %+v: %q, %v; want %q", c.data, c.edit, out, err, c.want)
		}
	}
}

func TestEditsAtOnceAreOfPlacesInTheTextAsItIs(t *testing.T) {
	const data = "list:\n- a: 1\n- a: 2\n- a: 3\nb: 1\n"
	edits := []Edit{
		{Place: Place{Path: "list[0]"}}, {Place: Place{Path: "list[2].a"}, Value: "33"}, {Place: Place{Path: "b"}, Rename: "c"},
	}
	out, err := ApplyAll("f", []byte(data), edits)
	if want := "list:\n- a: 2\n- a: 33\nc: 1\n"; err != nil || string(out) != want {
		t.Errorf("%q, %v; want %q", out, err, want)
	}
	if _, err := ApplyAll("f", []byte(data), append(edits, Edit{Place: Place{Path: "b"}, Value: "2"}, Edit{Place: Place{Path: "b"}, Value: "3"})); err == nil {
		t.Error("two edits of one place are made")
	}
	if _, err := ApplyAll("f", []byte("a: 1\nb: 1\n"), []Edit{{Place: Place{Path: "a"}, Rename: "b"}}); err == nil {
		t.Error("a field takes the name of another")
	}
}

func TestSurelyKnowsDoubt(t *testing.T) {
	fields := []string{"minReplicas", "maxReplicas", "metrics", "behavior", "cpu", "Min", "Max"}
	for name, want := range map[string]string{
		"maxReplica": "maxReplicas", "maxreplicas": "maxReplicas", "mxaReplicas": "", "maReplicas": "",
		"mixReplicas": "", "behaviour": "behavior", "replicas": "", "min": "Min", "mix": "", "cp": "", "metric": "metrics", "": "",
	} {
		if got := Surely(name, fields); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzApply(f *testing.F) {
	f.Add(editable, "spec.minReplicas", "3", false)
	f.Add(editable, "spec.behavior.scaleDown.policies", "{a: 1}", true)
	f.Add(editable, "spec.metrics[0]", "", false)
	f.Add(`{"spec": {"min": 2}}`, "spec.max.x", "3", false)
	f.Add("a: &x {b: 1}\nc: *x\n", "c.b", "2", false)
	f.Fuzz(func(t *testing.T, data, path, value string, add bool) {
		before := strings.Clone(data)
		out, err := Apply("f", []byte(data), []Edit{{Place: Place{Path: path}, Value: value, Append: add}})
		if data != before {
			t.Fatal("the input was changed")
		}
		if err == nil {
			if _, err := Parse("f", out); err != nil {
				t.Fatalf("%q: %s = %q came out as %q: %v", data, path, value, out, err)
			}
		}
	})
}
