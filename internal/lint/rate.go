package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// shortRate is a rate over a window that is short for how often its series are
// scraped.
type shortRate struct {
	window  time.Duration
	service *service
	scrape  *scrape
}

// scrapesOf are the scrapes of the Service that matchers name.
func (x *index) scrapesOf(matchers []*labels.Matcher) (*service, []*scrape) {
	name := equal(matchers, "service")
	if name == "" {
		name = equal(matchers, "job")
	}
	namespace := equal(matchers, "namespace")
	var found *service
	var list []*scrape
	const most = 100 // of one name, in as many namespaces
	if len(x.serviceNames[name]) > most && namespace == "" {
		return nil, nil
	}
	for _, s := range x.serviceNames[name] {
		if namespace != "" && s.Namespace != namespace {
			continue
		}
		for _, w := range s.pods {
			for i := range w.scrapes {
				if one := &w.scrapes[i]; one.service == s {
					found, list = s, append(list, one)
				}
			}
		}
	}
	return found, list
}

// pace is the scrape with the shortest interval; nil where not all are known.
func pace(list []*scrape) *scrape {
	var fastest *scrape
	for _, s := range list {
		each := s.each()
		if each == 0 {
			return nil
		}
		if fastest == nil || each < fastest.each() {
			fastest = s
		}
	}
	return fastest
}

// rates are the rates in an expression of series that monitors scrape through a
// Service that is known, with the shortest interval.
func (x *index) rates(e parser.Expr) []shortRate {
	var list []shortRate
	for _, s := range selections(e) {
		if !slices.Contains(increments(), s.function) {
			continue
		}
		service, scrapes := x.scrapesOf(s.LabelMatchers)
		if fastest := pace(scrapes); fastest != nil {
			list = append(list, shortRate{s.window, service, fastest})
		}
	}
	return list
}

// shortRate finds a rate over less than two scrapes; nil for none.
func (x *index) shortRate(e parser.Expr) *shortRate {
	for _, r := range x.rates(e) {
		if r.window < 2*r.scrape.each() {
			return &r
		}
	}
	return nil
}

// reportShort reports a rate over less than two scrapes.
func (c *checker) reportShort(o *object, at string, r *shortRate) {
	each := r.scrape.each()
	f := c.report(o, at, fmt.Sprintf("a rate over %s has fewer than two samples at times: Service %s is scraped every %s", promText(r.window), r.service.Name, promText(each)),
		"write a window of "+promText(4*each)+" or more, or a shorter interval")
	f.seeInterval(r.scrape)
}
