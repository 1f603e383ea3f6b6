package manifest

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
	appsv1 "k8s.io/api/apps/v1"
)

// tree writes files into a directory of its own and returns it.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func service(name string) string {
	return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\n"
}

func TestReadTakesDirectoriesFilesAndStdinInOrder(t *testing.T) {
	dir := tree(t, map[string]string{
		"b.yml": service("b"), "a.yaml": service("a1") + "---\n" + service("a2"),
		"sub/c.json": `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c", "namespace": "other"}}`,
		"notes.txt":  "not: [yaml", ".hidden/x.yaml": "not: [yaml", "z.yaml": "apiVersion: example.com/v1\nkind: Anything\nmetadata: {name: z}\nspec: {free: 1}\n",
	})
	set, err := Read([]string{dir, "-", filepath.Join(dir, "b.yml")}, Options{Stdin: strings.NewReader(service("in")), Namespace: "shop", Recursive: true})
	if err != nil {
		t.Fatal(err)
	}
	want := "Service shop/a1, Service shop/a2, Service shop/b, Service other/c, Anything shop/z, Service shop/in, Service shop/b"
	if got := set.Summary(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if set.Objects[4].Typed != nil || !set.Objects[4].Doc.Has("spec.free") {
		t.Error("an unknown kind is to be kept as a document")
	}
	if got := set.Objects[5].Doc.At("metadata.name").String(); got != "stdin:3:18" {
		t.Errorf("name in stdin at %s", got)
	}
	if got := len(set.Find("", "Service", "shop", "b")); got != 2 {
		t.Errorf("found %d", got)
	}
}

func TestReadLooksBelowADirectoryOnlyWhenTold(t *testing.T) {
	dir := tree(t, map[string]string{"top/a.yaml": service("a"), "top/below/b.yaml": service("b"), "empty/below/c.yaml": service("c")})
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "top"), link); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{filepath.Join(dir, "top"), link} {
		for recursive, want := range map[bool]string{false: "Service default/a", true: "Service default/a, Service default/b"} {
			set, err := Read([]string{path}, Options{Recursive: recursive})
			if err != nil || set.Summary() != want {
				t.Errorf("%s, recursive %t: %s, want %s: %v", path, recursive, set.Summary(), want, err)
			}
		}
	}
	empty := filepath.Join(dir, "empty")
	want := empty + ": no .yaml, .yml or .json file in this directory; -R reads those below it too"
	if _, err := Read([]string{empty}, Options{}); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestASetIsTakenApartByNamespace(t *testing.T) {
	set, err := Parse("f.yaml", []byte(service("a")+"---\n"+service("b, namespace: other")), "shop")
	if err != nil {
		t.Fatal(err)
	}
	for namespace, want := range map[string]string{
		"": "Service shop/a, Service other/b", "shop": "Service shop/a", "other": "Service other/b", "default": "nothing",
	} {
		if got := set.In(namespace).Summary(); got != want {
			t.Errorf("in %q: %s, want %s", namespace, got, want)
		}
	}
}

