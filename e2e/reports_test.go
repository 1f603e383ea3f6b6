//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// reported are runs of lint in the repository's root whose reports are held against
// what reads them: with findings of all severities, with none, with suppressed
// ones, with those of a baseline left out, with places in other files.
func reported(t *testing.T) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	suppressed, baseline := filepath.Join(dir, "suppressed.yaml"), filepath.Join(dir, "baseline.json")
	wrong, err := os.ReadFile("../testdata/lint/hpa-replicas-set/wrong.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := "# elasticctl:ignore hpa-replicas-set it is applied once\n" + string(wrong)
	if err := os.WriteFile(suppressed, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	known := "testdata/lint/hpa-max-ceiling"
	lintRoot(t, "--tier", "all", "-f", known, "--write-baseline", baseline)
	return map[string][]string{
		"findings":   {"--tier", "all", "--complete", "-f", "testdata/lint"},
		"none":       {"-f", "testdata/gen/full/out"},
		"suppressed": {"-f", suppressed},
		"baseline":   {"--tier", "all", "--baseline", baseline, "-f", known},
		"unreadable": {"-f", "testdata/scripts/lint.txtar"},
	}
}

// lintRoot runs lint in the repository's root, and returns what it prints.
func lintRoot(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(program(t, "elasticctl"), append([]string{"lint", "--config", "none"}, args...)...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
		t.Fatalf("%v: %v", args, err)
	}
	return out
}

// The schema is the one that OASIS publishes, as gosec ships it.
func TestSARIFIsWhatItsSchemaSays(t *testing.T) {
	file := filepath.Join(download(t, "github.com/securego/gosec/v2@v2.29.0"), "report/sarif/testdata/sarif-schema-2.1.0.json")
	data, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	document, err := jsonschema.UnmarshalJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sarif.json", document); err != nil {
		t.Fatal(err)
	}
	schema := compiler.MustCompile("sarif.json")
	for name, args := range reported(t) {
		report, err := jsonschema.UnmarshalJSON(bytes.NewReader(lintRoot(t, append(args, "-o", "sarif")...)))
		if err == nil {
			err = schema.Validate(report)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if schema.Validate(map[string]any{"version": "2.1.0"}) == nil {
		t.Error("the schema takes anything")
	}
}

// readJUnit reads a report with a reader of JUnit's XML that others wrote.
const readJUnit = `package main

import (
	"encoding/json"
	"os"

	"github.com/joshdk/go-junit"
)

func main() {
	suites, err := junit.IngestReader(os.Stdin)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(suites)
	}
	if err != nil {
		panic(err)
	}
}
`

func TestJUnitIsReadAsItWasMeant(t *testing.T) {
	reader := build(t, readJUnit, "github.com/joshdk/go-junit@v1.0.0")
	for name, args := range reported(t) {
		cmd := exec.Command(reader)
		cmd.Stdin = bytes.NewReader(lintRoot(t, append(args, "-o", "junit")...))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		var suites []struct {
			Totals struct{ Tests, Passed, Failed int }
			Tests  []struct{ Name, Status, Message string }
		}
		if err := json.Unmarshal(out, &suites); err != nil {
			t.Fatal(err)
		}
		cases, failed := 0, 0
		for _, s := range suites {
			cases, failed = cases+s.Totals.Tests, failed+s.Totals.Failed
		}
		findings := issues(t, append(args, "-o", "gitlab"))
		critical := 0
		for _, f := range findings {
			if f.Severity == "critical" {
				critical++
			}
		}
		if failed != critical || cases < len(findings) || len(suites) == 0 {
			t.Errorf("%s: %d suites, %d cases, %d failed; there are %d findings, %d of them errors", name, len(suites), cases, failed, len(findings), critical)
		}
	}
}

// issue is an entry of a Code Quality report, with the fields that GitLab's
// documentation asks for.
type issue struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

func issues(t *testing.T, args []string) []issue {
	t.Helper()
	var list []issue
	d := json.NewDecoder(bytes.NewReader(lintRoot(t, args...)))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

// GitLab drops a report in which an entry lacks one of these, and shows one of two
// entries with the same fingerprint.
func TestGitLabReportsHaveWhatGitLabAsksFor(t *testing.T) {
	for name, args := range reported(t) {
		seen := map[string]bool{}
		for _, i := range issues(t, append(args, "-o", "gitlab")) {
			severe := strings.Contains(" info minor major critical blocker ", " "+i.Severity+" ")
			if i.Description == "" || i.CheckName == "" || !severe || i.Location.Path == "" || strings.HasPrefix(i.Location.Path, "./") || i.Location.Lines.Begin < 1 {
				t.Errorf("%s: %+v", name, i)
			}
			if seen[i.Fingerprint] {
				t.Errorf("%s: the fingerprint of %+v is there twice", name, i)
			}
			seen[i.Fingerprint] = true
		}
	}
}

// build compiles a program that needs a module, and returns where it is.
func build(t *testing.T, source, module string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"main.go": source, "go.mod": "module reader\n\ngo 1.24\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"get", module}, {"build", "-o", "reader", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	return filepath.Join(dir, "reader")
}
