package sim

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// course is where the scale of a followed world goes.
type course struct {
	// points are those still to come.
	points []Point
	// shadow is a copy of the state in which a sync decides before it is known
	// whether its decision was carried out.
	shadow *hpa.State
}

// notWritten is what the controller's state is told about a write that the
// followed course does not have.
const notWritten = "not carried out on the course followed"

// next is the instant of the next point.
func (c *course) next() time.Duration {
	if len(c.points) == 0 {
		return never
	}
	return c.points[0].T
}

// decide is one step of the autoscaler. Where the world follows a course, a
// write that is not on it is not remembered: the recommendation behind it is, as
// for a write that the API server refused.
func (r *run) decide(o *hpa.Observation) hpa.Decision {
	if r.w.Follow == nil {
		return r.spec.Step(r.state, o)
	}
	if r.course.shadow == nil {
		r.course.shadow = r.state.Clone()
	}
	r.course.shadow.CopyFrom(r.state)
	d := r.spec.Step(r.course.shadow, o)
	answer := o.ScaleWriteError
	if d.Scaled && !r.course.reaches(d.Desired, o.Now+r.clock.period+r.clock.latency) {
		o.ScaleWriteError = notWritten
	}
	r.spec.Step(r.state, o)
	o.ScaleWriteError = answer
	return d
}

// reaches says whether the course comes to n before an instant.
func (c *course) reaches(n int32, before time.Duration) bool {
	for _, p := range c.points {
		if p.T >= before {
			break
		}
		if p.N == n {
			return true
		}
	}
	return false
}

// follow takes the scale to the point of this instant, if there is one.
func (r *run) follow(now time.Duration) {
	for r.course.next() <= now {
		n := r.course.points[0].N
		r.course.points = r.course.points[1:]
		if n != Unknown && n != r.replicas {
			r.scale(n, now)
			r.fleet.transition(now)
			r.queues.serve(now, r.fleet.serving)
		}
	}
}

// invalidFollow says what is wrong with a course, and with which point.
func invalidFollow(points []Point) (what string, point int) {
	last := time.Duration(-1)
	for i, p := range points {
		switch {
		case p.T <= last:
			return "its time is not after the one before it, or before 0", i
		case p.T > maxTime:
			return "a time cannot be longer than 50 years", i
		case p.N < Unknown:
			return "a negative number of pods", i
		}
		last = p.T
	}
	return "", -1
}
