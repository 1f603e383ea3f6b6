package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

// options are what an operator can set, by flag or by environment.
type options struct {
	httpAddr    string // host:port of the service; port 0 picks a free one
	metricsAddr string // host:port of /metrics

	maxInFlight int           // requests worked on at the same time
	maxWait     time.Duration // how long a request waits for a free slot before it is shed
	poolSize    int           // connections to the ledger; poolSize × maxReplicas must fit what it accepts
	rounds      int           // hash rounds of one receipt: the CPU cost of a checkout
	warmRounds  int           // hash rounds spent before the first readiness

	drainDelay      time.Duration // time between failing readiness and refusing connections
	shutdownTimeout time.Duration // from SIGTERM to exit, drainDelay included
}

// parseOptions reads flags; a flag that is not given falls back to the
// environment (CHECKOUT_MAX_IN_FLIGHT for --max-in-flight), then to its default.
func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("checkout", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.httpAddr, "http-addr", ":8080", "address of the service")
	fs.StringVar(&o.metricsAddr, "metrics-addr", ":8081", "address of /metrics")
	fs.IntVar(&o.maxInFlight, "max-in-flight", 8, "requests worked on at the same time")
	fs.DurationVar(&o.maxWait, "max-wait", 250*time.Millisecond, "longest wait for a free slot; then the request is shed with 503")
	fs.IntVar(&o.poolSize, "pool-size", 4, "connections to the ledger")
	fs.IntVar(&o.rounds, "rounds", 30_000, "hash rounds of one receipt")
	fs.IntVar(&o.warmRounds, "warm-rounds", 4_000_000, "hash rounds spent before the service is ready")
	fs.DurationVar(&o.drainDelay, "drain-delay", 5*time.Second, "time between failing readiness and refusing connections")
	fs.DurationVar(&o.shutdownTimeout, "shutdown-timeout", 30*time.Second, "longest time from SIGTERM to exit")
	if err := fs.Parse(args); err != nil {
		return options{}, err
	}
	if fs.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q: settings are flags or CHECKOUT_… variables", fs.Arg(0))
	}
	if err := fromEnvironment(fs, getenv); err != nil {
		return options{}, err
	}
	return o, o.validate()
}

// fromEnvironment sets every flag that the command line left alone.
func fromEnvironment(fs *flag.FlagSet, getenv func(string) string) error {
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var err error
	fs.VisitAll(func(f *flag.Flag) {
		name := "CHECKOUT_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := getenv(name)
		if given[f.Name] || value == "" || err != nil {
			return
		}
		if e := fs.Set(f.Name, value); e != nil {
			err = fmt.Errorf("%s=%q: %w", name, value, e)
		}
	})
	return err
}

func (o options) validate() error {
	switch {
	case o.maxInFlight < 1:
		return fmt.Errorf("--max-in-flight %d: at least 1 request must be admitted", o.maxInFlight)
	case o.poolSize < 1 || o.poolSize > ledgerConnections:
		return fmt.Errorf("--pool-size %d: the ledger accepts 1 to %d connections", o.poolSize, ledgerConnections)
	case o.rounds < 1 || o.warmRounds < 0:
		return fmt.Errorf("--rounds %d, --warm-rounds %d: a receipt takes at least 1 round, and no count is negative", o.rounds, o.warmRounds)
	case o.maxWait < 0 || o.drainDelay < 0:
		return fmt.Errorf("--max-wait %s, --drain-delay %s: a time cannot be negative", o.maxWait, o.drainDelay)
	case o.shutdownTimeout <= o.drainDelay:
		return fmt.Errorf("--shutdown-timeout %s leaves no time after --drain-delay %s: requests in flight would be cut off", o.shutdownTimeout, o.drainDelay)
	}
	return nil
}
