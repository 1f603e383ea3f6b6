package random

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"sigs.k8s.io/yaml"
)

// attempts bounds how many smaller scenarios are tried.
const attempts = 600

// shrinker makes a simulation file smaller while it keeps differing.
type shrinker struct {
	best    object
	differs func(simulation []byte) bool
	left    int
}

// Shrink returns the smallest simulation file it finds that still differs. It
// must be given one that does. A candidate may be a file that nobody accepts;
// differs must answer false for it.
func Shrink(simulation []byte, differs func(simulation []byte) bool) []byte {
	s := &shrinker{differs: differs, left: attempts}
	if err := yaml.Unmarshal(simulation, &s.best); err != nil {
		return simulation
	}
	for before := ""; s.left > 0; {
		now := s.text(s.best)
		if now == before {
			break
		}
		before = now
		s.shorten()
		s.begin()
		s.pieces([]string{"spec", "faults"})
		s.flatten()
		s.drop([]string{"spec"})
	}
	return []byte(s.text(s.best))
}

func (s *shrinker) text(o object) string {
	out, err := yaml.Marshal(o)
	if err != nil {
		panic(err) // what was unmarshalled can be marshalled
	}
	return string(out)
}

// try keeps a change of a copy if the copy still differs.
func (s *shrinker) try(change func(o object)) bool {
	if s.left == 0 {
		return false
	}
	s.left--
	data, err := json.Marshal(s.best)
	if err != nil {
		panic(err)
	}
	var o object
	if err := json.Unmarshal(data, &o); err != nil {
		panic(err)
	}
	change(o)
	if !s.differs([]byte(s.text(o))) {
		return false
	}
	s.best = o
	return true
}

// shorten cuts the run to the shortest beginning that differs.
func (s *shrinker) shorten() {
	text, _ := at(s.best, []string{"spec", "duration"}).(string)
	whole, err := time.ParseDuration(text)
	if err != nil {
		return
	}
	lo, hi := time.Duration(0), whole // hi differs
	for hi-lo > time.Second {
		mid := (lo + (hi-lo)/2).Round(time.Second)
		if s.try(func(o object) { set(o, []string{"spec", "duration"}, mid.String()) }) {
			hi = mid
		} else {
			lo = mid
		}
	}
}

// begin cuts off the run's beginning, halves first: everything else happens
// that much sooner.
func (s *shrinker) begin() {
	period := s.duration("spec", "controller", "syncPeriod") + s.duration("spec", "controller", "syncLatency")
	if period == 0 {
		period = 15 * time.Second
	}
	for syncs := int(s.duration("spec", "duration")/period) / 2; syncs > 0; {
		sooner := time.Duration(syncs) * period
		if whole := s.duration("spec", "duration"); whole <= sooner || !s.try(func(o object) { advance(o, sooner) }) {
			syncs /= 2
		}
	}
}

// duration is the length of time at a path, 0 where there is none.
func (s *shrinker) duration(path ...string) time.Duration {
	return length(at(s.best, path))
}

func length(v any) time.Duration {
	text, _ := v.(string)
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0
	}
	return d
}

// advance leaves out what happens before a time, and moves the rest there.
func advance(o object, by time.Duration) {
	set(o, []string{"spec", "duration"}, (length(at(o, []string{"spec", "duration"})) - by).String())
	demand, _ := at(o, []string{"spec", "demand"}).([]any)
	for _, d := range demand {
		d, _ := d.(object)
		step := defaultStep
		if d["step"] != nil {
			step = length(d["step"])
		}
		if values, _ := d["values"].([]any); step > 0 && len(values) > 1 {
			d["values"] = values[min(len(values)-1, int(by/step)):]
		}
	}
	faults, _ := at(o, []string{"spec", "faults"}).([]any)
	later := []any{}
	for _, f := range faults {
		f, _ := f.(object)
		if t := length(f["at"]) - by; t >= 0 {
			f["at"] = t.String()
			later = append(later, f)
		}
	}
	set(o, []string{"spec", "faults"}, later)
}

