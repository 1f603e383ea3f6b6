package lint

import (
	"cmp"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

type relabeling = monitoringv1.RelabelConfig

// action is what a relabeling does.
func action(r *relabeling) string { return strings.ToLower(cmp.Or(r.Action, "replace")) }

// dropped finds the relabeling that certainly drops a series, known by its
// metric's name; -1 for none. It gives up at whatever may change the name.
func dropped(list []relabeling, name string) int {
	for i := range list {
		r := &list[i]
		re, err := anchored(cmp.Or(r.Regex, "(.*)"))
		if err != nil {
			return -1
		}
		ofName := len(r.SourceLabels) == 1 && r.SourceLabels[0] == "__name__"
		switch action(r) {
		case "drop":
			if ofName && re.MatchString(name) {
				return i
			}
		case "keep":
			if ofName && !re.MatchString(name) {
				return i
			}
		case "labeldrop", "labelkeep", "keepequal", "dropequal":
		default:
			if r.TargetLabel == "__name__" || action(r) == "labelmap" {
				return -1
			}
		}
	}
	return -1
}

// unlabels finds the relabeling that certainly takes a label away; -1 for none.
// It gives up at whatever may set it again.
func unlabels(list []relabeling, label string) int {
	for i := len(list) - 1; i >= 0; i-- {
		r := &list[i]
		re, err := anchored(cmp.Or(r.Regex, "(.*)"))
		if err != nil {
			return -1
		}
		switch action(r) {
		case "labeldrop":
			if re.MatchString(label) {
				return i
			}
		case "labelkeep":
			if !re.MatchString(label) {
				return i
			}
		case "labelmap":
			return -1
		default:
			if r.TargetLabel == label {
				return -1
			}
		}
	}
	return -1
}
