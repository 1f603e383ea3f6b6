package lint_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/elasticctl/elasticctl/internal/lint"
)

// most is the memory that a hostile file may take, in bytes: the process as a whole,
// as the kernel counts it.
const most = 256 << 20

// hostileChild names the variable that makes this test the process that is
// measured.
const hostileChild = "ELASTICCTL_TEST_HOSTILE"

func TestHostileFilesAreRefusedInBoundedMemory(t *testing.T) {
	if dir := os.Getenv(hostileChild); dir != "" {
		t.Chdir(dir)
		for i := range hostiles {
			suffer(t, &hostiles[i])
		}
		endless(t)
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), hostileChild+"="+t.TempDir())
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// suffer lints a hostile file, and says what that took.
func suffer(t *testing.T, h *hostile) {
	name, err := h.file(".")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(name)
	measure(t, h.name, h.says, &lint.Input{Paths: []string{filepath.Clean(name)}})
}

// endless lints a standard input that never ends.
func endless(t *testing.T) {
	measure(t, "an endless standard input", "stdin: error: larger than 16 MiB", &lint.Input{Paths: []string{"-"}, Stdin: forever{}})
}

// forever is a text that never ends.
type forever struct{}

func (forever) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte{'x'}, len(p))), nil }

func measure(t *testing.T, name, says string, in *lint.Input) {
	resetPeak(t)
	text, err := lintText(in)
	peak := peakMemory(t)
	if err != nil || !strings.Contains(text, says) {
		t.Errorf("%s: no %q: %v\n%s", name, says, err, text[:min(len(text), 1000)])
	}
	if t.Logf("%s: %d MB", name, peak>>20); peak > most {
		t.Errorf("%s took %d MB, more than %d", name, peak>>20, most>>20)
	}
}

// resetPeak gives free memory back, and lets the kernel count from there.
func resetPeak(t *testing.T) {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skip(err) // not every container may
	}
}

// peakMemory is the most memory that this process held at once.
func peakMemory(t *testing.T) int {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(io.Reader(f)); lines.Scan(); {
		if field, value, _ := strings.Cut(lines.Text(), ":"); field == "VmHWM" {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal(fmt.Errorf("no VmHWM"))
	return 0
}
