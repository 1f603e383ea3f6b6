//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// definitions are the modules whose custom resources elasticctl writes, and
// where in them the definitions are.
var definitions = []struct{ module, dir string }{
	{"github.com/prometheus-operator/prometheus-operator@v0.85.0", "example/prometheus-operator-crd"},
	{"github.com/kedacore/keda/v2@v2.21.0", "config/crd/bases"},
}

// goldens are the trees that hold manifests which elasticctl wrote.
var goldens = []string{"../testdata/gen", "../examples"}

// object is one Kubernetes object in a file of the repository.
type object struct {
	file       string
	text       string
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name      string `yaml:"name"`
		Namespace string `yaml:"namespace"`
	} `yaml:"metadata"`
}

// acceptsGoldens applies every generated object that is in the repository, as
// a server-side dry run: decoded strictly, defaulted, validated, admitted.
func acceptsGoldens(t *testing.T, c *cluster) {
	installDefinitions(t, c)
	objects := generated(t)
	createNamespaces(t, c, objects)
	seen := map[string]int{}
	streams := map[string][]string{}
	for _, o := range objects {
		seen[o.Kind]++
		dir := filepath.Dir(o.file)
		streams[dir] = append(streams[dir], o.text)
	}
	for _, dir := range slices.Sorted(maps.Keys(streams)) {
		stream := strings.Join(streams[dir], "---\n")
		out, err := c.kubectl(t, stream, "apply", "--dry-run=server", "--validate=strict", "-f", "-")
		accepted := strings.Count(out, "(server dry run)")
		if err != nil || accepted != len(streams[dir]) || strings.Contains(out, "Warning") {
			t.Errorf("%s: %d of %d objects accepted: %v\n%s", dir, accepted, len(streams[dir]), err, out)
		}
	}
	t.Logf("accepted: %v", seen)
	for _, kind := range []string{
		"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "ServiceMonitor", "ScaledObject",
	} {
		if seen[kind] == 0 {
			t.Errorf("no golden holds a %s", kind)
		}
	}
}

// installDefinitions creates the custom resource definitions and waits until
// the server serves them.
func installDefinitions(t *testing.T, c *cluster) {
	t.Helper()
	for _, d := range definitions {
		cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", d.module)
		cmd.Dir = t.TempDir() // outside the module, so that its go.mod is left alone
		out, err := cmd.Output()
		var downloaded struct{ Dir, Error string }
		if jsonErr := json.Unmarshal(out, &downloaded); err != nil || jsonErr != nil {
			t.Fatalf("go mod download %s: %v %s", d.module, err, downloaded.Error)
		}
		c.mustKubectl(t, "", "create", "-f", filepath.Join(downloaded.Dir, d.dir))
	}
	c.mustKubectl(t, "", "wait", "--for=condition=Established", "--timeout=60s", "customresourcedefinitions", "--all")
}

// generated lists the Kubernetes objects below goldens. Files of other shapes
// (specs, rules for an adapter, values for a chart) are not objects.
func generated(t *testing.T) []object {
	t.Helper()
	var objects []object
	for _, tree := range goldens {
		err := filepath.WalkDir(tree, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) {
				return err
			}
			objects = append(objects, objectsOf(t, file)...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return objects
}

// objectsOf reads the objects of one file, elasticctl's own kinds left out.
func objectsOf(t *testing.T, file string) []object {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var objects []object
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var node yaml.Node
		err := dec.Decode(&node)
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		o := object{file: file}
		if node.Decode(&o) != nil || o.Kind == "" || strings.HasPrefix(o.APIVersion, "elasticctl.dev/") {
			continue
		}
		text, err := yaml.Marshal(&node)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		o.text = string(text)
		objects = append(objects, o)
	}
}

// createNamespaces creates the namespaces that the objects name: a dry run
// into one that does not exist is refused.
func createNamespaces(t *testing.T, c *cluster, objects []object) {
	t.Helper()
	made := []string{"", "default"}
	for _, o := range objects {
		if name := o.Metadata.Namespace; !slices.Contains(made, name) {
			c.mustKubectl(t, "", "create", "namespace", name)
			made = append(made, name)
		}
	}
}
