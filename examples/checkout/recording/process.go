//go:build linux

package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pinTo binds the tool and whatever it starts to some CPUs. An affinity belongs
// to a thread and is inherited: so it is set on this thread, which then
// executes the program anew. It returns only on failure, or when nothing is to
// be done.
func pinTo(cpus []int) error {
	var want, have unix.CPUSet
	for _, c := range cpus {
		want.Set(c)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedGetaffinity(0, &have); err != nil {
		return err
	}
	if have == want {
		return nil
	}
	if err := unix.SchedSetaffinity(0, &want); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, os.Environ())
}

// parseCPUs reads a list as taskset's: 0,2-3.
func parseCPUs(s string) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(s, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		a, err1 := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if errors.Join(err1, err2) != nil || a < 0 || b < a || b > 1023 {
			return nil, errors.New("want CPU numbers as 0,2-3, not " + strconv.Quote(s))
		}
		for c := a; c <= b; c++ {
			out = append(out, c)
		}
	}
	return out, nil
}

// process is a child that runs in a control group.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended
	err    error         // of Wait; to be read after exited
}

// start runs a program inside the group from its first instruction on: a shell
// enters the group and then becomes the program. Each line of its stderr goes
// to lines. The kernel kills it should this tool die.
func start(g group, lines func(string), program string, args ...string) (*process, error) {
	var script strings.Builder
	for range g.procs() {
		script.WriteString(`echo $$ >"$1" || exit 126; shift; `)
	}
	argv := []string{"-c", script.String() + `exec "$@"`, "sh"}
	argv = append(argv, g.procs()...)
	argv = append(append(argv, program), args...)
	cmd := exec.Command("/bin/sh", argv...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, exited: make(chan struct{})}
	go func() {
		scan(stderr, lines)
		p.err = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

func scan(r io.Reader, lines func(string)) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines(s.Text())
	}
	// A line too long ends the scan; the pipe must not block the child.
	_, _ = io.Copy(io.Discard, r)
}

// stop asks the process to end, and kills it when it has not within grace.
func (p *process) stop(grace time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}
