package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal; shown closes it and returns what it was sent.
func terminal(t *testing.T) (tty *os.File, shown func() string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	var sent strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&sent, master) // ends with EIO when the other side is closed
	}()
	return tty, func() string {
		_ = tty.Close()
		<-done
		return sent.String()
	}
}

func TestProgressOnARealTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("COLUMNS", "")
	file := days(t)
	simulate := func(out func(tty *os.File) io.Writer, args ...string) string {
		t.Helper()
		tty, shown := terminal(t)
		std := streams{out: out(tty), err: tty, now: stepping(time.Second)}
		if code := run(append([]string{"simulate", "-f", file}, args...), std); code != exitClean {
			t.Fatalf("exit code %d: %s", code, shown())
		}
		return shown()
	}
	intoFile := func(*os.File) io.Writer {
		f, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	same := func(tty *os.File) io.Writer { return tty }
	intoPipe := func(*os.File) io.Writer {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = r.Close(), w.Close() })
		go func() { _, _ = io.Copy(io.Discard, r) }()
		return w
	}
	for _, tc := range []struct {
		name               string
		out                func(*os.File) io.Writer
		args               []string
		reading, replaying bool
	}{
		{"a summary, on the terminal", same, nil, true, true},
		{"ticks, into a file", intoFile, []string{"-o", "json"}, true, true},
		{"ticks, on the terminal", same, []string{"-o", "json", "--duration", "10h"}, true, false},
		{"ticks, into a pipe", intoPipe, []string{"-o", "json"}, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := simulate(tc.out, tc.args...)
			if strings.Contains(got, "reading jobs.csv: 130 kB") != tc.reading || strings.Contains(got, "replaying: ") != tc.replaying {
				t.Errorf("the terminal was sent %.2000q", got)
			}
		})
	}
	t.Setenv("TERM", "dumb")
	if got := simulate(intoFile, "-o", "json"); got != "" {
		t.Errorf("a dumb terminal was sent %.200q", got)
	}
}
