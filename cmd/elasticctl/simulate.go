package main

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	render "github.com/elasticctl/elasticctl/internal/report"
	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

const simulateLong = `Replay load through an autoscaler and show what it would have done.

-f takes simulation files (kind: Simulation), HPA manifests with the workloads
that they scale, and service specs (kind: ElasticService). --recording gives the
load of those that do not bring their own: files, or directories of files, that
Prometheus answered to query_range, or CSV. Several autoscalers are compared
side by side.

-n is the namespace of objects that name none, and selects: autoscalers of other
namespaces are left out. Of recorded series, those of other namespaces are left
out as well; a PromQL expression chooses for itself.

What takes longer than a second says on a terminal how far it has come. It goes
to stderr and is erased at the end; in a pipe, or into one, nothing is said.`

const simulateExample = `  # What the HPA of a service spec would have done with a recorded load.
  elasticctl simulate -f examples/checkout/service.yaml --recording testdata/recordings/checkout
  # The same on two versions of Kubernetes, side by side.
  elasticctl simulate -f examples/checkout/service.yaml --recording testdata/recordings/checkout --kubernetes-version 1.30,1.37
  # A check for CI: exit with 3 if it costs too much, or serves too little.
  elasticctl simulate -f examples/checkout/service.yaml --recording testdata/recordings/checkout --budget 'replicaHours <= 10' --budget 'unservedShare <= 5%'
  # A simulation file: autoscaler, load and faults in one.
  elasticctl simulate -f testdata/simulate/ten-syncs.yaml
  # Every sync as one JSON object a line, for jq.
  elasticctl simulate -f testdata/simulate/ten-syncs.yaml -o jsonl
  # What traffic, outages, slow starts and a rollout would do to its score.
  elasticctl simulate -f examples/checkout/service.yaml --recording testdata/recordings/checkout --rehearse
  # One of them in detail: twice the load for ten minutes.
  elasticctl simulate -f examples/checkout/service.yaml --recording testdata/recordings/checkout --fault at=10m,for=10m,trafficFactor=2
  # What was learned from the recording, and with what error.
  elasticctl simulate -f examples/checkout/service.yaml --recording testdata/recordings/checkout --model
  # An HPA on requests in flight, which are computed from the simulated pods.
  elasticctl simulate -f testdata/simulate/in-flight.yaml
  # What the HPA asks for at each recorded instant, whatever the pods do: no forecast.
  elasticctl simulate -f examples/checkout/service.yaml --recording testdata/recordings/checkout --open-loop
  # One sync, stage by stage.
  elasticctl simulate -f testdata/simulate/ten-syncs.yaml --explain 1m15s`

// simulateOptions are the command line of simulate.
type simulateOptions struct {
	request scenario.Request
	output  string
	color   string
	// explain is the moment whose sync is to be explained; nil for none.
	explain *moment
	// rehearse asks for the standard rehearsals in place of the summary.
	rehearse bool
	// model asks for what was learned of the demands.
	model bool
}

func newSimulateCommand(std streams) *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:     "simulate -f FILE… [--recording FILE|DIR]…",
		Short:   "Replay recorded load through an autoscaler",
		Long:    simulateLong,
		Example: simulateExample,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd.Flags().Changed)
			if err != nil {
				return err
			}
			return o.run(std)
		},
	}
	f.define(cmd)
	return cmd
}

// simulateFlags are the flags as they are written.
type simulateFlags struct {
	inputs
	recordings, demand, versions    []string
	prices, budgets, faults         []string
	rehearse, openLoop              bool
	idle, cost, capacity, roles     []string
	slo, latency                    string
	imbalance                       float64
	model                           bool
	output, color                   string
	initial                         int32
	seed                            uint64
	ready, start, duration, explain string
	downsampled                     string
}

// What tune has as well.
const (
	roleUsage    = "how a demand answers to the pods, as NAME=load, perPod, backlog, exogenous or response; or which response: inFlight, mean, p99 (repeatable; default: as its series say)"
	latencyUsage = "how long requests take, such as service=20ms,servers=4,variability=1,upTo=95% (default: learned)"
)

