package hpa

import (
	"strings"
	"testing"
)

// TestGatesBeginAndEndWithTheirVersions takes each gate in the last version
// without it and in the first with it, and likewise at its end.
func TestGatesBeginAndEndWithTheirVersions(t *testing.T) {
	for _, row := range []struct{ gate, version, want string }{
		{"HPAConfigurableTolerance", "1.32", "unknown feature gate"},
		{"HPAConfigurableTolerance", "1.33", ""},
		{"HPAConfigurableTolerance", "1.36", ""},
		{"HPAConfigurableTolerance", "1.37", "locked on"},
		{"HPAContainerMetrics", "1.23", ""},
		{"HPAContainerMetrics", "1.29", ""},
		{"HPAContainerMetrics", "1.30", "locked on"},
		{"HPAContainerMetrics", "1.31", "locked on"},
		{"HPAContainerMetrics", "1.32", "unknown feature gate"},
		{"HPAContainerMetrics", "1.33", "unknown feature gate"},
		{"HPAGeneration", "1.36", "unknown feature gate"},
		{"HPAGeneration", "1.37", ""},
		{"HPAOptimizedSelectorStore", "1.36", "unknown feature gate"},
		{"HPAOptimizedSelectorStore", "1.37", ""},
		{"HPAScaleToZero", "1.23", ""},
		{"HPAScaleToZero", "1.37", ""},
		{"PodLevelResources", "1.31", "unknown feature gate"},
		{"PodLevelResources", "1.32", ""},
		{"PodLevelResources", "1.37", ""},
		{"StaleControllerConsistencyHPA", "1.36", "unknown feature gate"},
		{"StaleControllerConsistencyHPA", "1.37", ""},
	} {
		_, err := ProfileFor(row.version, map[string]bool{row.gate: false})
		switch {
		case row.want == "" && err != nil:
			t.Errorf("%s in %s: %v", row.gate, row.version, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)):
			t.Errorf("%s in %s: %v, want %s", row.gate, row.version, err, row.want)
		}
	}
}

func TestOnlyAVMayStandBeforeAVersion(t *testing.T) {
	for _, version := range []string{"w1.30", "u1.30", "V1.30", "vv1.30", "v", "1.99999999999999999999"} {
		if _, err := ProfileFor(version, nil); err == nil {
			t.Errorf("%s is taken for a version", version)
		}
	}
}
