package hpa

import (
	"strings"
	"testing"
	"time"
)

// flags are the parts of a profile that change between versions, by name.
func flags(p Profile) map[string]bool {
	return map[string]bool{
		"ScaleToZero": p.ScaleToZero, "ConfigurableTolerance": p.ConfigurableTolerance,
		"ContainerResource": p.ContainerResource, "ChecksContainerGate": p.ChecksContainerGate,
		"PodLevelResources": p.PodLevelResources, "CountsSidecars": p.CountsSidecars, "RequiresContainer": p.RequiresContainer,
		"SyncsOnCreation": p.SyncsOnCreation, "SyncsOnEdit": p.SyncsOnEdit, "RemembersZero": p.RemembersZero,
		"ChecksOverlap": p.ChecksOverlap, "ToleranceInterval": p.ToleranceInterval, "CountsBothEvents": p.CountsBothEvents,
		"FillsToTarget": p.FillsToTarget, "LeavesEqual": p.LeavesEqual, "ChecksSamplesFirst": p.ChecksSamplesFirst,
		"MissesContainer": p.MissesContainer, "ReturnsPartial": p.ReturnsPartial, "ReportsFailed": p.ReportsFailed,
		"CapsExternalAverage": p.CapsExternalAverage, "CapsValue": p.CapsValue,
	}
}

// since says from which minor version each is so, by default.
var since = map[string]int{
	"ScaleToZero": 37, "ConfigurableTolerance": 35, "ContainerResource": 27, "ChecksContainerGate": 27,
	"PodLevelResources": 34, "CountsSidecars": 29, "RequiresContainer": 35, "SyncsOnCreation": 37, "SyncsOnEdit": 37,
	"RemembersZero": 36, "ChecksOverlap": 26, "ToleranceInterval": 33, "CountsBothEvents": 26, "FillsToTarget": 26,
	"LeavesEqual": 28, "ChecksSamplesFirst": 26, "MissesContainer": 33, "ReturnsPartial": 27, "ReportsFailed": 29,
	"CapsExternalAverage": 34, "CapsValue": 35,
}

func TestProfilesOfAllVersions(t *testing.T) {
	for minor := oldestMinor; minor <= latestMinor; minor++ {
		version := versionOf(minor)
		p, err := ProfileFor(version, nil)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "version", p.Version, version)
		check(t, "factor", p.scaleUpFactor, 2.0)
		for name, got := range flags(p) {
			check(t, name+" in "+version, got, minor >= since[name])
		}
		for word, until := range map[wording]int{wordsNoSource: 24, wordsUtilization: 25, wordsReadyPods: 26, wordsShifted: 36} {
			check(t, "words in "+version, p.words&word != 0, minor <= until)
		}
		wait := 15 * time.Second
		if minor >= 37 {
			wait = 0
		}
		check(t, "first sync in "+version, p.FirstSync(15*time.Second), wait)
	}
	p, _ := ProfileFor("1.37", nil)
	check(t, "latest", LatestProfile(), p)
	check(t, "the controller's default", DefaultController().Profile, p)
}

func TestVersionsAreReadInAnyForm(t *testing.T) {
	for _, version := range []string{"1.30", "v1.30", "1.30.4", "v1.30.14", "1.30."} {
		p, err := ProfileFor(version, nil)
		check(t, version, err, nil)
		check(t, version, p.Version, "1.30")
	}
	for _, version := range []string{"", "1", "1.", "1.22", "1.38", "2.30", "1.+30", "1.030", "1.3e1", "30", "v", "1.99999999999999999999"} {
		p, err := ProfileFor(version, nil)
		if err == nil || !strings.Contains(err.Error(), "known are 1.23 to 1.37") {
			t.Errorf("%q: %v", version, err)
		}
		check(t, version, p, Profile{})
	}
}

