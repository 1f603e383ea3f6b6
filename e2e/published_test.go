//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// published is a set of manifests that a project ships, and all that the default
// tier finds in it, each with why a reviewer would say so.
type published struct {
	module, dir string
	found       map[string]string
}

var publishedSets = []published{
	{"knative.dev/serving@v0.51.0", "config", map[string]string{
		"core/deployments/activator-hpa.yaml:53 pdb-percent-rounding": "the HPA starts at one pod, and 80 % of one to four is all of them: a drain of the node waits",
		"core/deployments/webhook-hpa.yaml:51 pdb-percent-rounding":   "the same: at its minimum of one pod the webhook cannot be evicted",
	}},
	{"sigs.k8s.io/metrics-server@v0.9.0", "manifests", map[string]string{
		"components/high-availability/pdb.yaml:2 pdb-api-removed": "Kubernetes 1.25 and later refuse policy/v1beta1",
	}},
	{"k8s.io/ingress-nginx@v0.0.0-20240708192948-52c50467d67d", "deploy", nil},
	{"github.com/prometheus-operator/prometheus-operator@v0.85.0", "example", map[string]string{
		"admission-webhook/service-monitor.yaml:4 sm-labels-not-selected":                            "no Prometheus of the examples asks for its labels: nobody scrapes the webhook",
		"rbac/prometheus-operator/prometheus-operator-service-monitor.yaml:4 sm-labels-not-selected": "no Prometheus of the examples asks for its labels: nobody scrapes the operator",
		"shards/prometheus-service.yaml:13 svc-no-pods":                                              "the Prometheus beside it is not called shards, so none of its pods has that label: information, no error",
		"user-guides/scrapeclass/scrapeclass-example-podmonitor.yaml:1 sm-labels-not-selected":       "it has no labels at all, and every podMonitorSelector asks for some",
		"user-guides/scrapeclass/scrapeclass-example-servicemonitor.yaml:3 sm-labels-not-selected":   "it has no labels at all, and every serviceMonitorSelector asks for some",
	}},
	{"github.com/projectcontour/contour@v1.33.8", "examples", nil},
	{"sigs.k8s.io/descheduler@v0.36.0", "kubernetes", nil},
	{"github.com/kedacore/keda/v2@v2.21.0", "config", map[string]string{
		"samples/keda_v1alpha1_scaledobject.yaml:7 hpa-target-missing": "a sample that scales a Deployment which is not there: information, no error",
	}},
	{"github.com/fluxcd/flux2/v2@v2.9.5", "manifests", nil},
	{"k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1", "deploy", nil},
	{"istio.io/istio@v0.0.0-20260827124520-eed52ebb66ad", "samples", map[string]string{
		"addons/extras/prometheus-operator.yaml:59 sm-no-service": "istiod's Service is installed by other means: information, no error",
		"security/psp/sidecar-psp.yaml:2 manifest-kind":           "policy/v1 never had a PodSecurityPolicy: no API server takes it",
	}},
}

// What ten projects ship yields what a reviewer would say, and nothing else.
func TestPublishedManifestsYieldOnlyWhatAReviewWouldSay(t *testing.T) {
	for _, set := range publishedSets {
		t.Run(set.module, func(t *testing.T) {
			found := lintIn(t, filepath.Join(download(t, set.module), set.dir))
			for finding, message := range found {
				if set.found[finding] == "" {
					t.Errorf("unexpected: %s: %s", finding, message)
				}
			}
			for finding := range set.found {
				if found[finding] == "" {
					t.Errorf("missing: %s", finding)
				}
			}
		})
	}
}

// lintIn returns what is found in a directory: messages by "file:line rule".
func lintIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	cmd := exec.Command(program(t, "elasticctl"), "lint", "--config", "none", "-f", ".", "-o", "json")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
		t.Fatal(err)
	}
	var result struct {
		Objects  int
		Findings []struct {
			File, Rule, Message string
			Line                int
		}
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatal(err)
	}
	if result.Objects == 0 {
		t.Error("no objects")
	}
	found := map[string]string{}
	for _, f := range result.Findings {
		found[fmt.Sprintf("%s:%d %s", filepath.ToSlash(strings.TrimPrefix(f.File, "./")), f.Line, f.Rule)] = f.Message
	}
	return found
}

// download has the Go command fetch a module, and returns where it put it. Nothing
// of it is kept in the repository.
func download(t *testing.T, module string) string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(cmd.Dir, "go.mod"), []byte("module published\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.Output()
	var got struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &got); jsonErr != nil || got.Dir == "" {
		t.Fatalf("%s: %v %s", module, errors.Join(err, jsonErr), got.Error)
	}
	return got.Dir
}
