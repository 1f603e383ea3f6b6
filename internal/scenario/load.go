package scenario

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Request is what a user asks to replay.
type Request struct {
	// Files are simulation files, manifests and service specs, directories of
	// them, or - for Stdin.
	Files []string
	Stdin io.Reader
	// Namespace is that of objects that name none, and selects: objects of other
	// namespaces are left out, and so are recorded series where a metric has some
	// of this one. "" means "default", and selects nothing.
	Namespace string
	// Recursive reads the directories below those among Files too.
	Recursive bool
	// Recordings are files or directories of recorded series.
	Recordings []string
	// Demand says how metrics are found in the recordings.
	Demand []Query

	// Progress is told how far the reading of recordings has come; may be nil.
	Progress series.Progress
	// Stage is told what else may take long, when it begins; may be nil.
	Stage func(what string)

	// cache holds the recordings that were read.
	cache map[string]*series.Recording

	// OpenLoop replays recorded values as they are, whatever the pods do.
	OpenLoop bool
	// Downsampled is how far apart the values are that the store of the recordings
	// has kept; 0 for as found. A demand's own goes before it.
	Downsampled time.Duration

	// What follows replaces what files say or leave to defaults.

	// Initial is spec.replicas at t=0; nil for as found.
	Initial *int32
	// Ready is the time from a pod's creation to Ready; nil for as found.
	Ready *time.Duration
	// Seed is what luck begins with; nil for as found.
	Seed *uint64
	// Start is the wall-clock time of t=0; zero for as found.
	Start time.Time
	// Duration bounds the replay; zero for as found.
	Duration time.Duration
	// Faults happen besides those of files, after them at one instant.
	Faults []Happening
	// Idle, Cost and Capacity are numbers of demands: what a pod uses without load,
	// what a request per second adds to it, and what a pod can serve.
	Idle, Cost, Capacity []Override
	// Roles say how demands answer to the pods.
	Roles []Role
	// Versions are versions of Kubernetes, each a replay of its own; empty for
	// as found.
	Versions []string
	// Prices are what pods cost; nil for as found.
	Prices *Prices

	// SLO and Latency replace those of files; nil for as found. Imbalance is the
	// busiest pod's share of the load over the mean; 0 for as found.
	SLO       *SLO
	Latency   *Latency
	Imbalance float64

	// Budgets are limits on the score of each replay, beside those of its file.
	Budgets []sim.Budget
}

// Query is a PromQL expression whose result is the demand of a metric.
type Query struct{ Name, Expr string }

// Replay is one autoscaler in its world, ready to run.
type Replay struct {
	// Name tells it from the others of a Request.
	Name string
	// namespace is the autoscaler's, where Name is its name.
	namespace string
	// Start is the wall-clock time of t=0; zero when unknown.
	Start time.Time
	World sim.World
	// OpenLoop says that recorded values are replayed whatever the pods do.
	OpenLoop bool
	// Recorded is the replica count as recorded, from t=0; nil when it was not.
	Recorded []sim.Point
	// Backtest is what it is held against; nil where no replica count was
	// recorded at t=0.
	Backtest *Backtest
	// Coarse is the interval at which demand was recorded, or the window that it is
	// a mean over, where that is longer than a sync period, so that what is shorter
	// does not show; else 0.
	Coarse time.Duration
	// Models are what was learned of demands.
	Models []Model
	// Other is the world at the other end of what is not known of them; nil where
	// all is known.
	Other *sim.World
	// Understated is for how long more may have arrived than was recorded, for
	// pods had no room left; 0 where what arrived could be told nevertheless.
	Understated time.Duration
	// Uncalibrated says why it is not known how long requests take; empty where it
	// is, or nobody asked. LatencyByHand says that some of it is known by hand.
	Uncalibrated  string
	LatencyByHand bool
	// Notes say where the demand came from and what was assumed.
	Notes []string
	// Budgets are limits on its score.
	Budgets []sim.Budget
	// Tuning is what a search over settings has to know besides.
	Tuning Tuning
}

// Load resolves everything that a request names. Its errors say where, what
// and how to mend it; all that is wrong with one file is reported at once.
func Load(r Request) ([]*Replay, error) {
	set, err := manifest.Read(r.Files, manifest.Options{Stdin: r.Stdin, Namespace: r.Namespace, Recursive: r.Recursive})
	if err != nil {
		return nil, err
	}
	replays, err := r.replays(set.In(r.Namespace))
	if err != nil {
		return nil, err
	}
	if len(replays) == 0 {
		return nil, fmt.Errorf("%s: nothing to replay%s among %s; give a Simulation, a HorizontalPodAutoscaler or an ElasticService",
			strings.Join(r.Files, ", "), inNamespace(r.Namespace), set.Summary())
	}
	distinguish(replays)
	return replays, nil
}

// begin announces what may take long.
func (r *Request) begin(what string) {
	if r.Stage != nil {
		r.Stage(what)
	}
}

// inNamespace tells of a namespace that was asked for.
func inNamespace(name string) string {
	if name == "" {
		return ""
	}
	return " in namespace " + name
}

