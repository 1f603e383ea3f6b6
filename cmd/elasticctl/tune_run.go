package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// objective finds a term whose total can be made small, day by day.
func objective(name string) (sim.Term, error) {
	var names []string
	for _, t := range sim.Terms() {
		// The longest of several is no sum.
		if !t.Grows || t.Name == "spikeSeconds" {
			continue
		}
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return sim.Term{}, fmt.Errorf("%q is no term to make small; write two of %s", name, strings.Join(names, ", "))
}

func (o tuneOptions) run(ctx context.Context, std streams) error {
	return o.show(ctx, std, newProgress(std))
}

// show is run, with its progress.
func (o tuneOptions) show(ctx context.Context, std streams, p *progress) error {
	defer p.erase()
	o.request.Stdin, o.request.Progress, o.request.Stage = std.in, p.watch(), p.stage
	replays, err := scenario.Load(o.request)
	if err != nil {
		return err
	}
	if len(replays) != 1 {
		return fmt.Errorf("there are %d autoscalers, and one can be tuned: %s; name one file with -f", len(replays), replayNames(replays))
	}
	r := replays[0]
	study, err := o.study(r)
	if err != nil {
		return err
	}
	told := p.tuning(study)
	report := study.Run(ctx)
	told()
	out := &render.Tuned{Name: r.Name, Start: r.Start, Notes: r.Notes, Report: report, Top: o.top}
	if err := o.print(std, r, out); err != nil {
		return err
	}
	if report.Interrupted {
		return fmt.Errorf("interrupted: this is the best of %d settings", len(report.Points))
	}
	if err := o.finding(report); err != nil {
		return err
	}
	if o.write {
		return o.writeBack(std.err, r, report)
	}
	return nil
}

func replayNames(replays []*scenario.Replay) string {
	var names []string
	for _, r := range replays {
		names = append(names, r.Name)
	}
	return strings.Join(names, ", ")
}

// study prepares a search over the settings of a replay.
func (o tuneOptions) study(r *scenario.Replay) (*tune.Study, error) {
	if err := o.tunable(r); err != nil {
		return nil, err
	}
	zone, err := o.inZone(r)
	if err != nil {
		return nil, err
	}
	s := &tune.Study{
		Problem: tune.Problem{
			Base: tune.Base{
				World: &r.World, Start: r.Start, Zone: zone, Limits: r.Tuning.Limits, FromMin: r.Tuning.FromMin, Price: r.Tuning.Price,
			},
			Budgets: r.Budgets,
			X:       o.objectives[0], Y: o.objectives[1],
		},
		Options: o.search, Rough: o.rehearse, Validate: o.validate, Other: r.Other,
	}
	entries, err := o.searched(r)
	if err != nil {
		return nil, err
	}
	if s.Space, err = tune.NewSpace(entries, &s.Base); err != nil {
		return nil, o.misplaced(r, err)
	}
	priced(s, r)
	if s.X.Name == "" {
		s.X, _ = objective("replicaHours")
		if r.World.PodHourPrice > 0 {
			s.X, _ = objective("cost")
		}
	}
	for _, t := range []*sim.Term{&s.X, &s.Y} {
		if missing := t.Missing(&r.World); missing != "" {
			return nil, fmt.Errorf("%s: %s is not known: %s; %s", r.Name, t.Name, missing, supply(t.Needs))
		}
	}
	s.Error, s.HasError = replayError(r)
	return s, nil
}

// inZone is the service's time zone: that of the command line, else of the file.
func (o tuneOptions) inZone(r *scenario.Replay) (*time.Location, error) {
	at := &r.Tuning.Zone
	switch {
	case o.zone != nil:
		return o.zone, nil
	case at.Name == "":
		return time.UTC, nil
	}
	zone, err := timeZone(at.Values)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", at.Where, at.Name, err)
	}
	return zone, nil
}

// supply says how to give what an objective needs.
func supply(n sim.Need) string {
	if n == sim.NeedsPrice {
		return "give --price podHour=NUMBER"
	}
	return "say what one ready pod can serve with --capacity, or give the container a cpu limit; or choose other --objectives"
}

// tunable refuses a replay whose result would mean nothing.
func (o tuneOptions) tunable(r *scenario.Replay) error {
	if r.Coarse > 0 && !o.coarse {
		return fmt.Errorf("%s: the load is known every %s, more coarsely than the controller syncs: what is shorter does not show, so that settings look better than they are; --coarse tunes on it all the same",
			r.Name, r.Coarse)
	}
	if i := slices.IndexFunc(r.World.Faults, func(f sim.Fault) bool { return f.Kind == sim.FaultEditAutoscaler }); i >= 0 {
		return fmt.Errorf("%s: the simulation edits the autoscaler after %s, which would undo what is tried; remove editAutoscaler", r.Name, r.World.Faults[i].At)
	}
	return nil
}

