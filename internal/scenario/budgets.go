package scenario

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// ParseBudget reads a limit on the score, such as "saturatedMinutes <= 5".
func ParseBudget(text string) (sim.Budget, error) {
	b, err := sim.ParseBudget(text)
	var e *sim.BudgetError
	if errors.As(err, &e) {
		e.Hint += nearTerm(e.Term)
	}
	return b, err
}

// nearTerm names the term most like one that does not exist.
func nearTerm(name string) string {
	var names []string
	for _, t := range sim.Terms() {
		names = append(names, t.Name)
	}
	if near := yamlpos.Nearest(name, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// budget is a budget and where it stands; path is empty for one that was given
// beside the files.
type budget struct {
	sim.Budget
	path string
}

// budgets reads spec.budgets.
func (c *checker) budgets(list []string) []budget {
	var all []budget
	for i, text := range list {
		path := "spec.budgets[" + strconv.Itoa(i) + "]"
		b, err := sim.ParseBudget(text)
		var e *sim.BudgetError
		if errors.As(err, &e) {
			c.add(path, fmt.Sprintf("character %d: %s", e.Character(), e.What), e.Hint+nearTerm(e.Term))
			continue
		}
		all = append(all, budget{b, path})
	}
	return all
}

// budgets refuses a budget on what this world cannot tell.
func (b *builder) budgets() error {
	for _, one := range b.set.budgets {
		missing := one.Term.Missing(&b.out.World)
		if missing == "" {
			b.out.Budgets = append(b.out.Budgets, one.Budget)
			continue
		}
		text, needs := one.Term.Name+" is not known: "+missing, one.Term.Needs
		if needs == sim.NeedsLatency && b.set.slo != nil {
			needs = sim.NeedsModel // for the objective is there
		}
		if needs == sim.NeedsModel && b.uncalibrated != "" {
			text += ": " + b.uncalibrated
		}
		if one.path == "" {
			return fmt.Errorf("--budget %q: %s: %s; %s", one.Text, b.out.Name, text, supply(needs))
		}
		return b.fail(one.path, text, supply(needs))
	}
	return nil
}

// supply says where what a term needs is given.
func supply(n sim.Need) string {
	switch n {
	case sim.NeedsPrice:
		return "give spec.prices, or --price podHour=NUMBER"
	case sim.NeedsRequest:
		return "give the containers a cpu request, and demand of cpu"
	case sim.NeedsCapacity, sim.NeedsServed:
		return "say what one ready pod can serve in demand[].capacity, or give the container a cpu limit"
	case sim.NeedsNodes:
		return "say how many pods fit on a node in spec.nodes.podsPerNode"
	case sim.NeedsLatency:
		return "give an objective with spec.slo or --slo, and record latency buckets, or say how long requests take with spec.latency or --latency"
	case sim.NeedsModel:
		return "record latency buckets, or say how long requests take with spec.latency or --latency"
	case sim.NeedsNothing:
	}
	return ""
}

// Prices is what pods cost, in any currency: an hour of a pod, or an hour of
// what it requests.
type Prices struct {
	// PodHour is the price of an hour of one pod; coreHour and gibHour are then
	// not given.
	PodHour *float64 `json:"podHour,omitempty"`
	// CoreHour is the price of an hour of one core of cpu requests.
	CoreHour *float64 `json:"coreHour,omitempty"`
	// GiBHour is the price of an hour of one GiB of memory requests.
	GiBHour *float64 `json:"gibHour,omitempty"`
}

// maxPrice bounds a price.
const maxPrice = 1e9

// price is one of the prices.
type price struct {
	name  string
	value *float64
}

func (p *Prices) list() []price {
	return []price{{"podHour", p.PodHour}, {"coreHour", p.CoreHour}, {"gibHour", p.GiBHour}}
}

// check says what is wrong with the prices, and with which.
func (p *Prices) check() (name, text, hint string) {
	given := 0
	for _, one := range p.list() {
		if one.value == nil {
			continue
		}
		given++
		if v := *one.value; !(v > 0 && v <= maxPrice) {
			return one.name, fmt.Sprintf("%v is no price", v), "write a positive number, or leave it out"
		}
	}
	switch {
	case given == 0:
		return "", "no price is given", "give podHour, or coreHour and gibHour"
	case p.PodHour != nil && given > 1:
		return "podHour", "a pod has a price of its own or that of what it requests, not both", "remove podHour, or coreHour and gibHour"
	}
	return "", "", ""
}

// ParsePrices reads prices as a flag gives them: podHour=0.05, or coreHour=0.04
// and gibHour=0.005.
func ParsePrices(list []string) (*Prices, error) {
	var p Prices
	for _, text := range list {
		name, number, _ := strings.Cut(text, "=")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q: write podHour=0.05, or coreHour=0.04,gibHour=0.005", clip(text))
		}
		var field **float64
		switch name {
		case "podHour":
			field = &p.PodHour
		case "coreHour":
			field = &p.CoreHour
		case "gibHour":
			field = &p.GiBHour
		default:
			return nil, fmt.Errorf("unknown price %q; write podHour, coreHour or gibHour%s", clip(name), nearest(name, []string{"podHour", "coreHour", "gibHour"}))
		}
		if *field != nil {
			return nil, fmt.Errorf("%s is given twice; remove one", name)
		}
		*field = &v
	}
	if name, text, hint := p.check(); text != "" {
		return nil, fmt.Errorf("%s; %s", strings.TrimPrefix(name+": "+text, ": "), hint)
	}
	return &p, nil
}

// prices reads spec.prices.
func (c *checker) prices(p *Prices, set *settings) {
	if p == nil {
		return
	}
	if name, text, hint := p.check(); text != "" {
		c.add(strings.TrimSuffix("spec.prices."+name, "."), text, hint)
		return
	}
	set.prices = p
}

// prices finds what an hour of a pod costs.
func (b *builder) prices() error {
	p := b.set.prices
	switch {
	case p == nil:
		return nil
	case p.PodHour != nil:
		b.out.World.PodHourPrice = *p.PodHour
		return nil
	}
	var parts []string
	for _, r := range p.resources() {
		if r.each == nil {
			continue
		}
		amount := float64(requestOf(b.out.World.Pods.Containers, r.resource)) / r.units
		if amount == 0 {
			return b.noPrice(r.field, r.resource)
		}
		b.out.World.PodHourPrice += amount * *r.each
		parts = append(parts, fmt.Sprintf("%s %s at %s", number(amount), r.unit, number(*r.each)))
	}
	b.note("price of a pod-hour: %s, the requests of %s", number(b.out.World.PodHourPrice), strings.Join(parts, " and "))
	return nil
}

// noPrice says that a price has nothing to price.
func (b *builder) noPrice(field, resource string) error {
	text, hint := "the pods request no "+resource+", so its price gives no cost", "give the containers a request, or price the pod with podHour"
	if path := "spec.prices." + field; b.check.doc != nil && b.check.doc.Has(path) {
		return b.fail(path, text, hint)
	}
	return fmt.Errorf("--price %s: %s: %s; %s", field, b.out.Name, text, hint)
}

// number writes a number with up to six digits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
