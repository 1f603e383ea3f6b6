package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // --time-zone has to mean the same on every machine

	"github.com/spf13/cobra"

	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

const tuneLong = `Look for better settings of an autoscaler by replaying many of them.

-f and --recording are those of simulate: one autoscaler and its load. --search
says which settings to try, as NAME=LOW..HIGH, NAME=LOW..HIGH/STEP or
NAME=ONE|OTHER: target.METRIC, min, max, up.window, up.pods, up.percent,
up.period, up.select, up.tolerance, the same with down, request.cpu, metrics
and floor[Mon-Fri 08:00-20:00]. Left out, it is what the file says under search,
else targets, min, windows and tolerances.

Recommended is what costs least at no more saturated time than today's
autoscaler, or than a budget allows, and stands more traffic, slow starts and an
outage of metrics as well as today's does. How sure that is, the days tell that
it was not tuned on.

An interrupt (Ctrl-C) ends the search: the best setting until then is shown, and
the exit code is 1. With --require-improvement it is 3 unless what is recommended
is proven to be better than today's. Where no setting keeps the budgets it is 3
as well.`

const tuneExample = `  # Better settings for a recorded load, from the default search space.
  elasticctl tune -f testdata/tune/shop.yaml --candidates 200
  # A space of one's own; a check for CI.
  elasticctl tune -f testdata/tune/shop.yaml --search 'target.cpu=50..80/10,down.window=2m|5m|15m' --budget 'saturatedMinutes <= 20' --require-improvement
  # The recommended setting as a patch for kubectl patch.
  elasticctl tune -f testdata/tune/shop.yaml --search target.cpu=50..80/5 -o patch`

// tuneOptions are the command line of tune.
type tuneOptions struct {
	request    scenario.Request
	output     string
	color      string
	entries    []tune.Entry
	objectives [2]sim.Term
	search     tune.Options
	top        int
	// zone is nil where it is not given.
	zone *time.Location
	// coarse tunes on load that was recorded more coarsely than syncs come.
	coarse bool
	// validate and rehearse say whether days are held out, and whether what is
	// recommended has to stand bad weather.
	validate, rehearse bool
	// require makes it a finding where no improvement is proven.
	require bool
	// write puts the recommended setting into the file it came from.
	write bool
}

func newTuneCommand(std streams) *cobra.Command {
	var f tuneFlags
	cmd := &cobra.Command{
		Use:     "tune -f FILE… [--recording FILE|DIR]…",
		Short:   "Search for better settings of an autoscaler, and say how sure that is",
		Long:    tuneLong,
		Example: tuneExample,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd.Flags().Changed)
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			context.AfterFunc(ctx, stop) // a second interrupt ends the program
			return o.run(ctx, std)
		},
	}
	f.define(cmd)
	return cmd
}

// tuneFlags are the flags as they are written. Those that say what is replayed
// are simulate's.
type tuneFlags struct {
	simulateFlags
	search                                     []string
	objectives, zone                           string
	candidates, top                            int
	seed                                       uint64
	coarse, validate, rehearse, require, write bool
}

func (f *tuneFlags) define(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.inputs.define(flags, "a simulation file, HPA manifest or service spec", "namespace of objects that name none; those of other namespaces are left out")
	flags.StringArrayVar(&f.recordings, "recording", nil, "recorded series: a file or a directory (repeatable)")
	flags.StringArrayVar(&f.demand, "demand", nil, "PromQL over the recording whose result is a metric's demand, as NAME=EXPR (repeatable)")
	flags.StringArrayVar(&f.search, "search", nil, "what to search, such as 'target.cpu=40..80,min=2..6,down.window=60s..600s' (repeatable)")
	flags.IntVar(&f.candidates, "candidates", 2000, "how many settings to replay at most, for each search")
	flags.Uint64Var(&f.seed, "seed", 1, "what the choice of settings begins with; the same seed finds the same")
	flags.StringVar(&f.objectives, "objectives", "", "the two terms of the score to make small (default: cost where a price is given, else replicaHours; saturatedMinutes)")
	flags.StringArrayVar(&f.budgets, "budget", nil, "limit on the score that settings have to keep, such as 'scaleEvents <= 500' (repeatable)")
	flags.StringSliceVar(&f.prices, "price", nil, "what pods cost: podHour=0.05, or coreHour=0.04,gibHour=0.005 of what they request")
	flags.StringVar(&f.zone, "time-zone", "", "the service's time zone, such as Europe/Berlin: its days, weekdays and schedules (default: what the file says under search, else UTC)")
	flags.BoolVar(&f.coarse, "coarse", false, "tune on load that was recorded more coarsely than the controller syncs")
	flags.BoolVar(&f.validate, "validate", true, "tune on earlier days too, and score on the later ones")
	flags.BoolVar(&f.rehearse, "rehearse", true, "recommend only what stands more traffic, slow starts and an outage of metrics as well as today's")
	flags.BoolVar(&f.require, "require-improvement", false, "exit with 3 unless an improvement is proven on held-out days")
	flags.BoolVar(&f.write, "write", false, "put the recommended setting into the file that the autoscaler came from")
	flags.IntVar(&f.top, "top", 10, "how many ranked settings to show")
	flags.StringVarP(&f.output, "output", "o", "text", "text, json, csv (every setting that was replayed) or patch")
	flags.Int32Var(&f.initial, "initial", 0, "replicas at the start (default: as recorded, else the workload's, else minReplicas)")
	flags.StringVar(&f.ready, "ready", "", "time from a pod's creation to Ready (default 30s)")
	flags.StringVar(&f.start, "start", "", "where in the recording to start, RFC 3339 (default: its beginning)")
	flags.StringVar(&f.duration, "duration", "", "how long to replay, such as 14d (default: as long as the demand)")
	flags.StringSliceVar(&f.versions, "kubernetes-version", nil, "version of the controller, such as 1.31 (default: the newest known)")
	flags.StringArrayVar(&f.idle, "idle", nil, "what a pod uses without load, as NAME=QUANTITY, such as cpu=5m (repeatable; default: learned)")
	flags.StringArrayVar(&f.cost, "cost", nil, "cpu that a request costs, in core-seconds, such as cpu=3.2m (repeatable; default: learned)")
	flags.StringArrayVar(&f.capacity, "capacity", nil, "what a ready pod can serve, such as http_requests_per_second=38 (repeatable; default: what its cpu limit leaves)")
	flags.StringArrayVar(&f.roles, "role", nil, roleUsage)
	flags.StringVar(&f.latency, "latency", "", latencyUsage)
	flags.StringVar(&f.color, "color", "auto", "auto, always or never")
}

