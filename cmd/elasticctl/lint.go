package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/elasticctl/elasticctl/docs/rules"
	"github.com/elasticctl/elasticctl/internal/lint"
	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

const lintLong = `Lint finds what is wrong in Kubernetes manifests around autoscaling: what the
API server would refuse, what it accepts but cannot work, and what contradicts
something else among the files. It needs no cluster.

All files given with -f are looked at together, directories with all that is
below them. An object that is referred to and not among them is reported as
information; --complete says that the files are all there is, --context which
objects the cluster has besides, so that what is missing then is an error.

The rules come in three tiers: default is what does not work, recommended adds
good practice, all adds taste. --list names them, --explain RULE tells one in
full. Some ask what really happened, of recorded series: --recording.

A team's choices stand in .elasticctl.yaml, found in the working directory or
above it; --config names another file. Findings that are known and stay are
suppressed there, by a comment beside them, or by an annotation; --baseline
leaves out those that were there before.

--fix mends in the files what can be mended without doubt, and reports what is
left; of stdin it prints what became of it. --diff shows what --fix would do.

Exit code 3 says that something was found, by default an error; --fail-on says
from which severity on.`

// lintOptions are the flags of lint.
type lintOptions struct {
	inputs
	lintRecording
	context       []string
	tier          lint.Tier
	failOn        lint.Severity
	never         bool
	complete      bool
	verbose       bool
	format        string
	color         string
	profile       hpa.Profile
	settings      *lint.Settings
	baseline      string
	writeBaseline string
	fix, diff     bool
}

// lintFlags are the flags as they are written.
type lintFlags struct {
	lintOptions
	tierName, failOnName, version, explain, config string
	list                                           bool
}

func newLintCommand(std streams) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint -f FILE",
		Short: "Find what is wrong in manifests",
		Long:  lintLong,
		Example: `  # A directory with all that is below it
  elasticctl lint -f testdata/gen/full
  # What another tool renders, with good practice
  elasticctl generate -f examples/checkout/service.yaml | elasticctl lint -f - --tier recommended
  # Beside what was recorded of it
  elasticctl lint -f examples/checkout/hpa-cpu.yaml --recording testdata/recordings/checkout --tier all
  # What would be mended in the files
  elasticctl lint -f testdata/gen/full --diff
  # What can be found, and one rule in full
  elasticctl lint --list
  elasticctl lint --explain hpa-replicas-set`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.list:
				return render.LintRules(std.out, lint.Rules())
			case cmd.Flags().Changed("explain"):
				return explainRule(std.out, f.explain)
			}
			o, err := f.options(cmd.Flags().Changed)
			if err != nil {
				return err
			}
			return o.run(std)
		},
	}
	flags := cmd.Flags()
	f.define(flags, "manifests", "namespace of objects that name none")
	f.defineRecording(flags)
	flags.StringArrayVar(&f.context, "context", nil, "objects that exist in the cluster: read like -f, referred to and not looked at (repeatable)")
	flags.BoolVar(&f.complete, "complete", false, "the files are all there is: what is referred to and not among them does not exist")
	flags.StringVar(&f.tierName, "tier", "default", "rules: default, recommended or all")
	flags.StringVar(&f.failOnName, "fail-on", "error", "exit 3 from this severity on: error, warning, info or never")
	flags.StringVar(&f.version, "kubernetes-version", "", `version of the cluster, such as "1.31" (default: the newest known)`)
	flags.StringVar(&f.config, "config", "", "configuration (default: "+lint.ConfigFile+" here or above); none: no configuration")
	flags.StringVar(&f.baseline, "baseline", "", "leave out the findings of this file")
	flags.StringVar(&f.writeBaseline, "write-baseline", "", "write what is found into this file, and exit 0")
	flags.BoolVar(&f.fix, "fix", false, "mend in the files what can be mended without doubt; of stdin, print what became of it")
	flags.BoolVar(&f.diff, "diff", false, "print what --fix would change, as a unified diff, and exit 3 where there is something")
	flags.StringVarP(&f.format, "output", "o", "text", "format: text, json, sarif, junit, github or gitlab")
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "name what was passed over too")
	flags.BoolVar(&f.list, "list", false, "list the rules")
	flags.StringVar(&f.explain, "explain", "", "tell one rule in full")
	return cmd
}

