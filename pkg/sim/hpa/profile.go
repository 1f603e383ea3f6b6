package hpa

import (
	"errors"
	"slices"
	"strconv"
	"time"
)

// The minor versions of Kubernetes 1 that are known.
const (
	oldestMinor = 23
	latestMinor = 37
)

// Profile is what differs between versions of Kubernetes, and what feature
// gates change. It is comparable. The zero value is no version; take one from
// ProfileFor or LatestProfile.
type Profile struct {
	// Version is "1.37".
	Version string

	// ScaleToZero is gate HPAScaleToZero: minReplicas may be 0 and, where the
	// version has RemembersZero, condition ScaledToZero is kept.
	ScaleToZero bool
	// ConfigurableTolerance is gate HPAConfigurableTolerance: whoever fills in
	// Spec's tolerances honours behavior's. Step takes them as they are.
	ConfigurableTolerance bool
	// ContainerResource is gate HPAContainerMetrics. Without it the API server
	// drops such metrics from new objects, and a controller that
	// ChecksContainerGate fails those that are left.
	ContainerResource, ChecksContainerGate bool

	// PodLevelResources (gate of that name, from 1.34), CountsSidecars (1.29) and
	// RequiresContainer (1.35: a pod without the named container is an error, not
	// a request of 0) are for whoever fills in Sample.Request and NoRequest.
	PodLevelResources, CountsSidecars, RequiresContainer bool

	// SyncsOnCreation: the first reconcile comes at once, else one sync period
	// after the creation. SyncsOnEdit (gate HPAGeneration): so does one after an
	// edit of the spec, without moving the cadence.
	SyncsOnCreation, SyncsOnEdit bool

	// RemembersZero: leaving zero takes condition ScaledToZero. Before, only a
	// minReplicas above 0 kept a workload at zero.
	RemembersZero bool
	// ChecksOverlap: pods that several HPAs select forbid acting.
	ChecksOverlap bool
	// ToleranceInterval: within tolerance is 1−down ≤ ratio ≤ 1+up, before
	// |1−ratio| ≤ tolerance, which differs on the exact upper edge.
	ToleranceInterval bool
	// CountsBothEvents: a policy's period counts scale events of both
	// directions, before only of its own.
	CountsBothEvents bool
	// FillsToTarget: a missing pod counts as its request × max(100, target) % on
	// the way down, before as its request.
	FillsToTarget bool
	// LeavesEqual: at a ratio of exactly 1 missing pods of a plain metric are
	// left out, before they counted as 0.
	LeavesEqual bool
	// ChecksSamplesFirst: of an HPA that lacks both samples and requests, the
	// samples are what the error tells of.
	ChecksSamplesFirst bool
	// MissesContainer: a pod whose metrics do not list the container is missing,
	// before it failed the metric.
	MissesContainer bool
	// ReturnsPartial: a metric error that did not block is returned.
	ReturnsPartial bool
	// ReportsFailed: a reconcile that fails after the metrics were read reports
	// them in the status, before it left the former ones.
	ReportsFailed bool
	// CapsExternalAverage and CapsValue: huge values end at the largest integer
	// (External AverageValue; Object and External Value), before they wrapped.
	CapsExternalAverage, CapsValue bool

	// readsPodLevel: the controller looks at gate PodLevelResources, which is
	// older.
	readsPodLevel bool
	// scaleUpFactor bounds growth without behavior.
	scaleUpFactor float64
	words         wording
}

// LatestProfile is the profile of the newest version known, with its default
// gates.
func LatestProfile() Profile { return profileOf(latestMinor) }

// ProfileFor returns the profile of a version ("1.30", "v1.30", "1.30.4"), with
// the given feature gates set and the others at their defaults. A version or
// gate that does not exist, or a gate set against its lock, is an error that
// says what exists.
func ProfileFor(version string, gates map[string]bool) (Profile, error) {
	minor, ok := minorOf(version)
	if !ok {
		return Profile{}, errors.New("unknown Kubernetes version " + strconv.Quote(version) +
			": known are " + versionOf(oldestMinor) + " to " + versionOf(latestMinor))
	}
	p := profileOf(minor)
	names := make([]string, 0, len(gates))
	for name := range gates {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := p.set(minor, name, gates[name]); err != nil {
			return Profile{}, err
		}
	}
	return p, nil
}

// FirstSync is how long after the HPA's creation its first reconcile comes.
func (p *Profile) FirstSync(syncPeriod time.Duration) time.Duration {
	if p.SyncsOnCreation {
		return 0
	}
	return syncPeriod
}

