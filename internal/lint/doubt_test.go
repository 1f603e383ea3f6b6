package lint_test

import (
	"strings"
	"testing"
)

func TestWhatIsWrongBesidesAnUnreadFieldIsFound(t *testing.T) {
	misspelt := scale("  minReplica: 1", "  metrics: [{type: Resource, resource: {name: cpus, target: {type: Utilization, averageUtilization: 60}}}]")
	expect(t, found(t, "hpa-resource", false, misspelt), "manifest-field 8:3 error", "hpa-resource-name-unknown 9:47 error")
	expect(t, found(t, "hpa-", false, misspelt+"\n", run("Deployment", "", `      containers: [{name: app, image: "x:1"}]`)), "manifest-field 8:3 error", "hpa-resource-name-unknown 9:47 error")
	mistyped := strings.Replace(scale(), "minReplicas: 2", `minReplicas: "20"`, 1)
	expect(t, found(t, "hpa-replicas-set", false, mistyped+"\n", run("Deployment", "  replicas: 3", onePod)), "manifest-field 6:16 error", "hpa-replicas-set 14:13 error")
}

func TestWhatAnUnreadFieldHidesIsNotMissing(t *testing.T) {
	for name, words := range map[string][2]string{
		"a field that must be there": {"maxReplicas: 10", "maxReplica: 10"},
		"what it is in":              {"resource: {name: cpu,", "resources: {name: cpu,"},
		"what it holds":              {"target: {type: Utilization,", "targets: {type: Utilization,"},
		"a value of the wrong type":  {"maxReplicas: 10", "maxReplicas: ten"},
		"a list that is none":        {"metrics: [{", "metrics: {a: {"},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := strings.Replace(scale(), words[0], words[1], 1)
			if strings.Contains(wrong, "{a: {") {
				wrong = strings.Replace(wrong, "}]", "}}", 1)
			}
			if got := broken(found(t, "hpa-", false, wrong)); len(got) != 2 || got[0] != "hpa-target-missing" || got[1] != "manifest-field" {
				t.Errorf("found %v in\n%s", got, wrong)
			}
		})
	}
}
