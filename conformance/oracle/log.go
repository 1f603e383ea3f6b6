package oracle

import (
	"fmt"

	"github.com/go-logr/logr"
)

// logSink reads the controller's structured log: it is where the proposal is
// told, and where events pass that the event correlator would drop.
type logSink struct{ r *recorder }

func (logSink) Init(logr.RuntimeInfo)            {}
func (logSink) Enabled(int) bool                 { return true }
func (logSink) Error(error, string, ...any)      {}
func (s logSink) WithValues(...any) logr.LogSink { return s }
func (s logSink) WithName(string) logr.LogSink   { return s }

func (s logSink) Info(_ int, msg string, kv ...any) {
	switch msg {
	case "Proposing desired replicas", "Proposing desired replicas from zero":
		n, _ := lookup(kv, "desiredReplicas").(int32)
		s.r.proposed(n, fmt.Sprint(lookup(kv, "metric")))
	case "Event occurred":
		s.r.event(Event{
			Type:    fmt.Sprint(lookup(kv, "type")),
			Reason:  fmt.Sprint(lookup(kv, "reason")),
			Message: fmt.Sprint(lookup(kv, "message")),
		})
	}
}

func lookup(kv []any, key string) any {
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i] == key {
			return kv[i+1]
		}
	}
	return nil
}
