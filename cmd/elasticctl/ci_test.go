package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestCommandsOfCIRun runs every command line of elasticctl lint in docs/ci.md,
// in the order of the page, beside a directory of manifests.
func TestCommandsOfCIRun(t *testing.T) {
	page := read(t, "../../docs/ci.md")
	dir := manifests(t)
	lines := regexp.MustCompile(`(?m)^(?:  - )?(elasticctl lint .*)$`).FindAllStringSubmatch(page, -1)
	if len(lines) < 6 {
		t.Fatalf("%d command lines", len(lines))
	}
	for _, line := range lines {
		shell(t, dir, line[1])
	}
}

// TestTheActionRunsAsItSays runs what action.yml runs, and the pre-commit hook.
func TestTheActionRunsAsItSays(t *testing.T) {
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Steps []struct {
				Name, Run string
				Env       map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	last := action.Runs.Steps[len(action.Runs.Steps)-1]
	for _, tc := range []struct{ files, args, want string }{
		{action.Inputs["files"].Default, action.Inputs["args"].Default, "-f . -o github"},
		{"manifests more", "--tier recommended", "-f manifests -f more -o github --tier recommended"},
	} {
		dir := manifests(t)
		if err := os.CopyFS(filepath.Join(dir, "more"), os.DirFS(filepath.Join(dir, "manifests"))); err != nil {
			t.Fatal(err)
		}
		script := "FILES='" + tc.files + "' ARGS='" + tc.args + "'\n" + last.Run
		said := shell(t, dir, strings.Replace(script, "elasticctl lint", "echo", 1))
		if got := strings.Join(strings.Fields(said), " "); got != tc.want {
			t.Errorf("it runs with %q, want %q", got, tc.want)
		}
		if last.Env["FILES"] != "${{ inputs.files }}" || last.Env["ARGS"] != "${{ inputs.args }}" {
			t.Errorf("its environment is %v", last.Env)
		}
	}
	var hooks []struct {
		Entry string
		Args  []string
		Pass  bool `json:"pass_filenames"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../.pre-commit-hooks.yaml")), &hooks); err != nil {
		t.Fatal(err)
	}
	for _, h := range hooks {
		shell(t, manifests(t), h.Entry+" "+strings.Join(h.Args, " "))
		if h.Pass {
			t.Errorf("%s takes no file names", h.Entry)
		}
	}
}

// manifests is a directory with sound manifests below it.
func manifests(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var out, errs strings.Builder
	code := run([]string{"generate", "-f", "../../examples/checkout/service.yaml", "--output-dir", filepath.Join(dir, "manifests")}, streams{out: &out, err: &errs})
	if code != exitClean {
		t.Fatal(errs.String())
	}
	return dir
}

// shell runs a command line of elasticctl in a directory.
func shell(t *testing.T, dir, line string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", line)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
