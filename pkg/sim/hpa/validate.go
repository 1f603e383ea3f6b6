package hpa

import (
	"errors"
	"strconv"
	"time"
)

// Validate says what about a Spec no API server would have let through, or no
// caller should have left unresolved. Step takes such a Spec without panicking;
// only of a valid one does it promise upstream's result. The error lists every
// problem.
func (s *Spec) Validate() error {
	var problems []error
	report := func(bad bool, text string) {
		if bad {
			problems = append(problems, errors.New(text))
		}
	}
	report(s.Min < 0, "min "+strconv.Itoa(int(s.Min))+" is negative")
	report(s.Max < 1, "max "+strconv.Itoa(int(s.Max))+" is less than 1")
	report(s.Max < s.Min, "max "+strconv.Itoa(int(s.Max))+" is less than min "+strconv.Itoa(int(s.Min)))
	report(len(s.Metrics) == 0, "no metrics")
	report(!(s.ToleranceUp >= 0), "the tolerance for scaling up is negative or not a number")
	report(!(s.ToleranceDown >= 0), "the tolerance for scaling down is negative or not a number")
	report(s.Controller.Profile.Version == "", "no profile: take one from ProfileFor or LatestProfile")
	for i := range s.Metrics {
		problems = append(problems, s.Metrics[i].validate(i))
	}
	if s.HasBehavior {
		problems = append(problems, s.Up.validate("up"), s.Down.validate("down"))
	}
	return errors.Join(problems...)
}

// validate says what is wrong with a metric.
func (m *Metric) validate(i int) error {
	name := "metric " + strconv.Itoa(i) + " (" + m.Name + "): "
	switch {
	case m.Source == SourceUnknown || m.Target == TargetNone:
		// They fail at every sync, which is upstream's result.
		return nil
	case m.Source > SourceUnknown || m.Target > TargetNone:
		return errors.New(name + "its type or target does not exist")
	case m.Goal <= 0:
		return errors.New(name + "its target is not above 0")
	case m.Target == TargetUtilization && m.Goal > 1<<31-1:
		return errors.New(name + "its target does not fit into 32 bits")
	case m.Target == TargetUtilization && m.Source > SourceContainerResource,
		m.Target == TargetValue && m.Source < SourceObject:
		return errors.New(name + "its type does not have this kind of target")
	}
	return nil
}

// validate says what is wrong with the rules of one direction.
func (r *Rules) validate(direction string) error {
	name := "rules for scaling " + direction + ": "
	switch {
	case r.Stabilization < 0 || r.Stabilization%time.Second != 0:
		return errors.New(name + "the stabilization window is not a whole number of seconds")
	case r.Select > SelectDisabled:
		return errors.New(name + "the select policy does not exist")
	case len(r.Policies) == 0:
		return errors.New(name + "no policies")
	}
	for i := range r.Policies {
		p := &r.Policies[i]
		switch {
		case p.Type > PolicyPercent:
			return errors.New(name + "policy " + strconv.Itoa(i) + " has a type that does not exist")
		case p.Value < 1:
			return errors.New(name + "policy " + strconv.Itoa(i) + " has a value below 1")
		case p.Period <= 0 || p.Period%time.Second != 0:
			return errors.New(name + "policy " + strconv.Itoa(i) + " has a period that is not a whole number of seconds")
		}
	}
	return nil
}
