package scenario

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Tuning is what a search over settings has to know of a replay besides its
// world.
type Tuning struct {
	// Search are the parameters that the file, or the service spec, wants
	// searched, in the order in which they stand there.
	Search []Searched
	// Zone is the service's time zone as it is written there; empty where it is not.
	Zone Searched
	// Limits are the cpu limits of the containers in thousandths of a core, 0 for
	// none.
	Limits []int64
	// FromMin says that the replicas at the start are the HPA's minReplicas, but at
	// least 1: with another minimum they are others.
	FromMin bool
	// Price is what an hour of a pod costs that requests what some containers do;
	// nil where its price does not depend on that, or is not known.
	Price func([]sim.Container) float64
	// HPA is the autoscaler as it was read. Where its document is a service spec it
	// was generated from that.
	HPA *manifest.HPA
	// Workload is where the pod template stands; nil where that was not read.
	Workload *manifest.Workload
	// Written says that the pods of a simulation file were given by hand, and
	// where: the document of that file.
	Written *yamlpos.Document
}

// Searched is one parameter of a search as it is written.
type Searched struct {
	Name, Values string
	// Where is where its values stand, and Path the field.
	Where yamlpos.Position
	Path  string
}

// tuning notes what a search has to know.
func (b *builder) tuning() error {
	t := &b.out.Tuning
	for _, c := range b.set.containers {
		limit := int64(0)
		for _, l := range c.limits {
			if l.Resource == "cpu" {
				limit = l.Milli
			}
		}
		t.Limits = append(t.Limits, limit)
	}
	t.HPA, t.Workload = b.target.hpa, b.target.workload
	if b.check.doc != nil && b.check.doc.Has("spec.pods.containers") {
		t.Written = b.check.doc
	}
	if p := b.set.prices; p != nil && p.PodHour == nil {
		t.Price = p.Of
	}
	if b.check.doc != nil && b.check.doc.Has("spec.search") {
		t.Search, t.Zone = searched(b.check.doc, "spec.search", b.set.search)
		return nil
	}
	doc := b.target.hpa.Doc
	if !doc.Has("spec.scaling.search") {
		return nil
	}
	if h := doc.Header(); h.Kind == gen.Kind && b.target.search != nil {
		t.Search, t.Zone = searched(doc, "spec.scaling.search", b.target.search)
	}
	return nil
}

// searched puts the parameters of a mapping in the order of their file; the time zone
// among them is none.
func searched(doc *yamlpos.Document, path string, list map[string]gen.Scalar) (all []Searched, zone Searched) {
	for name, values := range list {
		at := path + "[" + strconv.Quote(name) + "]"
		one := Searched{Name: name, Values: string(values), Where: doc.At(at), Path: at}
		if name == "timeZone" {
			zone = one
			continue
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Searched) int {
		return cmp.Or(a.Where.Line-b.Where.Line, a.Where.Col-b.Where.Col, cmp.Compare(a.Name, b.Name))
	})
	return all, zone
}

// Of is the price of an hour of a pod by what it requests.
func (p *Prices) Of(containers []sim.Container) float64 {
	price := 0.0
	for _, r := range p.resources() {
		if r.each != nil {
			price += float64(requestOf(containers, r.resource)) / r.units * *r.each
		}
	}
	return price
}

// resourcePrice is the price of a resource that pods request.
type resourcePrice struct {
	field, resource, unit string
	each                  *float64
	units                 float64
}

func (p *Prices) resources() []resourcePrice {
	return []resourcePrice{
		{"coreHour", "cpu", "cores", p.CoreHour, 1000},
		{"gibHour", "memory", "GiB", p.GiBHour, 1000 << 30},
	}
}

// requestOf is what one pod requests of a resource, in milli-units.
func requestOf(containers []sim.Container, resource string) int64 {
	var sum int64
	for _, c := range containers {
		for _, q := range c.Requests {
			if q.Resource == resource {
				sum += q.Milli
			}
		}
	}
	return sum
}
