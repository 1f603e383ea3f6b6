package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
)

// try finds out the fate of every mutant.
func (t *target) try(ctx context.Context, o options, mutants []*mutant, stderr io.Writer) error {
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	b := &builder{scratch: scratch}
	files, err := t.schemata(mutants)
	if err != nil {
		return err
	}
	dirs := append([]string{o.dir}, o.with...)
	suites, err := b.suites(ctx, files, dirs)
	if err != nil {
		return err
	}
	for _, s := range suites {
		if err := s.rehearse(ctx); err != nil {
			return err
		}
	}
	var together, single []*mutant
	for _, m := range mutants {
		switch {
		case m.fate == uncompilable:
		case m.body == nil:
			single = append(single, m)
		default:
			together = append(together, m)
		}
	}
	p := newProgress(stderr, len(together)+len(single))
	defer p.end()
	if err := inParallel(ctx, o.workers, together, p, func(ctx context.Context, m *mutant) error {
		return decide(ctx, m, suites)
	}); err != nil {
		return err
	}
	return inParallel(ctx, 1, single, p, func(ctx context.Context, m *mutant) error {
		files := t.alone(m)
		if files == nil {
			m.fate = uncompilable
			return nil
		}
		own, err := b.suites(ctx, files, dirs)
		if err != nil {
			return err
		}
		for i := range own {
			own[i].rounds = suites[i].rounds
		}
		return decide(ctx, m, own)
	})
}

// decide runs the tests on a mutant.
func decide(ctx context.Context, m *mutant, suites []*suite) error {
	for _, s := range suites {
		dies, err := s.kills(ctx, m)
		if err != nil {
			return err
		}
		if dies {
			m.fate = killed
			return nil
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
