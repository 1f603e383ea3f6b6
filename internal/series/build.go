package series

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// builder gathers series from all readers and merges equal ones.
type builder struct {
	lim    limits
	left   int64 // of lim.memory
	series []Series
	index  map[string]int
	adds   int // calls of add
	notes  []string
	watch  Progress // may be nil
}

func newBuilder(lim limits) *builder {
	return &builder{lim: lim, left: lim.memory, index: map[string]int{}}
}

const hintSmaller = "record fewer series, a shorter time or a longer step"

// charge takes n bytes from what the recording may hold.
func (b *builder) charge(n int64) bool {
	b.left -= n
	return b.left >= 0
}

func (b *builder) full() string {
	return fmt.Sprintf("the recording is too large: its samples and labels take more than %d MiB", b.lim.memory>>20)
}

func (b *builder) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(b.notes) < 1000 && !slices.Contains(b.notes, text) {
		b.notes = append(b.notes, text)
	}
}

// add copies the columns of a series into the recording. Times are ascending.
// Its errors carry no position.
func (b *builder) add(s Series) error {
	b.adds++
	if !b.charge(seriesSize) {
		return &Error{Text: b.full(), Hint: hintSmaller}
	}
	key := metricKey(s.Labels)
	if i, ok := b.index[key]; ok {
		return b.merge(&b.series[i], s)
	}
	// Series of one answer mostly have equal times: they share one column.
	if n := len(b.series); n > 0 && slices.Equal(b.series[n-1].Times, s.Times) {
		s.Times = b.series[n-1].Times
	} else {
		s.Times = slices.Clone(s.Times)
	}
	s.Values = slices.Clone(s.Values)
	b.index[key] = len(b.series)
	b.series = append(b.series, s)
	return nil
}

// merge unites two recordings of one series. Samples of one instant must
// agree; a stale marker yields to a number, since another answer may have ended
// there.
func (b *builder) merge(old *Series, s Series) error {
	times := make([]int64, 0, len(old.Times)+len(s.Times))
	values := make([]float64, 0, cap(times))
	i, j := 0, 0
	for i < len(old.Times) || j < len(s.Times) {
		if j == len(s.Times) || i < len(old.Times) && old.Times[i] < s.Times[j] {
			times, values = append(times, old.Times[i]), append(values, old.Values[i])
			i++
			continue
		}
		t, v := s.Times[j], s.Values[j]
		if i < len(old.Times) && old.Times[i] == t {
			u := old.Values[i]
			if math.IsNaN(v) {
				v = u
			}
			if u != v && !math.IsNaN(u) {
				return &Error{
					Text: fmt.Sprintf("%s at %s is %v here and %v in %s", s.Labels, Timestamp(t), v, u, old.Source),
					Hint: "two recordings of one series must agree: leave one out, or tell them apart by a label",
				}
			}
			i++
		}
		times, values = append(times, t), append(values, v)
		j++
	}
	old.Times, old.Values = times, values
	return nil
}

// finish returns the recording, in order.
func (b *builder) finish() *Recording {
	slices.SortFunc(b.series, func(x, y Series) int {
		return cmp.Or(cmp.Compare(x.Labels[model.MetricNameLabel], y.Labels[model.MetricNameLabel]), cmp.Compare(metricKey(x.Labels), metricKey(y.Labels)))
	})
	return &Recording{Series: b.series, Notes: b.notes}
}

// metricKey is equal for equal label sets, and only for them.
func metricKey(m model.Metric) string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, string(n))
	}
	slices.Sort(names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%q=%q,", n, string(m[model.LabelName(n)]))
	}
	return b.String()
}

// Timestamp prints milliseconds since the epoch as RFC 3339 in UTC.
func Timestamp(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.999Z07:00")
}

// outOfOrder says what is wrong with a time that does not follow the last one.
func outOfOrder(last, t int64) (text, hint string) {
	if t == last {
		return "two samples at " + Timestamp(t), "keep one of them"
	}
	return fmt.Sprintf("the sample of %s comes after that of %s", Timestamp(t), Timestamp(last)), "sort by time, oldest first"
}
