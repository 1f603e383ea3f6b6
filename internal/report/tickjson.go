package report

import (
	"io"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// flushSize is how many bytes are collected before they are written.
const flushSize = 64 << 10

// tickJSON renders ticks as JSON objects, DESIGN's fields in their order. It
// keeps what did not change since the tick before.
type tickJSON struct {
	w   io.Writer
	buf []byte
	err error

	start time.Time
	// replay is the name that each object carries; empty for none.
	replay string
	// openLoop is told of each object.
	openLoop bool

	// conditions are those of the tick before, rendered.
	conditions     []hpa.Condition
	conditionsJSON []byte
}

// tick appends one object.
func (j *tickJSON) tick(t *sim.Tick) {
	d := &t.Decision
	b := append(j.buf, `{"t":`...)
	b = appendSeconds(b, t.T)
	if !j.start.IsZero() {
		b = append(b, `,"time":"`...)
		b = j.start.Add(t.T).UTC().AppendFormat(b, time.RFC3339Nano)
		b = append(b, '"')
	}
	b = appendField(b, "specReplicas", int64(t.SpecReplicas))
	b = appendField(b, "statusReplicas", int64(t.StatusReplicas))
	b = appendPods(b, &t.Pods)
	b = appendMetrics(b, d.Metrics)
	if d.HasProposal {
		b = appendField(b, "proposed", int64(d.Proposed))
		b = append(b, `,"by":`...)
		b = appendString(b, t.Spec.Metrics[d.By].Proposal)
		b = appendField(b, "stabilized", int64(d.Stabilized))
		b = appendField(b, "limited", int64(d.Limited))
	}
	b = appendField(b, "desired", int64(d.StatusDesired))
	if d.Scaled {
		b = appendField(b, "scaledTo", int64(d.Desired))
	}
	b = append(b, `,"conditions":`...)
	b = append(b, j.renderConditions(d.Conditions)...)
	b = appendEvents(b, d.Events)
	if d.Failure.Failed() {
		b = append(b, `,"error":`...)
		b = appendString(b, d.Failure.Error())
	}
	b = append(b, `,"why":`...)
	b = appendString(b, why(t))
	if j.openLoop {
		b = append(b, `,"openLoop":true`...)
	}
	if j.replay != "" {
		b = append(b, `,"replay":`...)
		b = appendString(b, j.replay)
	}
	j.buf = append(b, '}')
}

// room writes what was collected once it is enough.
func (j *tickJSON) room() {
	if len(j.buf) >= flushSize {
		j.flush()
	}
}

// flush writes what was collected.
func (j *tickJSON) flush() {
	if j.err == nil {
		_, j.err = j.w.Write(j.buf)
	}
	j.buf = j.buf[:0]
}

// renderConditions returns the conditions as a JSON array. Most syncs leave
// them as they were.
func (j *tickJSON) renderConditions(list []hpa.Condition) []byte {
	if j.conditionsJSON != nil && slices.Equal(list, j.conditions) {
		return j.conditionsJSON
	}
	j.conditions = append(j.conditions[:0], list...)
	b := append(j.conditionsJSON[:0], '[')
	for i := range list {
		c := &list[i]
		status := "False"
		if c.Status {
			status = "True"
		}
		b = appendComma(b, i)
		b = append(b, `{"type":`...)
		b = appendString(b, c.Type.String())
		b = append(b, `,"status":"`...)
		b = append(b, status...)
		b = append(b, `","reason":`...)
		b = appendString(b, c.Reason.String())
		b = append(b, `,"message":`...)
		b = appendString(b, c.Message())
		b = append(b, '}')
	}
	j.conditionsJSON = append(b, ']')
	return j.conditionsJSON
}

func appendEvents(b []byte, list []hpa.Event) []byte {
	b = append(b, `,"events":[`...)
	for i := range list {
		b = appendComma(b, i)
		b = append(b, `{"type":`...)
		b = appendString(b, eventType(&list[i]))
		b = append(b, `,"reason":`...)
		b = appendString(b, list[i].Reason.String())
		b = append(b, `,"message":`...)
		b = appendString(b, list[i].Message())
		b = append(b, '}')
	}
	return append(b, ']')
}

// eventType is Kubernetes' word for an event's type.
func eventType(e *hpa.Event) string {
	if e.Normal {
		return "Normal"
	}
	return "Warning"
}

func appendPods(b []byte, c *sim.Counts) []byte {
	b = append(b, `,"pods":{"ready":`...)
	b = strconv.AppendInt(b, int64(c.Ready), 10)
	b = appendField(b, "notReady", int64(c.NotReady))
	b = appendField(b, "pending", int64(c.Pending))
	b = appendField(b, "terminating", int64(c.Terminating))
	b = appendField(b, "failed", int64(c.Failed))
	return append(b, '}')
}

func appendMetrics(b []byte, list []hpa.MetricStatus) []byte {
	b = append(b, `,"metrics":[`...)
	for i := range list {
		m := &list[i]
		b = appendComma(b, i)
		if !m.Valid {
			b = append(b, `{"type":""}`...)
			continue
		}
		b = append(b, `{"type":`...)
		b = appendString(b, m.Source.String())
		b = append(b, `,"name":`...)
		b = appendString(b, m.Name)
		if m.HasUtilization {
			b = appendField(b, "utilization", int64(m.Utilization))
		}
		if m.HasAverage {
			b = appendField(b, "average", m.Average)
		}
		if m.HasValue {
			b = appendField(b, "value", m.Value)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendField appends ,"name":value.
func appendField(b []byte, name string, v int64) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return strconv.AppendInt(b, v, 10)
}

// appendComma separates the elements of an array.
func appendComma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

// appendSeconds appends a time in seconds, without a fraction where it is whole.
func appendSeconds(b []byte, d time.Duration) []byte {
	if d%time.Second == 0 {
		return strconv.AppendInt(b, int64(d/time.Second), 10)
	}
	return strconv.AppendFloat(b, d.Seconds(), 'f', -1, 64)
}

// appendString appends a JSON string.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, `\u00`...)
			b = append(b, hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r) // RuneError for what is not UTF-8
		}
	}
	return append(b, '"')
}
