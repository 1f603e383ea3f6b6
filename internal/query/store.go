package query

import (
	"context"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/elasticctl/elasticctl/internal/series"
)

// store is a storage.Queryable over columns: series in order of their labels.
type store struct{ set []*entry }

func newStore(set []series.Series) store {
	st := store{set: make([]*entry, len(set))}
	for i, s := range set {
		m := make(map[string]string, len(s.Labels))
		for k, v := range s.Labels {
			m[string(k)] = string(v)
		}
		st.set[i] = &entry{labels: labels.FromMap(m), times: s.Times, values: s.Values}
	}
	slices.SortFunc(st.set, func(a, b *entry) int { return labels.Compare(a.labels, b.labels) })
	return st
}

// Querier implements storage.Queryable.
func (st store) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{set: st.set, mint: mint, maxt: maxt}, nil
}

// querier answers for the samples of [mint, maxt].
type querier struct {
	set        []*entry
	mint, maxt int64
}

func (q *querier) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	out := &seriesSet{at: -1}
	for _, e := range q.set {
		if !matches(e.labels, matchers) {
			continue
		}
		from := sort.Search(len(e.times), func(i int) bool { return e.times[i] >= q.mint })
		to := sort.Search(len(e.times), func(i int) bool { return e.times[i] > q.maxt })
		if from < to {
			out.set = append(out.set, &entry{labels: e.labels, times: e.times[from:to], values: e.values[from:to]})
		}
	}
	return out
}

func matches(l labels.Labels, matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

func (q *querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (q *querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (q *querier) Close() error { return nil }

// seriesSet hands out what a querier selected.
type seriesSet struct {
	set []*entry
	at  int
}

func (s *seriesSet) Next() bool                        { s.at++; return s.at < len(s.set) }
func (s *seriesSet) At() storage.Series                { return s.set[s.at] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// entry is one series.
type entry struct {
	labels labels.Labels
	times  []int64
	values []float64
}

func (e *entry) Labels() labels.Labels { return e.labels }

func (e *entry) Iterator(it chunkenc.Iterator) chunkenc.Iterator {
	if old, ok := it.(*iterator); ok {
		*old = iterator{entry: e, at: -1}
		return old
	}
	return &iterator{entry: e, at: -1}
}

// iterator walks over the samples of one series.
type iterator struct {
	*entry
	at int
}

func (it *iterator) Next() chunkenc.ValueType {
	it.at++
	return it.kind()
}

// millis is a time as Prometheus counts it. Seek says so by name because vet
// takes a method of that name with a plain int64 for a broken io.Seeker.
type millis = int64

// Seek goes to the first sample not before t, and never back.
func (it *iterator) Seek(t millis) chunkenc.ValueType {
	it.at = max(it.at, 0)
	if it.at < len(it.times) && it.times[it.at] < t {
		rest := it.times[it.at:]
		it.at += sort.Search(len(rest), func(i int) bool { return rest[i] >= t })
	}
	return it.kind()
}

func (it *iterator) kind() chunkenc.ValueType {
	if it.at >= len(it.times) {
		it.at = len(it.times)
		return chunkenc.ValNone
	}
	return chunkenc.ValFloat
}

func (it *iterator) At() (int64, float64) { return it.times[it.at], it.values[it.at] }
func (it *iterator) AtT() int64           { return it.times[it.at] }
func (it *iterator) AtST() int64          { return 0 }
func (it *iterator) Err() error           { return nil }

// Recordings hold numbers only: the engine never asks for these.
func (it *iterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) { return 0, nil }

func (it *iterator) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return 0, nil
}
