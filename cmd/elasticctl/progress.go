package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// progress says how far long work has come: one line on a terminal, written over
// and over, from a second after the start until it is erased. The work itself
// calls it, so that it needs no goroutine. nil shows nothing.
type progress struct {
	w   io.Writer
	now func() time.Time
	// width is how many columns a line may take, shown how many one takes now.
	width, shown int
	// first is when the first line may be written, due when the next one.
	first, due time.Time
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// newProgress starts progress on stderr; nil where nobody would see it, or where
// another program may be writing to that terminal, as at the end of a pipe.
func newProgress(std streams) *progress {
	if std.now == nil || os.Getenv("TERM") == "dumb" || !isTerminal(std.err) || isPipe(std.out) {
		return nil
	}
	return startProgress(std.err, std.now, terminalWidth(std.err))
}

// startProgress starts progress on a terminal of some columns. The last one stays
// free, since some terminals begin a new line when it is written.
func startProgress(w io.Writer, now func() time.Time, columns int) *progress {
	first := now().Add(progressAfter)
	return &progress{w: w, now: now, width: columns - 1, first: first, due: first}
}

// watch is what the reading of recordings is to call.
func (p *progress) watch() series.Progress {
	if p == nil {
		return nil
	}
	return p.reading
}

// reading shows how much of a file has been read.
func (p *progress) reading(file string, read, size int64) {
	if !p.ready() {
		return
	}
	name := filepath.Base(file)
	if size <= 0 {
		p.line(fmt.Sprintf("reading %s: %s", name, bytesText(read)))
		return
	}
	p.line(fmt.Sprintf("reading %s: %s, %d %%", name, bytesText(size), 100*min(read, size)/size))
}

// stage shows what has begun and cannot tell how far it has come, at once if any
// line may be shown: the one before would stand for it all the while.
func (p *progress) stage(what string) {
	if p != nil && !p.now().Before(p.first) {
		p.line(what)
	}
}

// syncsPerLook is how many syncs pass between looks at the clock: a look takes
// longer than some syncs do.
const syncsPerLook = 1024

// replaying shows how far the i-th of n replays has come, each as long as total,
// whenever its visitor is called.
func (p *progress) replaying(i, n int, total time.Duration, visit func(*sim.Tick) bool) func(*sim.Tick) bool {
	if p == nil {
		return visit
	}
	syncs := 0
	return func(t *sim.Tick) bool {
		if syncs++; syncs%syncsPerLook == 0 && p.ready() {
			share := (float64(i) + float64(t.T)/float64(max(total, 1))) / float64(n)
			p.line(fmt.Sprintf("replaying: %d %%", int(100*min(share, 1))))
		}
		return visit(t)
	}
}

// ready says whether it is time for another line.
func (p *progress) ready() bool {
	now := p.now()
	if now.Before(p.due) {
		return false
	}
	p.due = now.Add(progressEvery)
	return true
}

// line writes a line over the one before.
func (p *progress) line(text string) {
	text, columns := fit(text, p.width)
	p.put(blank(p.shown) + text)
	p.shown = columns
}

// erase takes the line away.
func (p *progress) erase() {
	if p == nil || p.shown == 0 {
		return
	}
	p.put(blank(p.shown))
	p.shown = 0
}

// put writes at once. When progress cannot be shown, nobody is left to tell.
func (p *progress) put(text string) { _, _ = io.WriteString(p.w, text) }

// blank clears columns of the line and goes back to its beginning.
func blank(columns int) string {
	if columns == 0 {
		return "\r"
	}
	return "\r" + strings.Repeat(" ", columns) + "\r"
}

// fit cuts a text to some columns and says how many it takes, at most: what is not
// ASCII may be two wide. What a terminal would obey becomes a question mark.
func fit(text string, width int) (cut string, columns int) {
	var b strings.Builder
	for _, r := range text {
		wide := 1
		if !unicode.IsPrint(r) {
			r = '?'
		} else if r > unicode.MaxASCII {
			wide = 2
		}
		if columns+wide > width {
			break
		}
		b.WriteRune(r)
		columns += wide
	}
	return b.String(), columns
}

// bytesText writes a size in decimal units.
func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB"}
	for n >= 1000 && len(units) > 1 {
		n, units = n/1000, units[1:]
	}
	return fmt.Sprintf("%d %s", n, units[0])
}