// options checks the flags, and takes what they leave open from the configuration.
func (f *lintFlags) options(changed func(string) bool) (lintOptions, error) {
	o := f.lintOptions
	if err := o.inputs.check(changed); err != nil {
		return o, err
	}
	if len(o.files) == 0 {
		return o, usagef(`lint needs manifests: -f FILE, -f DIRECTORY or -f - for stdin`)
	}
	if o.baseline != "" && o.writeBaseline != "" {
		return o, usagef("--baseline reads and --write-baseline writes; give one of them")
	}
	if err := oneOf("--output", o.format, "text", "json", "sarif", "junit", "github", "gitlab"); err != nil {
		return o, err
	}
	if err := oneOf("--color", o.color, "auto", "always", "never"); err != nil {
		return o, err
	}
	if err := o.checkFix(changed); err != nil {
		return o, err
	}
	if err := f.configure(&o, changed); err != nil {
		return o, err
	}
	var err error
	if o.tier, err = choose("--tier", f.tierName, lint.Default, lint.Recommended, lint.All); err != nil {
		return o, err
	}
	if o.never = f.failOnName == "never"; !o.never {
		if o.failOn, err = choose("--fail-on", f.failOnName, lint.Error, lint.Warning, lint.Info); err != nil {
			return o, err
		}
	}
	o.profile = hpa.LatestProfile()
	if f.version != "" {
		if o.profile, err = hpa.ProfileFor(f.version, nil); err != nil {
			return o, usageError{fmt.Errorf("--kubernetes-version: %w", err)}
		}
	}
	return o, nil
}

// configure reads the configuration, and fills in what the flags leave open.
func (f *lintFlags) configure(o *lintOptions, changed func(string) bool) error {
	file := f.config
	if file == "none" {
		return nil
	}
	if file == "" {
		dir, err := os.Getwd()
		if err != nil {
			return err
		}
		if file = lint.FindConfig(dir); file == "" {
			return nil
		}
		if near, err := filepath.Rel(dir, file); err == nil {
			file = near
		}
	}
	settings, err := lint.ReadConfig(file)
	if err != nil {
		return err
	}
	o.settings = settings
	c := &settings.Config
	for _, one := range []struct {
		flag, value string
		to          *string
	}{{"tier", c.Tier, &f.tierName}, {"fail-on", c.FailOn, &f.failOnName}, {"kubernetes-version", c.KubernetesVersion, &f.version}} {
		if one.value != "" && !changed(one.flag) {
			*one.to = one.value
		}
	}
	o.complete = o.complete || c.Complete && !changed("complete")
	return nil
}

// choose returns the value that has a name.
func choose[T fmt.Stringer](flag, name string, values ...T) (T, error) {
	names := make([]string, len(values))
	for i, v := range values {
		if names[i] = v.String(); names[i] == name {
			return v, nil
		}
	}
	var none T
	return none, usagef("%s %q: write %s", flag, name, strings.Join(names, ", "))
}

// explainRule prints the page of a rule.
func explainRule(w io.Writer, id string) error {
	page, ok := rules.Page(id)
	if ok {
		_, err := io.WriteString(w, page)
		return err
	}
	all := lint.Rules()
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].ID
	}
	slices.Sort(names)
	if near := yamlpos.Nearest(id, names); near != "" {
		return usagef("no rule %q; did you mean %q?", id, near)
	}
	return usagef("no rule %q; elasticctl lint --list names all", id)
}

func (o lintOptions) run(std streams) error {
	opts := lint.Options{Tier: o.tier, Profile: o.profile, Complete: o.complete, Settings: o.settings}
	if std.now != nil {
		opts.Today = std.now().UTC().Format(time.DateOnly)
	}
	if err := o.readRecording(std, &opts); err != nil {
		return err
	}
	in := &lint.Input{Paths: o.files, Context: o.context, Stdin: std.in, Namespace: o.namespace}
	if o.fix || o.diff {
		return o.mend(std, in, opts)
	}
	r, err := lint.Check(in, opts)
	if err != nil {
		return err
	}
	if o.writeBaseline != "" {
		return o.keep(std, r)
	}
	b, err := o.known()
	if err != nil {
		return err
	}
	if b != nil {
		o.subtract(std, r, b)
	}
	return o.conclude(std.out, r)
}

// conclude prints a result, and says whether it fails.
func (o lintOptions) conclude(w io.Writer, r *lint.Result) error {
	if err := o.print(w, r); err != nil {
		return err
	}
	if !o.never && r.AtLeast(o.failOn) > 0 {
		return findingsError{}
	}
	return nil
}

// print writes the result in the format asked for.
func (o lintOptions) print(w io.Writer, r *lint.Result) error {
	switch o.format {
	case "json":
		return render.LintJSON(w, r)
	case "sarif":
		return render.LintSARIF(w, r, version)
	case "junit":
		return render.LintJUnit(w, r, o.failOn)
	case "github":
		return render.LintGitHub(w, r)
	case "gitlab":
		return render.LintGitLab(w, r)
	}
	return render.LintText(w, r, render.Style{Color: useColor(o.color, w), Verbose: o.verbose})
}
