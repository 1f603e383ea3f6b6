package gen

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"
)

// update rewrites goldens, the schema and the table in docs/spec.md instead of
// comparing with them.
var update = flag.Bool("update", false, "rewrite what is generated instead of comparing with it")

// cases are the directories of testdata/gen.
func cases(t testing.TB) []string {
	t.Helper()
	specs, err := filepath.Glob("../../testdata/gen/*/service.yaml")
	if err != nil || len(specs) == 0 {
		t.Fatalf("no specs in testdata/gen: %v", err)
	}
	dirs := make([]string, len(specs))
	for i, s := range specs {
		dirs[i] = filepath.Dir(s)
	}
	return dirs
}

// load reads, defaults and validates a spec that must be good.
func load(t testing.TB, path string) *ElasticService {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, data)
}

func parse(t testing.TB, data []byte) *ElasticService {
	t.Helper()
	s := decode(t, string(data))
	for _, p := range s.Validate() {
		t.Errorf("not valid: %s", p)
	}
	if t.Failed() {
		t.FailNow()
	}
	return s
}

// decode reads and defaults a spec that may be bad.
func decode(t testing.TB, text string) *ElasticService {
	t.Helper()
	s := &ElasticService{}
	if err := yaml.UnmarshalStrict([]byte(text), s); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	s.Default()
	return s
}

// TestGoldens compares what is generated from testdata/gen/*/service.yaml with
// the files beside it.
func TestGoldens(t *testing.T) {
	for _, dir := range cases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			s := load(t, filepath.Join(dir, "service.yaml"))
			files, err := s.Files(YAML)
			if err != nil {
				t.Fatal(err)
			}
			rules, err := AdapterRules(s)
			if err != nil {
				t.Fatal(err)
			}
			if len(rules) > 0 {
				for _, format := range []AdapterFormat{AdapterYAML, AdapterHelmValues} {
					var b bytes.Buffer
					if err := WriteAdapterRules(&b, rules, format); err != nil {
						t.Fatal(err)
					}
					compare(t, filepath.Join(dir, "adapter-rules."+string(format)), b.Bytes())
				}
			}
			compareDir(t, filepath.Join(dir, "out"), files)
		})
	}
}

// compareDir holds a directory to be exactly the files.
func compareDir(t *testing.T, dir string, files []File) {
	t.Helper()
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		compare(t, filepath.Join(dir, f.Name), f.Data)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(files) {
		t.Errorf("%s has %d files, want %d", dir, len(entries), len(files))
	}
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; go test -update rewrites it\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
