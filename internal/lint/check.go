package lint

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Options say what to look for.
type Options struct {
	// Tier is the last tier of rules that run.
	Tier Tier
	// Profile is the version of Kubernetes that the objects are for.
	Profile hpa.Profile
	// Complete says that the inputs are all there is: what refers to something
	// that is not among them is broken. A Context says the same.
	Complete bool
	// Settings are a team's; nil are none.
	Settings *Settings
	// Today is the date, "2026-11-20", on which suppressions expire; "" never.
	Today string
	// Recording is what was recorded of the objects; nil is none, and the rules that
	// need one do not run then.
	Recording *series.Recording
}

// runs says whether a rule runs.
func (o *Options) runs(id string) bool {
	rule := ruleByID(id)
	return rule != nil && rule.Tier <= o.Tier && (o.Settings == nil || !o.Settings.off[id]) && (!rule.Recorded || o.Recording != nil)
}

// checker is one rule at work.
type checker struct {
	*index
	rule    *Rule
	options *Options
	found   []found
}

// found is a finding that has no position yet.
type found struct {
	Finding
	object  *object
	related []place
}

// place is a field of an object, and what is to be said about it.
type place struct {
	object        *object
	path, message string
}

// report reports that something is wrong at a field path of an object, or at the
// nearest field around it that is written. An object of the context is not
// looked at.
func (c *checker) report(o *object, path, message, fix string) *found {
	c.found = append(c.found, found{
		object:  o,
		Finding: Finding{Rule: c.rule.ID, Severity: c.rule.Severity, Path: path, Message: message, Fix: fix},
	})
	return &c.found[len(c.found)-1]
}

// at reports at a field path of autoscaling/v2.
func (c *checker) at(s *scaler, path, message, fix string) *found {
	if s.written != nil {
		path = s.written.Written(path)
	}
	return c.report(s.object, path, message, fix)
}

// see adds another place that a finding is about.
func (f *found) see(o *object, path, message string) {
	f.related = append(f.related, place{o, path, message})
}

// unresolved marks a finding as a mere reference to something that is not among
// the inputs: it may exist elsewhere, unless nothing does.
func (c *checker) unresolved(f *found) {
	if !c.options.Complete {
		f.Severity, f.unresolved = Info, true
	}
}

// Check reads the inputs and looks at them. The error is one of reading: what is
// wrong with the content is a finding.
func Check(in *Input, opts Options) (*Result, error) {
	opts.Complete = opts.Complete || len(in.Context) > 0
	s, err := read(in, opts.Settings)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	for _, o := range s.objects {
		if !o.context && o.spec == nil {
			r.Objects++
		}
	}
	for i := range s.files {
		r.Objects += s.files[i].specs
		r.Files = append(r.Files, s.files[i].name)
		r.Skipped = append(r.Skipped, s.files[i].skipped...)
		r.Findings = append(r.Findings, problems(&s.files[i])...)
	}
	r.Skipped = append(r.Skipped, unknown(s)...)
	x := join(s, opts.Profile)
	if opts.Recording != nil {
		x.joinRecording(opts.Recording)
	}
	r.take(placed(run(x, &opts)), s)
	r.Findings = opts.Settings.adjust(suppress(r.Findings, s.suppressions(opts.Settings), opts.runs, opts.Today))
	sortFindings(r.Findings, s)
	return r, nil
}

// run runs the rules side by side, and returns what each found in their order.
func run(x *index, opts *Options) []found {
	var active []*Rule
	for i := range rules {
		if rules[i].check != nil && opts.runs(rules[i].ID) {
			active = append(active, &rules[i])
		}
	}
	each := make([][]found, len(active))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				c := checker{index: x, rule: active[i], options: opts}
				c.rule.check(&c)
				each[i] = c.found
			}
		})
	}
	for i := range active {
		next <- i
	}
	close(next)
	workers.Wait()
	var all []found
	for _, one := range each {
		for i := range one {
			if !one[i].doubtful() {
				all = append(all, one[i])
			}
		}
	}
	return all
}

// doubtful says whether a finding is not to be told: it is about an object that is
// not looked at, or it, or what it compares with, may come of a field that was not
// read.
func (f *found) doubtful() bool {
	return f.object.context || f.object.doubtful(f.Path) || slices.ContainsFunc(f.related, func(p place) bool { return p.object.doubtful(p.path) })
}

