package lint_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/docs/rules"
	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

var update = flag.Bool("update", false, "rewrite the rules' pages and goldens")

const (
	examples = "../../testdata/lint"
	pages    = "../../docs/rules"
)

// TestEveryRuleFindsWhatIsWrongAndNothingElse holds each rule to its two
// manifests, which differ in one token: the golden is everything that lint says
// of the wrong one; of the right one it says nothing.
func TestEveryRuleFindsWhatIsWrongAndNothingElse(t *testing.T) {
	for _, rule := range lint.Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			dir := filepath.Join(examples, rule.ID)
			wrong, right := text(t, filepath.Join(dir, "wrong.yaml")), text(t, filepath.Join(dir, "right.yaml"))
			if err := oneToken(wrong, right); err != nil {
				t.Error(err)
			}
			found, said := check(t, dir, "wrong.yaml", rule)
			if !slices.ContainsFunc(found, func(f lint.Finding) bool { return f.Rule == rule.ID }) {
				t.Errorf("the wrong one is not found:\n%s", said)
			}
			golden(t, filepath.Join(dir, "wrong.txt"), said)
			if found, said := check(t, dir, "right.yaml", rule); len(found) > 0 {
				t.Errorf("the right one is not clean:\n%s", said)
			}
		})
	}
}

// check lints one file with the rules up to a rule's tier, in a cluster that has
// what context.yaml says. A first line "# kubernetes 1.31" says for which version,
// a .elasticctl.yaml beside it is the team's configuration, with.yaml is linted with it,
// recording.csv is what was recorded.
func check(t *testing.T, dir, name string, rule lint.Rule) ([]lint.Finding, string) {
	t.Helper()
	return checkAs(t, dir, name, rule, text(t, filepath.Join(dir, name)))
}

