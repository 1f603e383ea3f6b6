//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// unitInQuantity is the mistake of a widely copied article: a target in
// requests per second, with the unit spelt out.
const unitInQuantity = `{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
	"metadata": {"name": "web"},
	"spec": {"minReplicas": 2, "maxReplicas": 10,
		"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
		"metrics": [{"type": "Pods", "pods": {"metric": {"name": "http_requests_per_second"},
			"target": {"type": "AverageValue", "averageValue": "100r/s"}}}]}}`

// validationCase is one entry of testdata/validation: an HPA and the fields
// that the API server objects to.
type validationCase struct {
	Name   string          `json:"name"`
	HPA    json.RawMessage `json:"hpa"`
	Errors []struct {
		Type  string `json:"type"`
		Field string `json:"field"`
	} `json:"errors"`
	ScaleToZeroGateOff bool `json:"scaleToZeroGateOff"`
}

// viaRequest are the cases that a request cannot carry as they are.
var viaRequest = []string{
	"namespace empty", // the server takes the namespace from the request's path
}

// agreesWithVerdicts sends the recorded validation cases to a real server: all
// that were recorded with the gate HPAScaleToZero as it is there. What testdata
// says that an API server says is thereby so.
func agreesWithVerdicts(t *testing.T, c *cluster, gateOff bool) {
	data, err := os.ReadFile("../testdata/validation/hpa_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []validationCase }
	if err := json.Unmarshal(data, &file); err != nil || len(file.Cases) == 0 {
		t.Fatalf("%d cases: %v", len(file.Cases), err)
	}
	for _, tt := range file.Cases {
		if tt.ScaleToZeroGateOff != gateOff || slices.Contains(viaRequest, tt.Name) {
			continue
		}
		t.Run(tt.Name, func(t *testing.T) {
			var want []string
			for _, e := range tt.Errors {
				want = append(want, e.Type+" "+e.Field)
			}
			if got, want := c.verdict(t, tt.HPA), distinct(want); !slices.Equal(got, want) {
				t.Errorf("the server objects to %q, recorded is %q", got, want)
			}
		})
	}
}

// refusesUnitInQuantity puts the article's mistake before the server, and
// before elasticctl.
func refusesUnitInQuantity(t *testing.T, c *cluster) {
	out, err := c.kubectl(t, unitInQuantity, "apply", "--dry-run=server", "-f", "-")
	if err == nil || !strings.Contains(out, "quantities must match the regular expression") {
		t.Errorf("kubectl apply: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program(t, "elasticctl"), "simulate", "-f", "-")
	cmd.Stdin = strings.NewReader(unitInQuantity)
	ours, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(ours), `"100r/s"`) {
		t.Errorf("elasticctl simulate: %v\n%s", err, ours)
	}
}

// distinct sorts objections and drops repetitions: the server tells each once,
// in an order of its own.
func distinct(objections []string) []string {
	slices.Sort(objections)
	return slices.Compact(objections)
}

// verdict is what the server objects to in an HPA, as distinct "type field";
// nothing if it accepts it.
func (c *cluster) verdict(t *testing.T, hpa []byte) []string {
	t.Helper()
	const path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers?dryRun=All&fieldValidation=Strict"
	status, body, err := c.do(http.MethodPost, path, hpa)
	if err != nil {
		t.Fatal(err)
	}
	if status == http.StatusCreated {
		return nil
	}
	var answer struct {
		Details struct {
			Causes []struct{ Reason, Field string }
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d: %s", status, body)
	}
	var got []string
	for _, cause := range answer.Details.Causes {
		got = append(got, cause.Reason+" "+cause.Field)
	}
	return distinct(got)
}