// drop leaves out whatever it can below a path: first the lists in ever smaller
// pieces, then the fields one by one.
func (s *shrinker) drop(path []string) {
	switch v := at(s.best, path).(type) {
	case []any:
		if path[len(path)-1] == "values" {
			return
		}
		s.pieces(path)
		rest, _ := at(s.best, path).([]any)
		for i := range rest {
			s.drop(append(slices.Clone(path), strconv.Itoa(i)))
		}
	case object:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if needed(k) || !s.try(func(o object) { delete(at(o, path).(object), k) }) {
				s.drop(append(slices.Clone(path), k))
			}
		}
	}
}

// needed are fields whose defaults a small scenario should not leave its reader
// to guess, and the mappings that hold them.
func needed(field string) bool {
	switch field {
	case "step", "initial", "duration", "pods", "demand":
		return true
	}
	return false
}

// pieces drops runs of elements of a list, halves first.
func (s *shrinker) pieces(path []string) {
	count := func() int { l, _ := at(s.best, path).([]any); return len(l) }
	for size := (count() + 1) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= count(); {
			cut := func(o object) {
				l := at(o, path).([]any)
				set(o, path, slices.Delete(l, from, from+size))
			}
			if !s.try(cut) {
				from += size
			}
		}
	}
}

// flatten makes load simple: cut to what the run needs, constant over ever
// smaller stretches, and in round numbers.
func (s *shrinker) flatten() {
	demand, _ := at(s.best, []string{"spec", "demand"}).([]any)
	for d := range demand {
		path := []string{"spec", "demand", strconv.Itoa(d), "values"}
		values := func() []any { l, _ := at(s.best, path).([]any); return l }
		for len(values()) > 1 && s.try(func(o object) { l := at(o, path).([]any); set(o, path, l[:len(l)/2]) }) {
		}
		for size := len(values()) / 2; size > 0; size /= 2 {
			for from := 1; from+size <= len(values()); from += size {
				s.level(path, from, size)
			}
		}
		s.untail(path)
		for i := range values() {
			s.round(path, i)
		}
	}
}

// untail drops values that only repeat the last one, which is held anyway.
func (s *shrinker) untail(path []string) {
	l, _ := at(s.best, path).([]any)
	n := len(l)
	for n > 1 && l[n-1] == l[n-2] {
		n--
	}
	if n < len(l) {
		s.try(func(o object) { l := at(o, path).([]any); set(o, path, l[:n]) })
	}
}

// level sets a stretch of values to the one before it.
func (s *shrinker) level(path []string, from, size int) {
	old, _ := at(s.best, path).([]any)
	same := true
	for _, v := range old[from : from+size] {
		same = same && v == old[from-1]
	}
	if same {
		return
	}
	s.try(func(o object) {
		l := at(o, path).([]any)
		for i := from; i < from+size; i++ {
			l[i] = l[from-1]
		}
	})
}

// round tries a number with few digits.
func (s *shrinker) round(path []string, i int) {
	old, _ := at(s.best, path).([]any)
	v, ok := old[i].(float64)
	if !ok || v == 0 {
		return
	}
	for unit := 1e18; unit > 1; unit /= 10 {
		if r := float64(int64(v/unit)) * unit; r != 0 && r != v && s.try(func(o object) { at(o, path).([]any)[i] = r }) {
			return
		}
	}
}

// at is the value at a path of keys and indices; nil where there is none.
func at(o any, path []string) any {
	for _, p := range path {
		switch v := o.(type) {
		case object:
			o = v[p]
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i >= len(v) {
				return nil
			}
			o = v[i]
		default:
			return nil
		}
	}
	return o
}

// set replaces the value at a path whose last step is a key.
func set(o object, path []string, value any) {
	parent, ok := at(o, path[:len(path)-1]).(object)
	if ok {
		parent[path[len(path)-1]] = value
	}
}
