package synthetic

import (
	"encoding/json"
	"io"
	"strconv"
)

// Names are the metrics of the recording, sorted.
func (r *Recording) Names() []string {
	var out []string
	for _, s := range r.Series {
		if name := s.Labels["__name__"]; len(out) == 0 || out[len(out)-1] != name {
			out = append(out, name)
		}
	}
	return out
}

// WriteJSON writes one metric as Prometheus answers query_range, though of
// more points than a server gives at once.
func (r *Recording) WriteJSON(w io.Writer, metric string) error {
	buf := []byte(`{"status":"success","data":{"resultType":"matrix","result":[`)
	separator := ""
	for _, s := range r.Series {
		if s.Labels["__name__"] != metric {
			continue
		}
		buf = append(buf, separator...)
		separator = ","
		var err error
		if buf, err = r.appendSeries(buf, s); err != nil {
			return err
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
	_, err := w.Write(append(buf, "]}}\n"...))
	return err
}

func (r *Recording) appendSeries(buf []byte, s Series) ([]byte, error) {
	metric, err := json.Marshal(s.Labels) // sorted by key
	if err != nil {
		return nil, err
	}
	buf = append(buf, `{"metric":`...)
	buf = append(buf, metric...)
	buf = append(buf, `,"values":[`...)
	step := int64(r.Step.Seconds())
	at := r.Start.Unix() + int64(s.First)*step
	for i, v := range s.Values {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(buf, '[')
		buf = strconv.AppendInt(buf, at, 10)
		buf = append(buf, `,"`...)
		buf = strconv.AppendFloat(buf, v, 'f', -1, 64)
		buf = append(buf, `"]`...)
		at += step
	}
	return append(buf, `]}`...), nil
}
