package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// suite is the compiled tests of one package.
type suite struct {
	binary, dir string
	// rounds are its tests in the order in which they run, the quick ones first.
	rounds []round
}

// round is some tests of a suite, and how long they may take.
type round struct {
	tests   string
	timeout time.Duration
}

// quick is how long a test may take that belongs into the first round.
const quick = 50 * time.Millisecond

// patience is how much longer than without a change tests may take; who takes
// longer runs for ever.
const patience = 10

var verdict = regexp.MustCompile(`(?m)^--- (?:PASS|SKIP): (\S+) \((\d+\.\d+)s\)$`)

// rehearse runs all tests without a mutant and arranges them in rounds.
func (s *suite) rehearse(ctx context.Context) error {
	out, passed, err := s.run(ctx, 0, "-test.v")
	if err != nil {
		return err
	}
	if !passed {
		return fmt.Errorf("the tests of %s fail without a change:\n%s", s.dir, out)
	}
	var fast, slow []string
	var took [2]time.Duration
	for _, m := range verdict.FindAllSubmatch(out, -1) {
		seconds, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			return err
		}
		d := time.Duration(seconds * float64(time.Second))
		if d <= quick {
			fast, took[0] = append(fast, string(m[1])), took[0]+d
		} else {
			slow, took[1] = append(slow, string(m[1])), took[1]+d
		}
	}
	s.rounds = nil
	for i, names := range [][]string{fast, slow} {
		if len(names) > 0 {
			s.rounds = append(s.rounds, round{"^(" + strings.Join(names, "|") + ")$", patience*took[i] + patience*time.Second})
		}
	}
	return nil
}

// kills says whether some test fails on a mutant.
func (s *suite) kills(ctx context.Context, m *mutant) (bool, error) {
	for _, r := range s.rounds {
		_, passed, err := s.run(ctx, m.id, "-test.run="+r.tests, "-test.timeout="+r.timeout.String())
		if err != nil || !passed {
			return true, err
		}
	}
	return false, nil
}

// run runs tests with a mutant switched on, up to the first that fails. An
// error means that they could not be run.
func (s *suite) run(ctx context.Context, number int, flags ...string) (out []byte, passed bool, err error) {
	var b bytes.Buffer
	cmd := exec.CommandContext(ctx, s.binary, append(flags, "-test.failfast", "-test.count=1")...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &b, &b
	cmd.Env = append(os.Environ(), variable+"="+strconv.Itoa(number))
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case errors.As(err, &exit):
		return b.Bytes(), false, nil
	}
	return b.Bytes(), err == nil, err
}
