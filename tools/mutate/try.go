package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
)

// trial is what it takes to find out the fate of mutants.
type trial struct {
	*target
	*builder
	// dirs are the packages whose tests are asked, the target itself first;
	// suites are those tests, with every mutant that can be switched on.
	dirs   []string
	suites []*suite
	// expected says that a mutant will survive the target's own tests; then no
	// others are asked.
	expected func(*mutant) bool
}

// try finds out the fate of every mutant.
func (t *target) try(ctx context.Context, o options, mutants []*mutant, expected func(*mutant) bool, stderr io.Writer) error {
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	tr := &trial{target: t, builder: &builder{scratch: scratch}, dirs: append([]string{o.dir}, o.with...), expected: expected}
	if err := tr.prepare(ctx, mutants); err != nil {
		return err
	}
	var together, alone []*mutant
	for _, m := range mutants {
		switch {
		case m.fate == uncompilable:
		case m.body == nil:
			alone = append(alone, m)
		default:
			together = append(together, m)
		}
	}
	p := newProgress(stderr, len(together)+len(alone))
	defer p.end()
	if err := inParallel(ctx, o.workers, together, p, tr.switched); err != nil {
		return err
	}
	return inParallel(ctx, 1, alone, p, tr.alone)
}

// prepare builds the tests with all mutants, and runs them without any.
func (tr *trial) prepare(ctx context.Context, mutants []*mutant) error {
	files, err := tr.schemata(mutants)
	if err != nil {
		return err
	}
	overlay, err := tr.overlay(files)
	if err != nil {
		return err
	}
	for _, dir := range tr.dirs {
		s, err := tr.build(ctx, overlay, dir)
		if err != nil {
			return err
		}
		if err := s.rehearse(ctx); err != nil {
			return err
		}
		tr.suites = append(tr.suites, s)
	}
	return nil
}

// switched tries a mutant that the suites hold.
func (tr *trial) switched(ctx context.Context, m *mutant) error {
	return tr.decide(ctx, m, func(i int) (*suite, error) { return tr.suites[i], nil })
}

// alone tries a mutant with builds of its own.
func (tr *trial) alone(ctx context.Context, m *mutant) error {
	files := tr.only(m)
	if files == nil {
		m.fate = uncompilable
		return nil
	}
	overlay, err := tr.overlay(files)
	if err != nil {
		return err
	}
	return tr.decide(ctx, m, func(i int) (*suite, error) {
		s, err := tr.build(ctx, overlay, tr.dirs[i])
		if err == nil {
			s.rounds = tr.suites[i].rounds
		}
		return s, err
	})
}

// decide runs the suites on a mutant, up to the first that kills it.
func (tr *trial) decide(ctx context.Context, m *mutant, suite func(i int) (*suite, error)) error {
	for i := range tr.dirs {
		if i > 0 && tr.expected(m) {
			break
		}
		s, err := suite(i)
		if err != nil {
			return err
		}
		dies, err := s.kills(ctx, m)
		if err != nil {
			return err
		}
		if dies {
			m.fate = killed
			break
		}
	}
	return nil
}

// inParallel does something to every mutant, and stops at the first error.
func inParallel(ctx context.Context, workers int, mutants []*mutant, p *progress, do func(context.Context, *mutant) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan *mutant)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for m := range queue {
				if err := do(ctx, m); err != nil {
					cancel(err)
				}
				p.done(m)
			}
		})
	}
	for _, m := range mutants {
		if ctx.Err() != nil {
			break
		}
		queue <- m
	}
	close(queue)
	wg.Wait()
	return context.Cause(ctx)
}

// progress is a line that tells how far things are, on a terminal.
type progress struct {
	mu              sync.Mutex
	w               io.Writer
	tried, survived int
	of              int
}

// newProgress begins the line; it is silent where w is no terminal.
func newProgress(w io.Writer, of int) *progress {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return &progress{w: w, of: of}
		}
	}
	return &progress{w: io.Discard, of: of}
}

func (p *progress) done(m *mutant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried++
	if m.fate == survived {
		p.survived++
	}
	p.print("\r%d of %d mutants tried, %d survived", p.tried, p.of, p.survived)
}

func (p *progress) end() { p.print("\r\x1b[K") }

// print prints; where that fails, nobody is left to tell.
func (p *progress) print(format string, args ...any) {
	_, _ = fmt.Fprintf(p.w, format, args...)
}
