// Package conformance holds elasticctl against the real HPA controller: the
// same simulation file through both, and every sync compared.
package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"reflect"
	"regexp"
	"strings"

	"github.com/elasticctl/elasticctl/conformance/oracle"
)

// Replay runs a simulation file through the elasticctl binary.
func Replay(binary string, simulation []byte) ([]oracle.Tick, error) {
	cmd := exec.Command(binary, "simulate", "-f", "-", "-o", "jsonl")
	cmd.Stdin = bytes.NewReader(simulation)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, errs.String())
	}
	return Decode(&out)
}

// Decode reads a timeline, one JSON object a line.
func Decode(r io.Reader) ([]oracle.Tick, error) {
	var ticks []oracle.Tick
	for dec := json.NewDecoder(r); ; {
		var t oracle.Tick
		switch err := dec.Decode(&t); err {
		case nil:
			ticks = append(ticks, t)
		case io.EOF:
			return ticks, nil
		default:
			return nil, err
		}
	}
}

// Diff describes the first sync in which two timelines differ; it is empty
// where they agree.
func Diff(real, ours []oracle.Tick) string {
	for i := range min(len(real), len(ours)) {
		a, b := canonical(real[i]), canonical(ours[i])
		if !reflect.DeepEqual(a, b) {
			return sideBySide(i, a, b)
		}
	}
	if len(real) != len(ours) {
		return fmt.Sprintf("the controller synced %d times, elasticctl %d times", len(real), len(ours))
	}
	return ""
}

// podName is the name of a pod in a message: upstream names whichever pod its
// cache lists first.
var podName = regexp.MustCompile(`[pP]od web-[0-9]+`)

// canonical is a tick without what upstream leaves to chance.
func canonical(t oracle.Tick) oracle.Tick {
	mend := func(s string) string { return podName.ReplaceAllString(s, "Pod web-N") }
	t.Error = mend(t.Error)
	t.Metrics = append([]oracle.Metric(nil), t.Metrics...)
	t.Conditions = append([]oracle.Condition(nil), t.Conditions...)
	for i := range t.Conditions {
		t.Conditions[i].Message = mend(t.Conditions[i].Message)
	}
	t.Events = append([]oracle.Event(nil), t.Events...)
	for i := range t.Events {
		t.Events[i].Message = mend(t.Events[i].Message)
	}
	return t
}

// sideBySide prints the fields of two ticks that differ.
func sideBySide(i int, a, b oracle.Tick) string {
	var out strings.Builder
	fmt.Fprintf(&out, "sync %d at %v s differs:\n", i, a.T)
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for f := range va.NumField() {
		name := va.Type().Field(f).Name
		x, _ := json.Marshal(va.Field(f).Interface())
		y, _ := json.Marshal(vb.Field(f).Interface())
		mark := " "
		if !bytes.Equal(x, y) {
			mark = "!"
		}
		fmt.Fprintf(&out, "%s %-14s controller %s\n", mark, name, x)
		if mark == "!" {
			fmt.Fprintf(&out, "%s %-14s elasticctl %s\n", mark, "", y)
		}
	}
	return out.String()
}
