package series

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"strconv"
)

// Write writes series as an answer of query_range, one line for each. Reading
// it gives the same series.
func Write(w io.Writer, set []Series) error {
	out := bufio.NewWriterSize(w, 64<<10)
	out.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[`)
	for i := range set {
		if i > 0 {
			out.WriteByte(',')
		}
		labels, err := json.Marshal(set[i].Labels)
		if err != nil {
			return err
		}
		out.WriteString("\n{\"metric\":")
		out.Write(labels)
		out.WriteString(`,"values":[`)
		writeSamples(out, &set[i])
		out.WriteString("]}")
	}
	out.WriteString("\n]}}\n")
	return out.Flush()
}

func writeSamples(out *bufio.Writer, s *Series) {
	b := make([]byte, 0, 64)
	for k, t := range s.Times {
		b = b[:0]
		if k > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendInt(b, t/1000, 10)
		if ms := t % 1000; ms != 0 {
			b = append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
		}
		b = append(b, `,"`...)
		b = appendValue(b, s.Values[k])
		b = append(b, `"]`...)
		out.Write(b)
	}
}

func appendValue(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "NaN"...)
	case math.IsInf(v, 0):
		return strconv.AppendFloat(b, v, 'f', -1, 64) // +Inf, -Inf
	case v != 0 && (math.Abs(v) < 1e-6 || math.Abs(v) >= 1e21):
		return strconv.AppendFloat(b, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}