func (f *simulateFlags) define(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.inputs.define(flags, "simulation files, HPA manifests and service specs", "namespace of objects that name none; those of other namespaces are left out")
	flags.StringArrayVar(&f.recordings, "recording", nil, "recorded series: a file or a directory (repeatable)")
	flags.StringArrayVar(&f.demand, "demand", nil, "PromQL over the recording whose result is a metric's demand, as NAME=EXPR (repeatable)")
	flags.StringVarP(&f.output, "output", "o", "text", "text, json, jsonl or csv")
	flags.Int32Var(&f.initial, "initial", 0, "replicas at the start (default: as recorded, else the workload's, else minReplicas)")
	flags.StringVar(&f.downsampled, "downsampled", "", "how far apart the values are that the store of the recording has kept, such as 5m or 1h (default: found)")
	flags.StringVar(&f.ready, "ready", "", "time from a pod's creation to Ready (default: as recorded pods took, else 30s)")
	flags.Uint64Var(&f.seed, "seed", 0, "what luck begins with: another seed draws other delays of pods")
	flags.StringVar(&f.start, "start", "", "where in the recording to start, RFC 3339 (default: its beginning)")
	flags.StringVar(&f.duration, "duration", "", "how long to replay, such as 2h or 7d (default: as long as the demand)")
	flags.StringSliceVar(&f.versions, "kubernetes-version", nil, "version of the controller, such as 1.31; several are compared (default: the newest known)")
	flags.StringSliceVar(&f.prices, "price", nil, "what pods cost: podHour=0.05, or coreHour=0.04,gibHour=0.005 of what they request (default: no cost is shown)")
	flags.StringArrayVar(&f.budgets, "budget", nil, "limit on the score, such as 'saturatedMinutes <= 5'; exit with 3 if it is broken (repeatable)")
	flags.StringArrayVar(&f.faults, "fault", nil, "something that happens, in the words of spec.faults, such as at=10m,for=5m,trafficFactor=2 (repeatable)")
	flags.BoolVar(&f.rehearse, "rehearse", false, "show what a standard set of faults does to the score: more traffic, outages, slow starts, a rollout")
	flags.BoolVar(&f.openLoop, "open-loop", false, "replay what pods were recorded to report for each simulated pod, however many there are; every output says so")
	flags.BoolVar(&f.model, "model", false, "show how pods use CPU, as learned from the recording, and replay nothing")
	flags.StringArrayVar(&f.idle, "idle", nil, "what a pod uses without load, as NAME=QUANTITY, such as cpu=5m (repeatable; default: learned)")
	flags.StringArrayVar(&f.cost, "cost", nil, "cpu that a request costs, in core-seconds, such as cpu=3.2m (repeatable; default: learned)")
	flags.StringArrayVar(&f.roles, "role", nil, roleUsage)
	flags.StringArrayVar(&f.capacity, "capacity", nil, "what a ready pod can serve, such as http_requests_per_second=38 (repeatable; default: what its cpu limit leaves)")
	flags.StringVar(&f.slo, "slo", "", "objective on latency, such as latency=300ms,objective=99% and of=NAME (default: none)")
	flags.StringVar(&f.latency, "latency", "", latencyUsage)
	flags.Float64Var(&f.imbalance, "imbalance", 0, "the busiest pod's share of the load over the mean, such as 1.2 (default 1: all get the same)")
	flags.StringVar(&f.explain, "explain", "", "show the sync at a time stage by stage: RFC 3339 such as 2026-11-20T14:32, or from the start such as 2h14m")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never")
}

