package lint_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// Programs that make bench-lint builds; without them the benchmarks that run them
// are skipped.
var (
	ours   = flag.String("elasticctl", "", "the program to benchmark")
	theirs = flag.String("kube-score", "", "kube-score, to compare it with")
)

// BenchmarkBesideKubeScore lints the same 15,000 objects with both programs, one
// after the other, and reports how many times as long the other takes.
func BenchmarkBesideKubeScore(b *testing.B) {
	if *ours == "" || *theirs == "" {
		b.Skip("make bench-lint runs it")
	}
	dir := fleet(b, 15_000)
	files, err := manifest.List(dir, true)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		wall, cpu := timed(b, exec.Command(*ours, "lint", "--config", "none", "-f", dir), "15000 objects in 3000 files")
		theirWall, theirCPU := timed(b, exec.Command(*theirs, append([]string{"score"}, files...)...), "apps/v1/Deployment service-02999")
		b.ReportMetric(wall.Seconds(), "s")
		b.ReportMetric(theirWall.Seconds(), "kube-score-s")
		b.ReportMetric(theirWall.Seconds()/wall.Seconds(), "times-faster")
		b.ReportMetric(theirCPU.Seconds()/cpu.Seconds(), "times-less-CPU")
	}
}

// BenchmarkProgram lints one service from start to finish of the program.
func BenchmarkProgram(b *testing.B) {
	if *ours == "" {
		b.Skip("make bench-lint runs it")
	}
	name := filepath.Join(b.TempDir(), "service.yaml")
	if err := os.WriteFile(name, []byte(strings.NewReplacer("NAME", "web", "SPACE", "shop").Replace(fleetService)), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		timed(b, exec.Command(*ours, "lint", "--config", "none", "-f", name), "5 objects in 1 file")
	}
}

// timed runs a linter, which exits with its own code when it finds something, and
// returns how long it took.
func timed(b *testing.B, cmd *exec.Cmd, says string) (wall, cpu time.Duration) {
	b.Helper()
	start := b.Elapsed()
	out, err := cmd.Output()
	wall = b.Elapsed() - start
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || !strings.Contains(string(out), says) {
		b.Fatalf("%s: %v\n%.1000s", cmd.Path, err, out)
	}
	return wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}
