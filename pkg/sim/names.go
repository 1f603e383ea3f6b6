package sim

import (
	"strconv"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// podNames is what the pods of a scale target ("Kind/namespace/name") are
// called: they are numbered in the order of creation, from prefix + "0".
func podNames(reference string) (namespace, prefix string) {
	rest, name := cutLast(reference)
	_, namespace = cutLast(rest)
	return namespace, name + "-"
}

// cutLast cuts a path before and after its last slash.
func cutLast(path string) (rest, last string) {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[:i], path[i+1:]
		}
	}
	return "", path
}

// lacking says whether some column needs the names of pods.
func lacking(columns []column) bool {
	for i := range columns {
		if columns[i].lacks != "" || columns[i].foreign {
			return true
		}
	}
	return false
}

// unrequested renders why the oldest pod has no request, where the column needs
// it. Upstream stops at the first pod it meets, so one text serves every group.
func (o *observer) unrequested(c *column, f *fleet) {
	if c.lacks == "" || len(f.groups) == 0 || c.textOf == f.groups[0].first {
		return
	}
	c.textOf = f.groups[0].first
	c.text = c.lacks + o.prefix + strconv.FormatInt(c.textOf, 10)
}

// containerless names the oldest pod that the resource API lists, none of which
// has the container of the column.
func (o *observer) containerless(c *column, f *fleet, reading *hpa.Reading) {
	if !c.foreign || reading.Error != "" {
		return
	}
	for i := range o.rows {
		r := &o.rows[i]
		if !r.listed {
			continue
		}
		if n := f.groups[i].first + r.lit(); c.withoutOf != n {
			c.withoutOf = n
			c.without = o.namespace + "/" + o.prefix + strconv.FormatInt(n, 10)
		}
		reading.NoContainer = c.without
		return
	}
}

// lit is the index of the first pod of the row that has metrics.
func (r *row) lit() int64 {
	var n int64
	for _, rank := range r.dark {
		if rank-r.base != n {
			break
		}
		n++
	}
	return n
}
