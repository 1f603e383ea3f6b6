package sim

import "time"

// leap lives through the scrapes until last, in which nothing happened but demand,
// and in which metrics are read of the lanes alone.
func (s *scraper) leap(r *run, last time.Duration) {
	if !s.on() {
		return
	}
	resolution := s.w.Pipeline.Resolution
	if last < s.next+(scrapes-1)*resolution || last >= s.queues.end {
		for now := s.next; now <= last; now = s.next {
			s.pass(now)
			s.scrape(now)
		}
		return
	}
	s.now = last - last%resolution
	s.next, s.points, s.blind = s.now+resolution, s.now+resolution, [scrapes]bool{}
	s.queues.leap(s.now)
	for i, demand := range s.series {
		s.seen[i] = s.queues.list[demand].each
	}
	for i := range r.ahead.lanes {
		l := &r.ahead.lanes[i]
		if !l.scraped {
			continue
		}
		u := &s.fleet.lives.of(0)[s.place[l.index]]
		l.use(u, s.now, resolution)
		for i := range s.fleet.groups {
			if g := &s.fleet.groups[i]; g.life > 0 && g.serving() {
				s.fleet.lives.of(g.life)[s.place[l.index]] = *u
			}
		}
	}
}

// use is what a pod that serves used until the scrape at now, counted from a
// few scrapes before.
func (l *lane) use(u *use, now, resolution time.Duration) {
	value := func(at time.Duration) int64 { return l.demand.Values[l.demand.index(at)] }
	if !l.demand.cpu() {
		for i := range scrapes {
			u.gauge[i] = l.probe.holds(value(now - time.Duration(i)*resolution))
		}
		return
	}
	u.at[scrapes-1] = 0
	for i := scrapes - 2; i >= 0; i-- {
		u.at[i] = u.at[i+1] + l.probe.used(value(now-time.Duration(i+1)*resolution))
	}
	u.now = u.at[0]
}

// leap is advance to now, before the end, where nobody asks what each pod did.
func (s *queues) leap(now time.Duration) {
	s.at = now
	for i := range s.list {
		if q := &s.list[i]; q.flow.Queues || q.scraped {
			q.stride(now)
			q.advance(now)
		}
	}
}

// stride is advance over as many whole steps as it can take at once, leaving out
// what each pod did: steps that are known, in which what exceeds the capacity is
// shed at once.
func (q *queue) stride(now time.Duration) {
	d := q.d
	if q.until >= now || d.Step%time.Millisecond != 0 || q.factor != Thousand {
		return
	}
	q.advance(q.until)
	if q.null || q.backlog != (Amount{}) {
		return
	}
	first, past := int(q.index), d.index(now)
	if d.Null != nil {
		past = known(d.Null, first, past)
	}
	if past <= first {
		return
	}
	if q.flow.Queues {
		past = q.carry(first, past)
	}
	q.since = time.Duration(past) * d.Step
	q.now = q.since.Milliseconds()
	q.begin(int64(past))
}

// known is the first null step from first on, past where there is none before.
func known(null []bool, first, past int) int {
	for i := first; i < past; i++ {
		if null[i] {
			return i
		}
	}
	return past
}

// carry lets the pods serve the steps from first until past, or until the first
// one of which some waits, which it returns.
func (q *queue) carry(first, past int) int {
	f, values, millis := &q.flow, q.d.Values, q.d.Step.Milliseconds()
	var over Amount
	for i := first; i < past; i++ {
		if i = q.table.within(values, i, past, 0, q.capacity); i == past {
			break
		}
		if q.room != (Amount{}) {
			past = i
			break
		}
		if f.First < 0 {
			f.First = time.Duration(int64(i)*millis) * time.Millisecond
		}
		over = over.Plus(Amount{Lo: uint64(values[i] - q.capacity)})
		f.Exceeded += time.Duration(millis) * time.Millisecond
	}
	if q.levels != nil {
		q.levels.carry(q, first, past)
	}
	arrived := q.table.sum(values, first, past)
	f.Arrived = f.Arrived.Plus(arrived.times(millis))
	f.Shed = f.Shed.Plus(over.times(millis))
	f.Served = f.Served.Plus(arrived.minus(over).times(millis))
	return past
}