// searched are the parameters to search: those of the command line, else those
// of the file.
func (o tuneOptions) searched(r *scenario.Replay) ([]tune.Entry, error) {
	if len(o.entries) > 0 {
		return o.entries, nil
	}
	var list []tune.Entry
	for i := range r.Tuning.Search {
		s := &r.Tuning.Search[i]
		e, err := tune.ParseEntry(s.Name, s.Values)
		if err != nil {
			return nil, placedSearch(s, err)
		}
		list = append(list, e)
	}
	return list, nil
}

// misplaced gives an error of the search space its place.
func (o tuneOptions) misplaced(r *scenario.Replay, err error) error {
	var e *tune.SearchError
	if !errors.As(err, &e) {
		return err
	}
	if len(o.entries) > 0 {
		return usagef("--search %w", err)
	}
	for i := range r.Tuning.Search {
		if s := &r.Tuning.Search[i]; s.Name == e.Name {
			return placedSearch(s, err)
		}
	}
	return err
}

// placedSearch puts the place of a file before an error.
func placedSearch(s *scenario.Searched, err error) error {
	var e *tune.SearchError
	if !errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("%s: %s: %s; %s", s.Where, s.Name, e.What, e.Hint)
}

// priced makes requests count where they are searched and nothing has a price:
// then an hour of a requested core costs 1.
func priced(s *tune.Study, r *scenario.Replay) {
	searched := slices.ContainsFunc(s.Space.Params, func(p tune.Param) bool { return p.Kind == tune.KindRequest })
	if !searched || s.Base.Price != nil {
		return
	}
	one := 1.0
	s.Base.Price = (&scenario.Prices{CoreHour: &one}).Of
	r.World.PodHourPrice = s.Base.Price(r.World.Pods.Containers)
	r.Notes = append(r.Notes, "cost: an hour of a requested core counts 1, for requests are searched and no price is given")
}

// replayError is how far the replay is from the recorded replica-hours; known is
// false where the recording does not follow an autoscaler that is known.
func replayError(r *scenario.Replay) (ratio float64, known bool) {
	if r.Backtest == nil {
		return 0, false
	}
	b := r.Backtest.World.Backtest(&r.Backtest.Recorded)
	if skill, ok := b.Skill.Value(); !ok || skill <= 0 || b.Free.RecordedMillis == 0 {
		r.Notes = append(r.Notes, "the recorded replicas do not follow this autoscaler, so they cannot tell how exact its replay is (simulate shows more)")
		return 0, false
	}
	return math.Abs(float64(b.Free.SimulatedMillis-b.Free.RecordedMillis)) / float64(b.Free.RecordedMillis), true
}

// print writes the report.
func (o tuneOptions) print(std streams, r *scenario.Replay, t *render.Tuned) error {
	switch o.output {
	case "json":
		return render.TuneJSON(std.out, t)
	case "csv":
		return errors.Join(notes(std.err, t), render.TuneCSV(std.out, t))
	case "patch":
		return errors.Join(notes(std.err, t), o.patch(std.out, r, t.Report))
	}
	return render.Tune(std.out, t, render.Options{Width: terminalWidth(std.out), Colour: useColor(o.color, std.out)})
}

// notes tells what data on stdout has no place for.
func notes(w io.Writer, t *render.Tuned) error {
	var b strings.Builder
	for _, n := range t.Notes {
		b.WriteString(t.Name + ": " + n + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// finding says what should stop a pipeline. Text on stdout has told it already.
func (o tuneOptions) finding(r *tune.Report) error {
	said := func(text string) error {
		if o.output == "text" {
			return findingsError{}
		}
		return findingsError{text}
	}
	switch {
	case r.Choice.Verdict == tune.NothingKeeps:
		return said("no setting keeps the budgets")
	case o.require && r.Claim() != tune.Proven:
		return said("no improvement is proven")
	}
	return nil
}

// tuning shows how far a study has come; what is returned ends that.
func (p *progress) tuning(s *tune.Study) (end func()) {
	if p == nil {
		return func() {}
	}
	stage, began := "search", p.now()
	s.Stage = func(what string) {
		stage, began = what, p.now()
		p.stage("tuning: " + what)
	}
	s.Options.Progress = func(done, most int) {
		if !p.ready() {
			return
		}
		p.line(tuningLine(stage, done, most, p.now().Sub(began)))
	}
	return p.erase
}

// tuningLine says how many candidates were replayed, how fast, and how long the
// others take at that rate.
func tuningLine(stage string, done, most int, passed time.Duration) string {
	line := fmt.Sprintf("tuning: %s, %d of at most %d settings", stage, done, most)
	if passed <= 0 || done == 0 {
		return line
	}
	rate := float64(done) / passed.Seconds()
	left := time.Duration(float64(most-done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s, %.0f a second, %s left", line, rate, left)
}