// mostCandidates bounds --candidates: what is remembered of each takes memory.
const mostCandidates = 1_000_000

// options turns flags into options; changed says which were given.
func (f *tuneFlags) options(changed func(string) bool) (tuneOptions, error) {
	o := tuneOptions{
		output: f.output, color: f.color, top: f.top, coarse: f.coarse, validate: f.validate, rehearse: f.rehearse,
		require: f.require, write: f.write, search: tune.Options{Candidates: f.candidates, Seed: f.seed},
	}
	o.request = scenario.Request{
		Files: f.files, Namespace: f.namespace, Recursive: f.recursive, Recordings: f.recordings, Versions: f.versions,
	}
	if len(f.files) == 0 {
		return o, usagef("no file is given; say what to tune with -f")
	}
	if err := f.check(changed); err != nil {
		return o, err
	}
	if err := f.words(); err != nil {
		return o, err
	}
	if changed("initial") {
		if f.initial < 0 {
			return o, usagef("--initial %d: replicas cannot be negative", f.initial)
		}
		o.request.Initial = &f.initial
	}
	var err error
	if changed("time-zone") {
		if o.zone, err = timeZone(f.zone); err != nil {
			return o, usagef("--time-zone %w", err)
		}
	}
	if o.objectives, err = f.terms(); err != nil {
		return o, err
	}
	for _, text := range f.search {
		entries, err := tune.ParseSearch(text)
		if err != nil {
			return o, usagef("--search %w", err)
		}
		o.entries = append(o.entries, entries...)
	}
	if err := f.limits(&o.request); err != nil {
		return o, err
	}
	return o, f.values(&o.request)
}

// timeZone is a time zone by its name.
func timeZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" || name == "" {
		return nil, fmt.Errorf("%q is no time zone; write a name of the IANA time zone database, such as Europe/Berlin", name)
	}
	return zone, nil
}

// words refuses flags that cannot be meant by themselves.
func (f *tuneFlags) words() error {
	if err := oneOf("-o", f.output, "text", "json", "csv", "patch"); err != nil {
		return err
	}
	if err := oneOf("--color", f.color, "auto", "always", "never"); err != nil {
		return err
	}
	switch {
	case f.candidates < 1 || f.candidates > mostCandidates:
		return usagef("--candidates %d: write a number from 1 to %d", f.candidates, mostCandidates)
	case f.top < 0:
		return usagef("--top %d: write 0 or more", f.top)
	case len(f.versions) > 1:
		return usagef("--kubernetes-version: settings are tuned for one version")
	case f.require && !f.validate:
		return usagef("--require-improvement needs days that are held out; leave --validate=false out")
	}
	return nil
}

// terms are the objectives; the first has no name where it is left to prices.
func (f *tuneFlags) terms() (terms [2]sim.Term, err error) {
	names := []string{"", "saturatedMinutes"}
	if f.objectives != "" {
		names = strings.Split(f.objectives, ",")
	}
	if len(names) != 2 || names[0] == names[1] {
		return terms, usagef("--objectives %q: write two terms, such as cost,saturatedMinutes", f.objectives)
	}
	for i, name := range names {
		if name == "" && f.objectives == "" {
			continue
		}
		if terms[i], err = objective(strings.TrimSpace(name)); err != nil {
			return terms, usagef("--objectives %q: %w", f.objectives, err)
		}
	}
	return terms, nil
}
