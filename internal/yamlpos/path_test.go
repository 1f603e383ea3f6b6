package yamlpos

import (
	"reflect"
	"testing"
)

const pathSample = `# a comment
metadata:
  annotations:
    a.b/c: x
    "d]e": y
  labels: {app: web}
spec:
  scaleTargetRef:
    kind: Deployment
  empty:
  metrics:
  - type: Resource
    resource:
      target:
        averageUtilization: 60
  - {type: Pods}
`

func TestAtFindsWhereAReaderWouldLook(t *testing.T) {
	docs, err := Parse("f", []byte(pathSample))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":     "f:2:1",
		"spec": "f:7:1",
		"spec.metrics[0].resource.target.averageUtilization": "f:15:29",
		"spec.metrics[0].resource.target":                    "f:14:7",
		"spec.metrics[0]":                                    "f:12:5",
		"spec.metrics[1].type":                               "f:16:12",
		"spec.metrics[1]":                                    "f:16:5",
		"spec.metrics[7].type":                               "f:11:3",
		"spec.metrics[0].pods.name":                          "f:12:5",
		"spec.scaleTargetRef.name":                           "f:8:3",
		"spec.empty":                                         "f:10:3",
		"spec.empty.deeper":                                  "f:10:3",
		"metadata.annotations[a.b/c]":                        "f:4:12",
		`metadata.annotations["a.b/c"]`:                      "f:4:12",
		`metadata.annotations["d]e"]`:                        "f:5:12",
		"metadata.labels[app]":                               "f:6:17",
		"metadata.labels.app":                                "f:6:17",
		"metadata.labels":                                    "f:6:11",
		"nothing":                                            "f:2:1",
		"..[[\"":                                             "f:2:1",
	} {
		if got := docs[0].At(path).String(); got != want {
			t.Errorf("At(%q) = %s, want %s", path, got, want)
		}
	}
}

func TestSubKeepsPositionsAndNamesTheWholePath(t *testing.T) {
	docs, err := Parse("f", []byte("items:\n- kind: A\n  spec: {max: x}\n-\n"))
	if err != nil {
		t.Fatal(err)
	}
	if n := docs[0].Len("items"); n != 2 {
		t.Fatalf("%d items", n)
	}
	if n := docs[0].Len("none"); n != -1 {
		t.Errorf("Len of nothing is %d", n)
	}
	if _, ok := docs[0].Sub("items[1]"); ok {
		t.Error("null is no document")
	}
	sub, ok := docs[0].Sub("items[0]")
	if !ok {
		t.Fatal("no sub-document")
	}
	if h := sub.Header(); h.Kind != "A" {
		t.Errorf("header %+v", h)
	}
	if !sub.Has("spec.max") || sub.Has("spec.min") {
		t.Error("Has is wrong")
	}
	p := sub.Problem("spec.max", "bad", "mend it")
	if p.Path != "items[0].spec.max" || p.Error() != "f:3:15: bad; mend it" {
		t.Errorf("%s: %v", p.Path, p)
	}
	var v struct {
		Kind string `json:"kind"`
		Spec struct {
			Max int `json:"max"`
		} `json:"spec"`
	}
	if err := sub.Decode(&v); err == nil || err.Error() != `f:3:15: items[0].spec.max: expected an integer, found the text "x"` {
		t.Errorf("%v", err)
	}
}

func TestSplitPath(t *testing.T) {
	for path, want := range map[string][]step{
		"":                 {},
		"a.b[0].c":         {{"a", false}, {"b", false}, {"0", true}, {"c", false}},
		`a["x.y\"]"][z.w]`: {{"a", false}, {`x.y"]`, true}, {"z.w", true}},
	} {
		got := splitPath(path)
		if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("splitPath(%q) = %v, want %v", path, got, want)
		}
	}
}

func TestKeyPathIsReadBack(t *testing.T) {
	for _, key := range []string{"a", "a.b/c", "d]e", `q"`, "", " ", "a b", "0"} {
		path := keyPath("x", key)
		if steps := splitPath(path); len(steps) != 2 || steps[1].name != key {
			t.Errorf("key %q became %q, read as %v", key, path, steps)
		}
	}
}

func TestProblemsSortByPosition(t *testing.T) {
	p := Problems{
		{Position: Position{"b", 3, 1}, Text: "3"},
		{Position: Position{"a", 1, 1}, Text: "a"},
		{Position: Position{"b", 1, 9}, Text: "2"},
		{Position: Position{"b", 1, 2}, Text: "1"},
	}
	p.Sort()
	if got := p.Error(); got != "b:1:2: 1\nb:1:9: 2\nb:3:1: 3\na:1:1: a" {
		t.Errorf("%s", got)
	}
	if Problems(nil).Err() != nil {
		t.Error("no problems are an error")
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"spec.metrics[0].type", `a["b.c"].d`, "[", "]", `["`, "a..b", "a[b"} {
		f.Add(s)
	}
	docs, err := Parse("f", []byte(pathSample))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if pos := docs[0].At(path); pos.Line < 1 || pos.Line > 16 || pos.Col < 1 {
			t.Errorf("At(%q) = %s", path, pos)
		}
	})
}
