package tune_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

func term(t testing.TB, name string) sim.Term {
	t.Helper()
	for _, one := range sim.Terms() {
		if one.Name == name {
			return one
		}
	}
	t.Fatalf("no term %s", name)
	return sim.Term{}
}

// problem is a search over eight hours on cpu alone, with a sync a minute.
func problem(t testing.TB, text string, budgets ...string) *tune.Problem {
	t.Helper()
	b := base()
	w := b.World
	w.Autoscaler.Controller.SyncPeriod, w.Duration = time.Minute, 8*time.Hour
	w.Autoscaler.Metrics, w.Demand = w.Autoscaler.Metrics[:1], w.Demand[:1]
	w.Demand[0].Step = 20 * time.Second
	p := &tune.Problem{Base: *b, X: term(t, "replicaHours"), Y: term(t, "saturatedMinutes")}
	p.Space = space(t, b, text)
	for _, text := range budgets {
		one, err := sim.ParseBudget(text)
		if err != nil {
			t.Fatal(err)
		}
		p.Budgets = append(p.Budgets, one)
	}
	return p
}

// wide is a space of 2,400 candidates, no two of which are equivalent.
const wide = "target.cpu=40..95/5,min=1..5,up.window=0s|60s|180s|300s,down.window=60s..600s/60s"

// values are the objectives along a front.
func values(f *tune.Found) [][2]float64 {
	var out [][2]float64
	for _, i := range f.Front {
		out = append(out, [2]float64{f.Points[i].X, f.Points[i].Y})
	}
	return out
}

// plainFront is the front of points, found the slow way.
func plainFront(points []tune.Point) [][2]float64 {
	var out [][2]float64
	for i := range points {
		p := &points[i]
		beaten := slices.ContainsFunc(points, func(o tune.Point) bool {
			return o.Miss == 0 && o.X <= p.X && o.Y <= p.Y && (o.X < p.X || o.Y < p.Y)
		})
		v := [2]float64{p.X, p.Y}
		if p.Miss == 0 && !beaten && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b [2]float64) int {
		if a[0] < b[0] {
			return -1
		}
		return 1
	})
	return out
}

// all replays every candidate of a space by itself, without the search.
func all(p *tune.Problem) []tune.Point {
	var points []tune.Point
	for i := range p.Space.Size() {
		w, wrong := p.Space.World(&p.Base, p.Space.At(i))
		if wrong != "" {
			continue
		}
		s := w.Run(nil)
		var point tune.Point
		point.X, _ = p.X.Of(&s)
		point.Y, _ = p.Y.Of(&s)
		for j := range p.Budgets {
			if v, _ := p.Budgets[j].Term.Of(&s); !p.Budgets[j].Holds(v) {
				point.Miss = 1
			}
		}
		points = append(points, point)
	}
	return points
}

func TestTheTrueFrontIsFound(t *testing.T) {
	p := problem(t, wide)
	if p.Space.Size() < 2000 {
		t.Fatalf("%d candidates", p.Space.Size())
	}
	want := plainFront(all(p))
	if len(want) < 10 {
		t.Fatalf("a front of %d points tells little", len(want))
	}
	exhaustive := p.Search(context.Background(), tune.Options{Candidates: 2400})
	if got := values(exhaustive); !slices.Equal(got, want) || !exhaustive.Exhaustive {
		t.Errorf("exhaustive search: %v\nwant %v", got, want)
	}
	for seed := range uint64(2) {
		sampled := p.Search(context.Background(), tune.Options{Candidates: 1000, Seed: seed})
		if got := values(sampled); !slices.Equal(got, want) || sampled.Exhaustive {
			t.Errorf("seed %d: %d points of %d replayed: %v\nwant %v", seed, len(sampled.Points), p.Space.Size(), got, want)
		}
	}
}