func TestFeatureGates(t *testing.T) {
	for _, row := range []struct {
		version, gate string
		on            bool
		flag          string
		want          bool
	}{
		{"1.37", "HPAScaleToZero", false, "ScaleToZero", false},
		{"1.23", "HPAScaleToZero", true, "ScaleToZero", true},
		{"1.33", "HPAConfigurableTolerance", true, "ConfigurableTolerance", true},
		{"1.36", "HPAConfigurableTolerance", false, "ConfigurableTolerance", false},
		{"1.37", "HPAConfigurableTolerance", true, "ConfigurableTolerance", true},
		{"1.26", "HPAContainerMetrics", true, "ContainerResource", true},
		{"1.29", "HPAContainerMetrics", false, "ContainerResource", false},
		{"1.31", "HPAContainerMetrics", true, "ContainerResource", true},
		{"1.37", "HPAGeneration", false, "SyncsOnEdit", false},
		{"1.32", "PodLevelResources", true, "PodLevelResources", false},
		{"1.33", "PodLevelResources", true, "PodLevelResources", false},
		{"1.34", "PodLevelResources", false, "PodLevelResources", false},
		{"1.34", "PodLevelResources", true, "PodLevelResources", true},
		{"1.37", "HPAOptimizedSelectorStore", false, "ScaleToZero", true},
		{"1.37", "StaleControllerConsistencyHPA", false, "ScaleToZero", true},
	} {
		p, err := ProfileFor(row.version, map[string]bool{row.gate: row.on})
		if err != nil {
			t.Errorf("%s in %s: %v", row.gate, row.version, err)
		}
		check(t, row.gate+" in "+row.version, flags(p)[row.flag], row.want)
	}
}

func TestGatesThatCannotBeSet(t *testing.T) {
	for _, row := range []struct {
		version, gate string
		on            bool
		want          string
	}{
		{"1.37", "HPAConfigurableTolerance", false, "feature gate HPAConfigurableTolerance is locked on in Kubernetes 1.37"},
		{"1.30", "HPAContainerMetrics", false, "feature gate HPAContainerMetrics is locked on in Kubernetes 1.30"},
		{"1.32", "HPAContainerMetrics", true, `unknown feature gate "HPAContainerMetrics" for Kubernetes 1.32: those that concern the HPA are HPAScaleToZero, PodLevelResources`},
		{"1.32", "HPAConfigurableTolerance", true, `unknown feature gate "HPAConfigurableTolerance" for Kubernetes 1.32: those that concern the HPA are HPAScaleToZero, PodLevelResources`},
		{"1.23", "Nonsense", true, `unknown feature gate "Nonsense" for Kubernetes 1.23: those that concern the HPA are HPAContainerMetrics, HPAScaleToZero`},
	} {
		_, err := ProfileFor(row.version, map[string]bool{row.gate: row.on})
		if err == nil || err.Error() != row.want {
			t.Errorf("%s in %s: %v, want %s", row.gate, row.version, err, row.want)
		}
	}
	// Of several mistakes the first by name is told.
	_, err := ProfileFor("1.37", map[string]bool{"Zeta": true, "Alpha": true, "HPAScaleToZero": true})
	if err == nil || !strings.Contains(err.Error(), `"Alpha"`) {
		t.Error(err)
	}
}

func TestContainerResourceIsRefusedWithoutItsGate(t *testing.T) {
	for version, want := range map[string]cause{"1.26": causeNone, "1.27": causeGateOff, "1.29": causeGateOff} {
		l := newLab(t).scale(2).ready(2, 200)
		l.spec.Metrics[0].Source = SourceContainerResource
		p, err := ProfileFor(version, map[string]bool{"HPAContainerMetrics": false})
		if err != nil {
			t.Fatal(err)
		}
		l.spec.Controller.Profile = p
		_, problem := l.spec.ask(l.o, &MetricStatus{}, &Working{})
		check(t, "cause in "+version, problem.cause, want)
		d := l.step()
		active := "True ValidMetricFound"
		if want != causeNone {
			active = ""
		}
		check(t, "ScalingActive in "+version, l.condition(&d, ScalingActive), active)
	}
}

func TestAContainerThatIsNotListed(t *testing.T) {
	for version, want := range map[string]cause{"1.32": causeNoContainer, "1.33": causeNone} {
		l := newLab(t).version(version).scale(2).ready(2, 200)
		l.o.Readings[0].NoContainer = "shop/web-1"
		l.spec.Metrics[0].Source = SourceContainerResource
		_, p := l.spec.ask(l.o, &MetricStatus{}, &Working{})
		check(t, "cause in "+version, p.cause, want)
		l.spec.Metrics[0].Source = SourceResource
		_, p = l.spec.ask(l.o, &MetricStatus{}, &Working{})
		check(t, "cause of a Resource metric", p.cause, causeNone)
	}
}