// problems are what reading a file found, as findings.
func problems(f *file) []Finding {
	var list []Finding
	for i := range f.problems {
		p := &f.problems[i]
		rule := ruleOf(f.broken, &p.Problem)
		severity := rule.Severity
		if p.rule != "" {
			rule, severity = ruleByID(p.rule), p.severity
		}
		list = append(list, Finding{
			Rule: rule.ID, Severity: severity, Position: p.Position, Path: p.Path, Object: p.Object,
			Message: p.Text, Fix: p.Hint, Excerpt: p.line, Patches: p.patches, edits: p.edits,
		})
	}
	return list
}

// unknown are the objects of kinds that nothing is known of.
func unknown(s *set) []Skipped {
	var list []Skipped
	for _, o := range s.objects {
		if o.Typed == nil && !o.context {
			one := Skipped{Position: o.Doc.At("kind"), Reason: o.APIVersion + " " + o.Kind + " is not known", Quiet: true}
			if served := otherVersion(o.APIVersion, o.Kind); served != "" {
				one.Position, one.Hint, one.Quiet = o.Doc.At("apiVersion"), "did you mean "+served+"?", false
			}
			list = append(list, one)
			o.Doc.Forget()
		}
	}
	return list
}

// placed gives findings their positions. Those of one file are placed together,
// because its text is parsed again for them.
func placed(all []found) []Finding {
	sources := map[string][]int{}
	var files []string
	for i := range all {
		name := all[i].object.Doc.File
		if sources[name] == nil {
			files = append(files, name)
		}
		sources[name] = append(sources[name], i)
	}
	for _, name := range files {
		for _, i := range sources[name] {
			all[i].place()
		}
		all[sources[name][0]].object.Doc.Forget()
	}
	list := make([]Finding, len(all))
	for i := range all {
		for _, p := range all[i].related {
			all[i].Related = append(all[i].Related, Related{p.object.at(p.path), p.message})
			if p.object.Doc.File != all[i].File {
				p.object.Doc.Forget()
			}
		}
		list[i] = all[i].Finding
	}
	return list
}

// place finds where a finding stands.
func (f *found) place() {
	if f.object.spec != nil {
		f.inSpec()
		return
	}
	f.Position = f.object.Doc.At(f.Path)
	for i := range f.edits {
		f.edits[i].Place = f.object.Doc.Place(f.edits[i].Place.Path)
	}
	f.edits, f.Patches = patches(f.object.Doc, f.edits)
	f.Object, f.Path = f.object.String(), joined(f.object.within, f.Path)
	f.Excerpt = excerpt(f.object.Doc.Line(f.Line))
}

// sortFindings orders findings by file as read, line, column and rule.
func sortFindings(list []Finding, s *set) {
	order := map[string]int{}
	for i := range s.files {
		if name := s.files[i].name; order[name] == 0 {
			order[name] = len(order) + 1
		}
	}
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Col, b.Col), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message),
		)
	})
}

// ruleOf says which rule a problem of reading breaks.
func ruleOf(broken bool, p *yamlpos.Problem) *Rule {
	id := "manifest-field"
	switch {
	case broken, p.Class == yamlpos.ClassSyntax:
		id = "manifest-syntax"
	case isGone(p) && strings.HasPrefix(p.Object, "HorizontalPodAutoscaler "):
		id = "hpa-api-removed"
	case isGone(p) && strings.HasPrefix(p.Object, "PodDisruptionBudget "):
		id = "pdb-api-removed"
	case p.Class == yamlpos.ClassOther:
		id = "manifest-kind"
	case p.Class == yamlpos.ClassQuantity && strings.HasPrefix(p.Object, "HorizontalPodAutoscaler "):
		id = "hpa-quantity-invalid"
	}
	return ruleByID(id)
}

// isGone says whether a problem is an API version that was served once.
func isGone(p *yamlpos.Problem) bool {
	return (p.Path == "apiVersion" || strings.HasSuffix(p.Path, ".apiVersion")) && strings.Contains(p.Text, "not served any more")
}
