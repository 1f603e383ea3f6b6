package oracle

import (
	"strings"
	"testing"
)

func TestWhatTheOracleDoesNotModelItRefusesByName(t *testing.T) {
	for line, want := range map[string]string{
		"pods: {ready: [1s, 2s]}":                               "pods.ready: the oracle has no delays that differ from pod to pod",
		"pods: {pending: [1s]}":                                 "pods.pending: the oracle has no delays that differ from pod to pod",
		"pods: {metricsDelay: {p50: 1s}}":                       "pods.metricsDelay: the oracle has no delays that differ from pod to pod",
		"pods: {termination: {p100: 1m}}":                       "pods.termination: the oracle has no delays that differ from pod to pod",
		"nodes: {podsPerNode: 4}":                               "nodes: the oracle has room for every pod",
		"faults: [{at: 1m, surge: 1}, {at: 1m, rollout: true}]": "fault 1: rollout: the oracle has no Deployment controller",
		"pods: {ready: 2s, termination: 1m}":                    "",
	} {
		_, err := Parse([]byte(strings.Replace(steady, "pods:\n    initial: 3\n    containers: [{name: app, requests: {cpu: 500m}}]", line, 1)))
		if text := errorText(err); text != want {
			t.Errorf("%s: error %q, want %q", line, text, want)
		}
	}
}

func TestTheOracleRefusesResponsesByName(t *testing.T) {
	const want = "demand 0: the oracle does not know how long requests take"
	for _, line := range []string{"role: response", "response: p99"} {
		_, err := Parse([]byte("{spec: {demand: [{metric: {type: Pods, name: x}, " + line + "}]}}"))
		if text := errorText(err); text != want {
			t.Errorf("%s: error %q, want %q", line, text, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