// options turns flags into options; changed says which were given.
func (f *simulateFlags) options(changed func(string) bool) (simulateOptions, error) {
	o := simulateOptions{output: f.output, color: f.color}
	o.request = scenario.Request{
		Files: f.files, Namespace: f.namespace, Recursive: f.recursive, Recordings: f.recordings, Versions: f.versions, OpenLoop: f.openLoop,
	}
	if len(f.files) == 0 {
		return o, usagef("no file is given; say what to replay with -f")
	}
	if err := f.check(changed); err != nil {
		return o, err
	}
	if err := oneOf("-o", f.output, "text", "json", "jsonl", "csv"); err != nil {
		return o, err
	}
	if err := oneOf("--color", f.color, "auto", "always", "never"); err != nil {
		return o, err
	}
	if f.rehearse && (f.model || changed("explain")) {
		return o, usagef("--rehearse, --model and --explain each show something of their own; give one of them")
	}
	if f.model && (f.output != "text" || changed("explain")) {
		return o, usagef("--model writes text and replays nothing; -o json has the model beside the ticks")
	}
	if f.openLoop && (f.model || len(f.idle)+len(f.cost) > 0) {
		return o, usagef("--open-loop replays what pods were recorded to use; it does not go with --model, --idle and --cost")
	}
	o.model = f.model
	if changed("explain") {
		if f.output != "text" {
			return o, usagef("--explain writes text; it does not go with -o %s", f.output)
		}
		if len(f.budgets) > 0 {
			return o, usagef("--explain shows one sync; it does not go with --budget")
		}
		m, err := parseMoment(f.explain)
		if err != nil {
			return o, err
		}
		o.explain = &m
	}
	if changed("initial") {
		if f.initial < 0 {
			return o, usagef("--initial %d: replicas cannot be negative", f.initial)
		}
		o.request.Initial = &f.initial
	}
	if changed("seed") {
		o.request.Seed = &f.seed
	}
	if o.rehearse = f.rehearse; f.rehearse && f.output == "jsonl" {
		return o, usagef("--rehearse writes no syncs; it does not go with -o jsonl; write json or csv")
	}
	if err := f.limits(&o.request); err != nil {
		return o, err
	}
	if err := f.happenings(&o.request); err != nil {
		return o, err
	}
	return o, f.values(&o.request)
}

// happenings reads faults.
func (f *simulateFlags) happenings(r *scenario.Request) error {
	for _, text := range f.faults {
		h, err := scenario.ParseFault(text)
		if err != nil {
			return usagef("--fault %q: %w", text, err)
		}
		r.Faults = append(r.Faults, h)
	}
	return nil
}

// limits reads prices and budgets.
func (f *simulateFlags) limits(r *scenario.Request) error {
	if len(f.prices) > 0 {
		p, err := scenario.ParsePrices(f.prices)
		if err != nil {
			return usagef("--price: %w", err)
		}
		r.Prices = p
	}
	for _, text := range f.budgets {
		b, err := scenario.ParseBudget(text)
		if err != nil {
			return usagef("--budget %w", err)
		}
		r.Budgets = append(r.Budgets, b)
	}
	return nil
}

// values reads the flags that have a form of their own.
func (f *simulateFlags) values(r *scenario.Request) error {
	for _, d := range f.demand {
		name, expr, ok := strings.Cut(d, "=")
		if !ok || name == "" || expr == "" {
			return usagef("--demand %q: write NAME=EXPR, the metric's name in the HPA and PromQL over the recording", d)
		}
		r.Demand = append(r.Demand, scenario.Query{Name: name, Expr: expr})
	}
	if f.ready != "" {
		d, err := scenario.ParseDuration(f.ready)
		if err != nil {
			return usagef("--ready: %w; write 30s or 2m", err)
		}
		r.Ready = &d
	}
	if f.downsampled != "" {
		d, err := scenario.ParseDuration(f.downsampled)
		if err != nil {
			return usagef("--downsampled: %w; write 5m or 1h", err)
		}
		r.Downsampled = d
	}
	if f.duration != "" {
		d, err := scenario.ParseDuration(f.duration)
		if err != nil {
			return usagef("--duration: %w; write 2h or 7d", err)
		}
		if d == 0 {
			return usagef("--duration: it must be longer than zero")
		}
		r.Duration = d
	}
	if f.start != "" {
		t, err := time.Parse(time.RFC3339, f.start)
		if err != nil {
			return usagef("--start %q: write RFC 3339, such as 2026-11-20T18:00:00Z", f.start)
		}
		r.Start = t.UTC()
	}
	return f.overrides(r)
}