func TestScreeningLeavesTheFrontAsItIs(t *testing.T) {
	p := problem(t, "target.cpu=40|60|80,min=1..10,max=6..14")
	got := p.Search(context.Background(), tune.Options{Candidates: 10_000})
	if want := plainFront(all(p)); !slices.Equal(values(got), want) {
		t.Errorf("%v\nwant %v", values(got), want)
	}
	if got.Screened < 5 || got.Wrong == 0 || int64(len(got.Points))+got.Screened+got.Wrong+got.Equivalent != p.Space.Size() {
		t.Errorf("%d replayed, %d screened, %d wrong, %d equivalent of %d", len(got.Points), got.Screened, got.Wrong, got.Equivalent, p.Space.Size())
	}
}

func TestEquivalentCandidatesAreReplayedOnce(t *testing.T) {
	// With a sync a minute, windows of up to a minute hold one recommendation.
	p := problem(t, "up.window=1s..60s/1s,down.select=disabled,down.percent=10|20|30")
	got := p.Search(context.Background(), tune.Options{Candidates: 10_000})
	if len(got.Points) != 1 || got.Equivalent != 60*3-1 {
		t.Errorf("%d replayed, %d equivalent", len(got.Points), got.Equivalent)
	}
	scores := map[[2]float64]bool{}
	for _, point := range all(p) {
		scores[[2]float64{point.X, point.Y}] = true
	}
	if len(scores) != 1 {
		t.Errorf("they are not equivalent: %v", scores)
	}
}

func TestBudgetsBoundTheFront(t *testing.T) {
	p := problem(t, "target.cpu=40..95/5,min=1..3,down.window=60s|300s|600s", "thrash <= 30", "saturatedMinutes <= 200")
	want := plainFront(all(p))
	got := p.Search(context.Background(), tune.Options{Candidates: 200})
	if !slices.Equal(values(got), want) || len(want) == 0 {
		t.Errorf("%v\nwant %v", values(got), want)
	}
}

func TestASearchDependsOnItsSeedAloneAndNotOnCores(t *testing.T) {
	p := problem(t, wide)
	one := p.Search(context.Background(), tune.Options{Candidates: 300, Seed: 7, Workers: 1})
	many := p.Search(context.Background(), tune.Options{Candidates: 300, Seed: 7, Workers: 8})
	other := p.Search(context.Background(), tune.Options{Candidates: 300, Seed: 8, Workers: 8})
	same := func(a, b *tune.Found) bool {
		return slices.EqualFunc(a.Points, b.Points, func(p, q tune.Point) bool {
			return slices.Equal(p.Candidate, q.Candidate) && p.X == q.X && p.Y == q.Y && p.Miss == q.Miss
		}) && slices.Equal(a.Front, b.Front)
	}
	if !same(one, many) {
		t.Error("one worker and eight found different things")
	}
	if same(one, other) {
		t.Error("the seed changes nothing")
	}
}

func TestAnInterruptedSearchKeepsWhatItHas(t *testing.T) {
	p := problem(t, wide)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told := 0
	got := p.Search(ctx, tune.Options{Candidates: 2400, Workers: 2, Progress: func(done, most int) {
		if told++; done != told || most != 2400 {
			t.Errorf("progress %d of %d, the %dth time", done, most, told)
		}
		if done == 200 {
			cancel()
		}
	}})
	if !got.Interrupted || got.Exhaustive || len(got.Points) < 200 || len(got.Points) > 256 || len(got.Front) == 0 {
		t.Errorf("interrupted %t after %d candidates, front of %d", got.Interrupted, len(got.Points), len(got.Front))
	}
	for _, i := range got.Front {
		if got.Points[i].Candidate == nil {
			t.Error("a point that was not replayed is on the front")
		}
	}
}

func TestWhereNoCandidateKeepsTheBudgetsTheNearestAreKnown(t *testing.T) {
	p := problem(t, "target.cpu=40..95/5,min=1..5", "replicaHours <= 1")
	got := p.Search(context.Background(), tune.Options{Candidates: 100})
	if len(got.Front) != 0 || len(got.Points) == 0 {
		t.Fatalf("front %v", got.Front)
	}
	for i := range got.Points {
		if q := got.Points[i]; q.Miss != q.X-1 || q.Worst != 0 {
			t.Errorf("%v hours miss a limit of 1 by %v", q.X, q.Miss)
		}
	}
}
