package scenario

import (
	"fmt"
	"strconv"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// demand is one entry of spec.demand: its values are known, or to be found in
// a recording.
type demand struct {
	sim.Demand
	// path is the entry's field path.
	path string
	// recording, selector and query say where the values come from; recording
	// is empty where they are known.
	recording, selector, query string
	// parted says that an expression is a total, of which each recorded pod had its
	// part.
	parted bool
	// declared is what the user says of how it was recorded.
	declared fit.Declared
	// base says that values are whole units.
	base bool
	// roleGiven says that the command line says how it answers to the pods.
	roleGiven bool
	// high is the demand at the other end of what is not known of it; nil where
	// it is known.
	high *otherEnd
}

// demands reads spec.demand.
func (c *checker) demands(list []Demand, set *settings) {
	for i := range list {
		path := "spec.demand[" + strconv.Itoa(i) + "]"
		d := c.demand(path, &list[i])
		for _, other := range set.demand {
			if other.Source == d.Source && other.Name == d.Name && other.Container == d.Container && d.Source != hpa.SourceExternal {
				c.add(path+".metric", "the demand of "+demandName(&d.Demand)+" is given twice", "remove one; only External metrics may have several series")
			}
		}
		set.demand = append(set.demand, d)
	}
	c.capacities(set)
}

// demand reads one entry.
func (c *checker) demand(path string, in *Demand) demand {
	out := demand{path: path}
	out.Source = c.source(path+".metric", &in.Metric)
	out.Name, out.Container = in.Metric.Name, in.Metric.Container
	if out.Name == "" {
		c.add(path+".metric", "the metric has no name", "write name: cpu, or the name of the metric in the HPA")
	}
	if out.Container != "" && out.Source != hpa.SourceResource {
		c.add(path+".metric.container", "only a Resource metric belongs to a container", "remove it")
	}
	c.aggregate(path, in, &out)
	c.role(path, in, &out)
	out.base = c.oneOf(path+".unit", in.Unit, "milli", "base") == "base"
	out.Scale = 1
	if out.base {
		out.Scale = 1000
	}
	c.unserved(path, in, &out)
	if in.Capacity != nil {
		out.Capacity = c.amount(path+".capacity", *in.Capacity, &out)
		if *in.Capacity <= 0 {
			c.add(path+".capacity", fmt.Sprintf("a capacity of %d serves nothing", *in.Capacity), "write what one ready pod can serve, or remove it: absent means unlimited")
		}
	}
	c.queue(path, in, &out)
	if out.Role == sim.RoleResponse {
		out.thousandths()
		return out
	}
	step := 15 * time.Second
	if in.Recording != "" {
		step = 0 // as recorded
	}
	out.Step = c.positive(path+".step", in.Step, step)
	c.demandValues(path, in, &out)
	return out
}

// thousandths puts what is said of a response into thousandths.
func (d *demand) thousandths() {
	d.Capacity, d.NotReady, d.Scale, d.base = d.Capacity*d.scale(), d.NotReady*d.scale(), 1, false
}

// unserved reads what pods report besides their share of the load, and what
// those report that are not Ready: as much, unless something else is said.
func (c *checker) unserved(path string, in *Demand, out *demand) {
	if in.Idle != nil {
		out.Idle = c.idle(path+".idle", *in.Idle, out)
	}
	out.NotReady = out.Idle
	if in.NotReady != nil {
		out.NotReady, out.NotReadyNone = c.amount(path+".notReady", in.NotReady.Value, out), in.NotReady.None
	}
}

// idle demands an amount, of a metric that each pod has for itself.
func (c *checker) idle(path string, v int64, d *demand) int64 {
	if !ownMetric(&d.Demand) {
		c.add(path, "an "+d.Source.String()+" metric has no pods that could be idle", "remove it; only Resource and Pods metrics are the pods' own, and aggregates over pods")
		return 0
	}
	return c.amount(path, v, d)
}

// source reads the type of a metric.
func (c *checker) source(path string, m *Metric) hpa.Source {
	if m.Type == "" {
		c.add(path, "the metric has no type", "write type: Resource, Pods, Object or External")
		return hpa.SourceResource
	}
	if m.Type == "ContainerResource" {
		c.add(path+".type", "a demand has no type ContainerResource", "write Resource with container: it feeds Resource and ContainerResource metrics alike")
		return hpa.SourceResource
	}
	switch c.oneOf(path+".type", m.Type, "Resource", "Pods", "Object", "External") {
	case "Pods":
		return hpa.SourcePods
	case "Object":
		return hpa.SourceObject
	case "External":
		return hpa.SourceExternal
	}
	return hpa.SourceResource
}

// demandValues reads values, or where to find them.
func (c *checker) demandValues(path string, in *Demand, out *demand) {
	inline := c.doc.Has(path + ".values")
	switch {
	case inline && in.Recording != "":
		c.add(path+".recording", "a demand has values or a recording, not both", "remove one")
	case in.Select != "" && in.Query != "":
		c.add(path+".query", "a demand has select or query, not both", "remove one")
	case in.Recording == "" && (in.Select != "" || in.Query != ""):
		c.add(path, "select and query need a recording", "add recording: FILE")
	case inline && len(in.Values) == 0:
		c.add(path+".values", "the demand has no values", "list one total per step")
	case !inline && in.Recording == "":
		c.add(path, "the demand has neither values nor a recording", "list values, or name a recording")
	}
	out.recording, out.selector, out.query = in.Recording, in.Select, in.Query
	c.declared(path, in, out)
	if in.Recording == "" {
		c.inline(path+".values", in.Values, out)
	}
}

// declared reads what is said of how values were recorded.
func (c *checker) declared(path string, in *Demand, out *demand) {
	for _, f := range []struct{ name, text string }{{"kind", in.Kind}, {"window", in.Window}, {"downsampled", in.Downsampled}} {
		if f.text != "" && in.Recording == "" {
			c.add(path+"."+f.name, f.name+" tells of a recording, and there is none", "remove it, or add recording: FILE")
			return
		}
	}
	if in.Kind != "" {
		kind := c.oneOf(path+".kind", in.Kind, "counter", "gauge")
		out.declared.Counter, out.declared.Gauge = kind == "counter", kind == "gauge"
		if in.Query != "" {
			c.add(path+".kind", "a query says itself how its series are read", "remove it; a counter's rate is rate(NAME[1m])")
		}
	}
	out.declared.Window = c.positive(path+".window", in.Window, 0)
	out.declared.Downsampled = c.positive(path+".downsampled", in.Downsampled, 0)
}

// inline copies the values that stand in the file.
func (c *checker) inline(path string, values []*int64, out *demand) {
	out.Values = make([]int64, len(values))
	for i, v := range values {
		if v == nil {
			if out.Null == nil {
				out.Null = make([]bool, len(values))
			}
			out.Null[i] = true
			continue
		}
		out.Values[i] = c.amount(path+"["+strconv.Itoa(i)+"]", *v, out)
	}
}

// amount demands a value that can be replayed, in a demand's unit.
func (c *checker) amount(path string, v int64, d *demand) int64 {
	if v < 0 && (ownMetric(&d.Demand) || d.Role == sim.RoleBacklog) {
		c.add(path, fmt.Sprintf("%d is negative", v), "load is zero or more")
		return 0
	}
	if limit := maxMilli / d.scale(); v > limit || v < -limit {
		c.add(path, fmt.Sprintf("%d is too large", v), fmt.Sprintf("the greatest value is %d", limit))
		return 0
	}
	return v
}

// scale is milli-units per unit, also while the demand is being read.
func (d *demand) scale() int64 { return max(1, d.Scale) }

// capacities gives each demand the capacity that spec.pods.capacity has for it.
func (c *checker) capacities(set *settings) {
	for _, name := range sortedKeys(set.capacity) {
		path, used := "spec.pods.capacity."+name, false
		for i := range set.demand {
			d := &set.demand[i]
			if name != d.Name && name != demandName(&d.Demand) {
				continue
			}
			used = true
			if d.Capacity != 0 {
				c.add(path, "the capacity of "+name+" is given twice", "remove it here or in "+d.path)
				continue
			}
			d.Capacity = set.capacity[name]
		}
		if !used {
			c.add(path, fmt.Sprintf("no demand is named %q", clip(name)), "name a demand's metric, such as cpu, app/cpu or http_requests")
		}
	}
}

// demandName names a demand as metrics are named: "cpu", "app/cpu", "queue".
func demandName(d *sim.Demand) string {
	if d.Container == "" {
		return d.Name
	}
	return d.Container + "/" + d.Name
}

// length is how long a demand's values last.
func length(d *sim.Demand) time.Duration { return time.Duration(len(d.Values)) * d.Step }