// oneOf demands one of a few words for a flag.
func oneOf(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	last := len(words) - 1
	return usagef("%s %q: write %s or %s", flag, value, strings.Join(words[:last], ", "), words[last])
}

func (o simulateOptions) run(std streams) error { return o.show(std, newProgress(std)) }

// show is run, with its progress.
func (o simulateOptions) show(std streams, p *progress) error {
	defer p.erase()
	o.request.Stdin, o.request.Progress, o.request.Stage = std.in, p.watch(), p.stage
	replays, err := scenario.Load(o.request)
	if err != nil {
		return err
	}
	p.erase()
	if o.model {
		return showModels(std.out, replays, render.Options{Width: terminalWidth(std.out), Colour: useColor(o.color, std.out)})
	}
	if o.explain != nil {
		return explain(std.out, replays, *o.explain, p)
	}
	if o.rehearse {
		return o.rehearsals(std, replays, p)
	}
	results, err := o.print(std, replays, p)
	if err != nil {
		return err
	}
	return o.judge(results)
}

// print runs the replays and writes what they came to.
func (o simulateOptions) print(std streams, replays []*scenario.Replay, p *progress) ([]*render.Replay, error) {
	switch o.output {
	case "json":
		return timeline(std.out, render.JSON, replays, p)
	case "jsonl":
		return notedTimeline(std, render.JSONL, replays, p)
	case "csv":
		return notedTimeline(std, render.CSV, replays, p)
	}
	results := make([]*render.Replay, len(replays))
	c := newCourse(p, replays, len(replays) == 1)
	for i, r := range replays {
		results[i] = c.replay(r, unseen)
	}
	if len(results) == 1 {
		c.backtest(results[0], replays[0].Backtest)
	}
	p.erase()
	options := render.Options{Width: terminalWidth(std.out), Colour: useColor(o.color, std.out)}
	if len(results) == 1 {
		return results, render.Summary(std.out, results[0], options)
	}
	return results, render.Table(std.out, results, options)
}

// judge returns the budgets that were broken as findings. Text on stdout has
// told them already.
func (o simulateOptions) judge(results []*render.Replay) error {
	var broken []string
	for _, r := range results {
		broken = append(broken, render.Broken(r)...)
	}
	switch {
	case len(broken) == 0:
		return nil
	case o.output == "text":
		return findingsError{}
	}
	return findingsError{strings.Join(broken, "\n")}
}

// timeline runs all replays and writes their ticks for a program. Ticks on a
// terminal are progress enough.
func timeline(w io.Writer, format render.Format, replays []*scenario.Replay, p *progress) ([]*render.Replay, error) {
	if isTerminal(w) {
		p = nil
	}
	worlds := make([]*sim.World, len(replays))
	for i, r := range replays {
		worlds[i] = &r.World
	}
	out := render.NewTimeline(w, format, worlds)
	out.OpenLoop = slices.ContainsFunc(replays, func(r *scenario.Replay) bool { return r.OpenLoop })
	results := make([]*render.Replay, len(replays))
	c := newCourse(p, replays, format == render.JSON)
	for i, r := range replays {
		out.Begin(&render.Replay{Name: r.Name, OpenLoop: r.OpenLoop, Start: r.Start, Notes: r.Notes})
		results[i] = c.replay(r, out.Tick)
		if format == render.JSON {
			c.backtest(results[i], r.Backtest)
		}
		out.End(results[i])
	}
	return results, out.Close()
}

// notedTimeline is timeline with the notes on stderr.
func notedTimeline(std streams, format render.Format, replays []*scenario.Replay, p *progress) ([]*render.Replay, error) {
	if err := writeNotes(std.err, replays); err != nil {
		return nil, err
	}
	return timeline(std.out, format, replays, p)
}

// writeNotes tells what data on stdout has no place for.
func writeNotes(w io.Writer, replays []*scenario.Replay) error {
	var b strings.Builder
	for _, r := range replays {
		for _, n := range r.Notes {
			b.WriteString(render.Label(r.Name, r.OpenLoop) + ": " + n + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
