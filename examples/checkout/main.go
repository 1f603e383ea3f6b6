// Command checkout is a small HTTP service that is built to be scaled: a
// platform can see its load, it admits no more work than it can do, it shares
// its dependency fairly between instances, and it leaves without losing a
// request.
//
// It serves, on its main port:
//
//	POST /checkout   price a basket and sign a receipt (the expensive call)
//	GET  /quote      price one product (a quarter of the work)
//	GET  /livez      200 while the process works
//	GET  /readyz     200 from the end of start-up to the start of shutdown, else 503
//
// and on a port of its own, so that scrapes neither pass the limiter nor are
// exposed with the service:
//
//	GET  /metrics    Prometheus metrics
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(realMain(os.Args[1:], os.Getenv, os.Stderr))
}

// realMain runs the service until SIGTERM or SIGINT and returns the exit code:
// 0 when every request in flight was answered, 1 on failure, 2 on wrong usage.
func realMain(args []string, getenv func(string) string, stderr io.Writer) int {
	o, err := parseOptions(args, getenv, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "checkout:", err)
		return 2
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// A second signal ends the process at once: the first one has restored the default.
	context.AfterFunc(ctx, stop)
	if err := run(ctx, o, log); err != nil {
		log.Error("failed", "error", err.Error())
		return 1
	}
	return 0
}
