package report

import (
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
)

// modelJSON is a load model as -o json writes it: cores, core-seconds and
// seconds. docs/model.md lists the fields.
type modelJSON struct {
	Demand           string            `json:"demand"`
	Method           string            `json:"method"`
	Driver           string            `json:"driver,omitempty"`
	Idle             estimateJSON      `json:"idle"`
	Cost             *estimateJSON     `json:"cost,omitempty"`
	Capacity         *estimateJSON     `json:"capacity,omitempty"`
	Limit            float64           `json:"limit,omitempty"`
	CountsShed       bool              `json:"countsShed,omitempty"`
	Births           int               `json:"births"`
	StartUp          float64           `json:"startUp"`
	WindowSeconds    float64           `json:"windowSeconds"`
	Windows          windowsJSON       `json:"windows"`
	Error            *float64          `json:"error,omitempty"`
	HeldOut          *heldOutJSON      `json:"heldOut,omitempty"`
	SaturatedSeconds float64           `json:"saturatedSeconds"`
	Signs            []signJSON        `json:"signs,omitempty"`
	Rebuilt          bool              `json:"rebuilt,omitempty"`
	Changed          bool              `json:"changed,omitempty"`
	Segments         []segmentJSON     `json:"segments,omitempty"`
	Imbalance        *imbalanceJSON    `json:"imbalance,omitempty"`
	Bend             *bendJSON         `json:"bend,omitempty"`
	Latency          *latencyModelJSON `json:"latency,omitempty"`
}

type estimateJSON struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

type windowsJSON struct {
	Learned   int `json:"learned"`
	Starting  int `json:"starting"`
	Rolling   int `json:"rolling"`
	Saturated int `json:"saturated"`
	NoValue   int `json:"noValue"`
}

type heldOutJSON struct {
	Changes int     `json:"changes"`
	Pods    int     `json:"pods"`
	Error   float64 `json:"error"`
}

type signJSON struct {
	Sign    string  `json:"sign"`
	Seconds float64 `json:"seconds"`
}

type segmentJSON struct {
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Template string        `json:"template,omitempty"`
	Windows  int           `json:"windows"`
	Idle     *estimateJSON `json:"idle,omitempty"`
	Cost     *estimateJSON `json:"cost,omitempty"`
}

// otherJSON is a replay at the other end of what is known only as a range.
type otherJSON struct {
	Summary summaryJSON `json:"summary"`
	Score   scoreJSON   `json:"score"`
}

// methodName is a method's word in JSON.
func methodName(m fit.Method) string {
	switch m {
	case fit.Regression:
		return "regression"
	case fit.Jumps:
		return "jumps"
	case fit.Given:
		return "given"
	case fit.Range:
	}
	return "range"
}

func estimateOf(e fit.Estimate) *estimateJSON {
	if e.Value == 0 {
		return nil
	}
	return &estimateJSON{e.Value, e.Low, e.High}
}

// modelsJSON puts models into the shape of -o json.
func modelsJSON(list []Model) []modelJSON {
	var out []modelJSON
	for _, m := range list {
		j := modelJSON{
			Demand: m.Demand, Method: methodName(m.Method), Driver: m.Driver,
			Idle: estimateJSON{m.Idle.Value, m.Idle.Low, m.Idle.High}, Cost: estimateOf(m.Cost), Capacity: estimateOf(m.Capacity),
			Limit: m.Limit, CountsShed: m.CountsShed, Births: m.Births, StartUp: m.StartUp,
			WindowSeconds:    m.Window.Seconds(),
			Windows:          windowsJSON{m.Windows, m.Starting, m.Rolling, m.Saturated, m.NoValue},
			SaturatedSeconds: m.Understated.Seconds(), Rebuilt: m.Rebuilt, Changed: m.Changed,
			Imbalance: imbalanceOf(&m.Imbalance), Bend: bendOf(&m.Bend), Latency: latencyModelOf(m.Latency),
		}
		if m.Method == fit.Regression {
			j.Error = &m.Error
		}
		if h := m.HeldOut; h.Pods > 0 {
			j.HeldOut = &heldOutJSON{h.Changes, h.Pods, h.Error}
		}
		for _, s := range m.Signs {
			j.Signs = append(j.Signs, signJSON{s.Text, s.Time.Seconds()})
		}
		for _, s := range m.Segments {
			piece := segmentJSON{From: time.UnixMilli(s.From).UTC(), To: time.UnixMilli(s.To).UTC(), Template: s.Template, Windows: s.Windows}
			if s.OK {
				piece.Idle, piece.Cost = &estimateJSON{s.Idle.Value, s.Idle.Low, s.Idle.High}, estimateOf(s.Cost)
			}
			j.Segments = append(j.Segments, piece)
		}
		out = append(out, j)
	}
	return out
}