// profileOf is the profile of 1.minor with its default gates. Each line is a
// change that upstream's source shows between two minor versions.
func profileOf(minor int) Profile {
	p := Profile{
		Version:             versionOf(minor),
		ContainerResource:   minor >= 32, // where its gate is gone
		ChecksContainerGate: minor >= 27,
		CountsSidecars:      minor >= 29,
		RequiresContainer:   minor >= 35,
		SyncsOnCreation:     minor >= 37,
		RemembersZero:       minor >= 36,
		ChecksOverlap:       minor >= 26,
		ToleranceInterval:   minor >= 33,
		CountsBothEvents:    minor >= 26,
		FillsToTarget:       minor >= 26,
		LeavesEqual:         minor >= 28,
		ChecksSamplesFirst:  minor >= 26,
		MissesContainer:     minor >= 33,
		ReturnsPartial:      minor >= 27,
		ReportsFailed:       minor >= 29,
		CapsExternalAverage: minor >= 34,
		CapsValue:           minor >= 35,
		readsPodLevel:       minor >= 34,
		// horizontal.go: scaleUpLimitFactor
		scaleUpFactor: 2.0,
	}
	if minor <= 24 {
		p.words |= wordsNoSource
	}
	if minor <= 25 {
		p.words |= wordsUtilization
	}
	if minor <= 26 {
		p.words |= wordsReadyPods
	}
	if minor <= 36 {
		p.words |= wordsShifted
	}
	for _, g := range featureGates() {
		if g.exists(minor) {
			g.apply(&p, minor >= g.on)
		}
	}
	return p
}

// featureGate is a gate of kube-controller-manager that has to do with the HPA.
type featureGate struct {
	name string
	// since, on, locked and gone are the minor versions from which it exists, is
	// on by default, is locked on and no longer exists; 0 is never, for the last
	// two.
	since, on, locked, gone int
	apply                   func(p *Profile, on bool)
}

// featureGates lists the gates by name.
func featureGates() []featureGate {
	// pkg/features/kube_features.go
	return []featureGate{
		{"HPAConfigurableTolerance", 33, 35, 37, 0, func(p *Profile, on bool) { p.ConfigurableTolerance = on }},
		{"HPAContainerMetrics", 20, 27, 30, 32, func(p *Profile, on bool) { p.ContainerResource = on }},
		{"HPAGeneration", 37, 37, 0, 0, func(p *Profile, on bool) { p.SyncsOnEdit = on }},
		// Only the data structure that finds overlapping selectors.
		{"HPAOptimizedSelectorStore", 37, 37, 0, 0, func(*Profile, bool) {}},
		{"HPAScaleToZero", 16, 37, 0, 0, func(p *Profile, on bool) { p.ScaleToZero = on }},
		{"PodLevelResources", 32, 34, 0, 0, func(p *Profile, on bool) { p.PodLevelResources = on && p.readsPodLevel }},
		// Only reconciles that come before the informer saw the last one's write.
		{"StaleControllerConsistencyHPA", 37, 37, 0, 0, func(*Profile, bool) {}},
	}
}

// exists says whether the gate can be set at all in 1.minor.
func (g *featureGate) exists(minor int) bool {
	return minor >= g.since && (g.gone == 0 || minor < g.gone)
}

// set sets one gate.
func (p *Profile) set(minor int, name string, on bool) error {
	known := ""
	for _, g := range featureGates() {
		if !g.exists(minor) {
			continue
		}
		if g.name != name {
			known += ", " + g.name
			continue
		}
		if !on && g.locked > 0 && minor >= g.locked {
			return errors.New("feature gate " + name + " is locked on in Kubernetes " + p.Version)
		}
		g.apply(p, on)
		return nil
	}
	return errors.New("unknown feature gate " + strconv.Quote(name) + " for Kubernetes " + p.Version +
		": those that concern the HPA are " + known[2:])
}

// versionOf is "1.minor".
func versionOf(minor int) string { return "1." + strconv.Itoa(minor) }

// minorOf reads "1.30", "v1.30" or "1.30.4".
func minorOf(version string) (int, bool) {
	if len(version) > 0 && version[0] == 'v' {
		version = version[1:]
	}
	major, rest := cut(version, '.')
	text, _ := cut(rest, '.')
	// What is no number, or has signs and zeros before it, comes back otherwise.
	minor, _ := strconv.Atoi(text)
	if major != "1" || strconv.Itoa(minor) != text {
		return 0, false
	}
	return minor, minor >= oldestMinor && minor <= latestMinor
}
