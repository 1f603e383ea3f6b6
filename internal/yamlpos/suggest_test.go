package yamlpos

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
)

func TestHintsSayWhatWasMeant(t *testing.T) {
	type target struct {
		ScaleTargetRef             string             `json:"scaleTargetRef"`
		Expr                       string             `json:"expr"`
		MinReplicaCount            *int32             `json:"minReplicaCount"`
		MaxReplicaCount            *int32             `json:"maxReplicaCount"`
		AverageUtilization         *int32             `json:"averageUtilization"`
		StabilizationWindowSeconds *int32             `json:"stabilizationWindowSeconds"`
		CPU                        *resource.Quantity `json:"cpu"`
	}
	for text, want := range map[string]string{
		"targetRef: a":                     `did you mean "scaleTargetRef"?`,
		"expression: a":                    `did you mean "expr"?`,
		"minReplicas: 1":                   `did you mean "minReplicaCount"?`,
		"averageUtilization: 60%":          "write 60",
		"averageUtilization: 0.6":          "write 60: it is in percent",
		"averageUtilization: 6.5":          "",
		`averageUtilization: "60"`:         "remove the quotes",
		"stabilizationWindowSeconds: 5m":   "write 300: it is in seconds",
		"stabilizationWindowSeconds: 50ms": "",
		"minReplicaCount: 5m":              "",
		"cpu: 100 m":                       `write "100m"`,
		"cpu: 2 Gi":                        `write "2Gi"`,
		"cpu: 64 mb":                       `write "64M" (powers of 1000) or "64Mi" (powers of 1024)`,
	} {
		docs, err := Parse("f", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var into target
		err = docs[0].Decode(&into)
		if err == nil || want != "" && !strings.HasSuffix(err.Error(), want) || want == "" && strings.Contains(err.Error(), ";") {
			t.Errorf("%s: %v, want the hint %q", text, err, want)
		}
	}
}