// endless never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestAStreamWithoutEndIsRefused(t *testing.T) {
	if _, err := Read([]string{"-"}, Options{Stdin: endless{}}); err == nil || !strings.Contains(err.Error(), "stdin: larger than 16 MiB") {
		t.Errorf("error: %v", err)
	}
	broken := io.MultiReader(strings.NewReader("a"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := Read([]string{"-"}, Options{Stdin: broken}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error: %v", err)
	}
}

func TestReadExpandsLists(t *testing.T) {
	set, err := Parse("list.yaml", []byte(`apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a}
- apiVersion: apps/v1
  kind: DeploymentList
  items:
  - metadata: {name: b}
    spec: {replicas: 2}
-
`), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Summary(); got != "Service default/a, Deployment default/b" {
		t.Fatalf("%s", got)
	}
	d, ok := set.Objects[1].Typed.(*appsv1.Deployment)
	if !ok || *d.Spec.Replicas != 2 || d.Namespace != "default" {
		t.Errorf("%+v", set.Objects[1].Typed)
	}
	if got := set.Objects[1].Doc.At("spec.replicas").String(); got != "list.yaml:11:22" {
		t.Errorf("replicas at %s", got)
	}
}

func TestReadExplainsPathsThatCannotBeRead(t *testing.T) {
	dir := tree(t, map[string]string{"readme.md": "x"})
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): filepath.Join(dir, "none.yaml") + ": no such file or directory",
		dir:                             dir + ": no .yaml, .yml or .json file in this directory",
		"https://example.com/x.yaml":    "https://example.com/x.yaml: manifests are read from files; pipe it in: curl -fsSL https://example.com/x.yaml | elasticctl … -f -",
		"-":                             "stdin: nothing to read",
	} {
		if _, err := Read([]string{path}, Options{}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestReadReportsTheProblemsOfAllFiles(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": "", "b.yaml": "a: b: c\n", "c.yaml": service("ok") + "spec: {prots: []}\n"})
	_, err := Read([]string{dir}, Options{})
	want := strings.Join([]string{
		"a.yaml: empty: expected at least one YAML or JSON document",
		`b.yaml:1:5: not YAML: a second ":" in one line; quote a value that contains ": "`,
		`c.yaml:4:8: unknown field "prots"; did you mean "ports"?`,
	}, "\n")
	if err == nil || strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "") != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// valid is a manifest that the tests below break.
const valid = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Pods
    pods:
      metric:
        name: http_requests_per_second
      target:
        type: AverageValue
        averageValue: "100"
`

// verdict reads one file and resolves its autoscalers, as every command does.
func verdict(t *testing.T, data string) error {
	t.Helper()
	set, err := Parse("hpa.yaml", []byte(data), "")
	if err != nil {
		return err
	}
	list, err := set.Autoscalers()
	if err != nil {
		return err
	}
	var problems yamlpos.Problems
	for _, h := range list {
		_, err := h.Resolve(hpa.DefaultController())
		if problems, err = collect(problems, err); err != nil {
			t.Fatal(err)
		}
	}
	return problems.Err()
}

func TestBadInputIsExplained(t *testing.T) {
	if err := verdict(t, valid); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"empty file", valid, "", `hpa.yaml: empty: expected at least one YAML or JSON document`},
		{"not YAML", "kind: Hor", "kind Hor", `hpa.yaml:2:1: not YAML: expected "key: value"; check the indentation, and write a space after the ":"`},
		{
			"Helm template", "name: web\nspec", "name: {{ .Release.Name }}\nspec",
			`hpa.yaml:4:9: a template expression {{ … }} stands here; render it first, for example with: helm template … | elasticctl … -f -`,
		},
		{
			"misspelt kind", "kind: HorizontalPodAutoscaler", "kind: HorizontalPodAutoscalar",
			`hpa.yaml:2:7: unknown kind "HorizontalPodAutoscalar" in autoscaling/v2; did you mean "HorizontalPodAutoscaler"?`,
		},
		{
			"other kind", "kind: HorizontalPodAutoscaler", "kind: Deployment",
			`hpa.yaml:2:7: unknown kind "Deployment" in autoscaling/v2; kinds there: HorizontalPodAutoscaler, HorizontalPodAutoscalerList`,
		},
		{
			"no kind", "kind: HorizontalPodAutoscaler\n", "",
			`hpa.yaml:1:1: not a Kubernetes object: no kind; add apiVersion and kind, such as autoscaling/v2 and HorizontalPodAutoscaler`,
		},
		{
			"no apiVersion", "apiVersion: autoscaling/v2\n", "",
			`hpa.yaml:1:1: not a Kubernetes object: no apiVersion; add it: HorizontalPodAutoscaler is in autoscaling/v2`,
		},
		{"a list", valid, "- a\n", `hpa.yaml:1:1: not a Kubernetes object; an object is a mapping with apiVersion, kind, metadata and spec`},
		{
			"v2beta2", "autoscaling/v2", "autoscaling/v2beta2",
			`hpa.yaml:1:13: autoscaling/v2beta2 is not served any more since Kubernetes 1.26; write apiVersion: autoscaling/v2; the fields are the same`,
		},
		{
			"v2beta1", "autoscaling/v2", "autoscaling/v2beta1",
			`hpa.yaml:1:13: autoscaling/v2beta1 is not served any more since Kubernetes 1.25; write apiVersion: autoscaling/v2, and each target as a mapping: ` +
				`targetAverageUtilization: 60 becomes target: {type: Utilization, averageUtilization: 60}, metricName: x becomes metric: {name: x}`,
		},
		{"v3", "autoscaling/v2", "autoscaling/v3", `hpa.yaml:1:13: there is no HorizontalPodAutoscaler in autoscaling/v3; write apiVersion: autoscaling/v2`},
		{
			"wrong group", "autoscaling/v2", "apps/v1",
			`hpa.yaml:1:13: there is no HorizontalPodAutoscaler in apps/v1; write apiVersion: autoscaling/v2`,
		},
		{"fields of v2 in v1", "autoscaling/v2", "autoscaling/v1", `hpa.yaml:12:3: unknown field "metrics"; it needs apiVersion: autoscaling/v2`},
		{"unknown field", "averageValue:", "avarageValue:", `hpa.yaml:19:9: unknown field "avarageValue"; did you mean "averageValue"?`},
		{
			"rate as quantity", `"100"`, "100r/s",
			`hpa.yaml:19:23: spec.metrics[0].pods.target.averageValue: not a quantity: "100r/s"; write "100": a quantity has no unit of rate; ` +
				`the metric itself must be a rate per second, such as http_requests_per_second served by an adapter rule`,
		},
		{
			"max below min", "maxReplicas: 10", "maxReplicas: 1",
			"hpa.yaml:11:16: spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`; minReplicas is 2: raise maxReplicas or lower minReplicas",
		},
		{
			"no max", "  maxReplicas: 10\n", "",
			`hpa.yaml:5:1: spec.maxReplicas: Required value: must be set and greater than 0; write how many replicas the workload may have at most`,
		},
		{
			"min 0 without an object or external metric", "minReplicas: 2", "minReplicas: 0",
			`hpa.yaml:12:3: spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas; ` +
				`write minReplicas: 1, or add a metric that exists without pods`,
		},
		{
			"type and source differ", "- type: Pods", "- type: Resource",
			`hpa.yaml:13:5: spec.metrics[0].resource: Required value: must populate information for the given metric source; ` +
				`the metric has type Resource but the field pods: rename one of them`,
		},
		{
			"target of another kind", "type: AverageValue\n        averageValue: \"100\"", "type: Utilization\n        averageUtilization: 60",
			`hpa.yaml:17:7: spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue; ` +
				`a Pods metric is averaged over pods: write type: AverageValue and averageValue`,
		},
		{
			"metric without a type", "- type: Pods\n    pods:", "- pods:",
			`hpa.yaml:13:5: spec.metrics[0].type: Required value: must specify a metric source type; write type: Pods`,
		},
		{"text for a number", "maxReplicas: 10", "maxReplicas: ten", `hpa.yaml:11:16: spec.maxReplicas: expected an integer, found the text "ten"`},
		{
			"no API group", "apiVersion: apps/v1", "apiVersion: v1",
			`hpa.yaml:7:17: spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group; write apps/v1 for a Deployment, StatefulSet or ReplicaSet`,
		},
		{
			"upper case", "name: web\nspec", "name: Web\nspec",
			`hpa.yaml:4:9: metadata.name: Invalid value: "Web": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ` +
				`and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is ` +
				`'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'); give it a name of lower-case letters, digits, - and .`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(valid, c.old) {
				t.Fatal("nothing to replace")
			}
			err := verdict(t, strings.Replace(valid, c.old, c.new, 1))
			if err == nil {
				t.Fatal("no error")
			}
			if err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestOldVersionsAreExplained(t *testing.T) {
	for data, want := range map[string]string{
		"apiVersion: extensions/v1beta1\nkind: Deployment\n":      "f:1:13: extensions/v1beta1 is not served any more since Kubernetes 1.16; write apiVersion: apps/v1",
		"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n": "f:1:13: policy/v1beta1 is not served any more since Kubernetes 1.25; write apiVersion: policy/v1; an empty selector then selects every pod, not none",
	} {
		if _, err := Parse("f", []byte(data), ""); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// FuzzManifest holds that no input makes reading, defaulting, validating or
// translating panic, and that what resolves is within its bounds.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte(containerResource))
	f.Add([]byte(webV1))
	f.Add([]byte(web))
	f.Add([]byte("apiVersion: v1\nkind: List\nitems:\n- apiVersion: autoscaling/v2\n  kind: HorizontalPodAutoscaler\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := Parse("f", data, "")
		if err != nil {
			return
		}
		list, err := set.Autoscalers()
		if err != nil {
			return
		}
		for _, h := range list {
			_, _ = set.Workload(h)
			spec, err := h.Resolve(hpa.DefaultController())
			if err == nil && (spec.Min < 0 || spec.Max < 1 || spec.Max < spec.Min || len(spec.Metrics) == 0) {
				t.Errorf("resolved to %+v", spec)
			}
		}
	})
}