// checkAs is check for the version of Kubernetes that another text's first line
// names.
func checkAs(t *testing.T, dir, name string, rule lint.Rule, original string) ([]lint.Finding, string) {
	t.Helper()
	opts := lint.Options{Tier: rule.Tier, Profile: hpa.LatestProfile(), Today: "2026-11-20"}
	first, _, _ := strings.Cut(original, "\n")
	if version, ok := strings.CutPrefix(first, "# kubernetes "); ok {
		var err error
		if opts.Profile, err = hpa.ProfileFor(version, nil); err != nil {
			t.Fatal(err)
		}
	}
	if config := filepath.Join(dir, lint.ConfigFile); exists(config) {
		var err error
		if opts.Settings, err = lint.ReadConfig(config); err != nil {
			t.Fatal(err)
		}
	}
	opts.Recording = readRecording(t, dir)
	in := &lint.Input{Paths: []string{filepath.Join(dir, name)}, Context: []string{filepath.Join(examples, "context.yaml")}}
	if more := filepath.Join(dir, "with.yaml"); exists(more) {
		in.Paths = append(in.Paths, more)
	}
	r, err := lint.Check(in, opts)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.LintText(&b, r, report.Style{}); err != nil {
		t.Fatal(err)
	}
	return r.Findings, strings.ReplaceAll(b.String(), dir+string(filepath.Separator), "")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestEveryRuleHasItsPage holds docs/rules to the rules and their manifests.
func TestEveryRuleHasItsPage(t *testing.T) {
	var names []string
	for _, rule := range lint.Rules() {
		names = append(names, rule.ID+".md")
		golden(t, filepath.Join(pages, rule.ID+".md"), page(t, &rule))
		if linked, ok := rules.Page(rule.ID); !ok || linked != text(t, filepath.Join(pages, rule.ID+".md")) {
			t.Errorf("%s: the program does not hold its page", rule.ID)
		}
	}
	files, err := filepath.Glob(filepath.Join(pages, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := filepath.Base(file); name != "README.md" && !slices.Contains(names, name) {
			t.Errorf("%s is the page of no rule", file)
		}
	}
}

// page is the page of a rule.
func page(t *testing.T, rule *lint.Rule) string {
	t.Helper()
	var b strings.Builder
	needs, wrong := "", example(t, rule, "wrong.yaml")
	if rule.Recorded {
		needs, wrong = " · with --recording", wrong+"\n\nwith "+recording(t, rule)
	}
	mended, fix := "mended by hand", "Nothing: it is mended by hand."
	if rule.Fix != "" {
		mended, fix = "mended by --fix", sentence(strings.TrimSuffix(rule.Fix, "."))
	}
	fmt.Fprintf(&b, "# %s\n\n%s · tier %s%s · %s\n\n", rule.ID, rule.Severity, rule.Tier, needs, mended)
	for _, part := range []struct{ title, text string }{
		{"What is wrong", sentence(rule.What)},
		{"Why it bites", rule.Why},
		{"Wrong", wrong},
		{"Right", example(t, rule, "right.yaml")},
		{"What --fix does", fix},
		{"How it is found", rule.How},
		{"Sources", sources(rule)},
	} {
		if part.text == "" {
			t.Errorf("%s: nothing to say under %q", rule.ID, part.title)
		}
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", part.title, part.text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

func example(t *testing.T, rule *lint.Rule, name string) string {
	t.Helper()
	shown := "```yaml\n" + strings.TrimSpace(text(t, filepath.Join(examples, rule.ID, name))) + "\n```"
	if more := filepath.Join(examples, rule.ID, "with.yaml"); exists(more) {
		shown += "\n\nand with.yaml:\n\n```yaml\n" + strings.TrimSpace(text(t, more)) + "\n```"
	}
	return shown
}

// recordingShown is how many lines of a recording a page shows.
const recordingShown = 6

// recording are the first lines of a rule's recording, as its page has them.
func recording(t *testing.T, rule *lint.Rule) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text(t, filepath.Join(examples, rule.ID, "recording.csv"))), "\n")
	shown, title := "", fmt.Sprintf("recording.csv, %d rows:", len(lines)-1)
	if len(lines) > recordingShown {
		lines, shown = lines[:recordingShown], "…\n"
	}
	return title + "\n\n```csv\n" + strings.Join(lines, "\n") + "\n" + shown + "```"
}

func sources(rule *lint.Rule) string {
	if len(rule.Sources) == 0 {
		return "It follows from what Kubernetes does with these fields."
	}
	return "- " + strings.Join(rule.Sources, "\n- ")
}

// TestRulesAreNamedAndToldAlike holds the texts of all rules to one form.
func TestRulesAreNamedAndToldAlike(t *testing.T) {
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	seen := map[string]bool{}
	for _, rule := range lint.Rules() {
		if !id.MatchString(rule.ID) || seen[rule.ID] {
			t.Errorf("%s: misnamed, or there twice", rule.ID)
		}
		seen[rule.ID] = true
		if what := rule.What; what == "" || strings.HasSuffix(what, ".") || len(what) > 110 {
			t.Errorf("%s: What is one line without a full stop, at most 110 characters: %q", rule.ID, what)
		}
		for _, s := range []string{rule.Why, rule.How, rule.Fix} {
			if s != "" && !strings.HasSuffix(s, ".") {
				t.Errorf("%s: not a sentence: %q", rule.ID, s)
			}
		}
	}
}

var token = regexp.MustCompile(`[\w./%-]+|[^\s\w]`)

// oneToken says whether two manifests differ in more than one token.
func oneToken(a, b string) error {
	x, y := token.FindAllString(a, -1), token.FindAllString(b, -1)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	if len(x) > 1 || len(y) > 1 || len(x)+len(y) == 0 {
		return fmt.Errorf("wrong.yaml and right.yaml should differ in one token, not in %q against %q", x, y)
	}
	return nil
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := text(t, path); got != want {
		t.Errorf("%s is not what it should be (go test ./internal/lint -update rewrites it); got\n%s\nwant\n%s", path, got, want)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		if *update {
			return ""
		}
		t.Fatal(err)
	}
	return string(data)
}

// tree writes files into a directory of their own, which it returns.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