// distinguish makes the names of replays distinct: those of autoscalers by their
// namespace, others by number.
func distinguish(replays []*Replay) {
	seen, places := map[string]int{}, map[string]map[string]bool{}
	for _, r := range replays {
		seen[r.Name]++
		if places[r.Name] == nil {
			places[r.Name] = map[string]bool{}
		}
		places[r.Name][r.namespace] = r.namespace != ""
	}
	for _, r := range replays {
		if own := places[r.Name]; seen[r.Name] > 1 && len(own) > 1 && own[r.namespace] {
			r.Name = r.namespace + "/" + r.Name
		}
	}
	clear(seen)
	for _, r := range replays {
		seen[r.Name]++
		if n := seen[r.Name]; n > 1 {
			r.Name = fmt.Sprintf("%s #%d", r.Name, n)
		}
	}
}

// replays resolves the simulations, the service specs and the autoscalers
// among the objects.
func (r *Request) replays(set *manifest.Set) ([]*Replay, error) {
	var all []*Replay
	var rest manifest.Set
	for _, o := range set.Objects {
		switch {
		case o.Group() != ownGroup:
			rest.Objects = append(rest.Objects, o)
			continue
		case o.Kind == gen.Kind:
			continue
		case o.Kind != Kind:
			return nil, yamlpos.Problems{unknownKind(o)}
		}
		one, err := r.simulation(o.Doc)
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
	}
	targets, err := serviceTargets(set, &rest, r.Namespace)
	if err != nil {
		return nil, err
	}
	more, err := targetsOf(&rest)
	if err != nil {
		return nil, err
	}
	for _, t := range append(targets, more...) {
		base := defaults()
		base.name = t.name
		one, err := r.resolve(&checker{}, base, t)
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
	}
	return all, nil
}

// ownGroup is the API group of elasticctl's own kinds.
const ownGroup = "elasticctl.dev"

// unknownKind reports a kind that elasticctl's API group does not have.
func unknownKind(o *manifest.Object) yamlpos.Problem {
	hint := "write " + Kind + " or " + gen.Kind
	if near := yamlpos.Nearest(o.Kind, []string{Kind, gen.Kind}); near != "" {
		hint = "did you mean " + near + "?"
	}
	return o.Doc.Problem("kind", fmt.Sprintf("unknown kind %q", clip(o.Kind)), hint)
}

// simulation resolves one simulation file; several where several versions of
// Kubernetes are asked for.
func (r *Request) simulation(d *yamlpos.Document) ([]*Replay, error) {
	c, s, set, err := readSimulation(d)
	if err != nil {
		return nil, err
	}
	t, err := c.target(&s.Spec.Autoscaler, r.Namespace)
	if err != nil {
		return nil, err
	}
	return r.resolve(c, set, t)
}

// readSimulation decodes a simulation file and checks all of it that does not
// depend on other files.
func readSimulation(d *yamlpos.Document) (*checker, *Simulation, settings, error) {
	s := &Simulation{}
	c := &checker{doc: d}
	if err := d.Decode(s); err != nil {
		return c, s, settings{}, err
	}
	if s.APIVersion != APIVersion {
		c.add("apiVersion", fmt.Sprintf("unknown version %q", clip(s.APIVersion)), "write "+APIVersion)
	}
	set := c.settings(s)
	if set.name == "" {
		base := filepath.Base(d.File)
		set.name = strings.TrimSuffix(base, filepath.Ext(base))
	}
	return c, s, set, c.err()
}

// resolve builds the replays of one autoscaler.
func (r *Request) resolve(c *checker, set settings, t *target) ([]*Replay, error) {
	r.override(&set)
	if len(r.Versions) == 0 {
		one, err := r.build(c, set, t)
		if err != nil {
			return nil, err
		}
		return []*Replay{one}, nil
	}
	var all []*Replay
	for _, v := range r.Versions {
		profile, err := set.profile(v)
		if err != nil {
			return nil, fmt.Errorf("--kubernetes-version %s: %w", v, err)
		}
		one := set
		one.controller.Profile = profile
		if len(r.Versions) > 1 {
			one.name += " on " + profile.Version
		}
		replay, err := r.build(c, one, t)
		if err != nil {
			return nil, err
		}
		all = append(all, replay)
	}
	return all, nil
}

// override replaces settings by what the request says.
func (r *Request) override(set *settings) {
	if r.Initial != nil {
		set.initial = r.Initial
	}
	if r.Ready != nil {
		set.pods.Ready, set.pods.Spread.Ready, set.readyGiven = *r.Ready, nil, true
	}
	if r.Seed != nil {
		set.pods.Spread.Seed = *r.Seed
	}
	if r.Duration > 0 {
		set.duration = r.Duration
	}
	if !r.Start.IsZero() {
		set.start = r.Start
	}
	set.openLoop = set.openLoop || r.OpenLoop
	if r.Prices != nil {
		set.prices = r.Prices
	}
	if r.SLO != nil {
		set.slo, _ = r.SLO.check()
		set.sloOf = r.SLO.Of
	}
	if r.Latency != nil {
		set.byHand, _ = r.Latency.check()
	}
	if r.Imbalance != 0 {
		set.pods.Imbalance, _ = imbalance(r.Imbalance)
	}
	// Copied, because the settings of several replays may share the list.
	set.budgets = slices.Clone(set.budgets)
	for _, b := range r.Budgets {
		set.budgets = append(set.budgets, budget{Budget: b})
	}
	if len(r.Faults) > 0 {
		set.faults = slices.Clone(set.faults)
	}
	for _, f := range r.Faults {
		set.faults = append(set.faults, f.fault)
	}
	sortFaults(set.faults)
}
