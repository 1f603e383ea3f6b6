package report

import (
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// chart is one plot of step functions over [0, duration).
type chart struct {
	title    string
	duration time.Duration
	start    time.Time // wall clock at 0; zero when unknown
	width    int       // of the whole chart, in cells
	margin   int       // of the labels of the vertical axis, in cells
	ticks    int       // distances between marks of the vertical axis, at most
	curves   []curve
	// label prints a value of the vertical axis.
	label func(float64) string
	// whole says that values are whole numbers, so that axis labels are too.
	whole bool
	paint painter
}

// curve is one step function: values[i] holds from times[i] on. NaN is a gap.
type curve struct {
	name   string
	style  style
	colour colour
	times  []time.Duration
	values []float64
}

// style is how a curve is drawn, so that curves differ without colour too.
type style uint8

const (
	// styleArea fills from zero up to the greatest value.
	styleArea style = iota
	// styleLine draws the curve and keeps one dot of distance to an area.
	styleLine
	// styleDots draws every second dot.
	styleDots
)

// envelope is the least and greatest value within each of n equal parts of
// [0, duration), so that a spike of one sample survives any width. NaN marks a
// part without a value.
func (c *curve) envelope(n int, duration time.Duration) (lo, hi []float64) {
	lo, hi = make([]float64, n), make([]float64, n)
	for x := range n {
		lo[x], hi[x] = math.NaN(), math.NaN()
	}
	for i, v := range c.values {
		from, to := c.times[i], duration
		if i+1 < len(c.times) {
			to = min(c.times[i+1], duration)
		}
		if from >= to || math.IsNaN(v) {
			continue
		}
		last := columnOf(to-1, n, duration)
		for x := columnOf(from, n, duration); x <= last; x++ {
			if !(v >= lo[x]) { // also where lo is NaN
				lo[x] = v
			}
			if !(v <= hi[x]) {
				hi[x] = v
			}
		}
	}
	return lo, hi
}

// columnOf is the part of n that t falls into.
func columnOf(t time.Duration, n int, duration time.Duration) int {
	return max(0, min(n-1, int(float64(t)/float64(duration)*float64(n))))
}

// canvas is a grid of braille cells, 2 dots wide and 4 high each.
type canvas struct {
	width, height int // in dots
	dots          []bool
	owner         []int8 // which curve set the dot, for colour
}

func newCanvas(width, height int) *canvas {
	return &canvas{width: width, height: height, dots: make([]bool, width*height), owner: make([]int8, width*height)}
}

// set sets or clears the dot at x from the left and y from the bottom.
func (c *canvas) set(x, y int, on bool, owner int8) {
	if x < 0 || x >= c.width || y < 0 || y >= c.height {
		return
	}
	c.dots[y*c.width+x], c.owner[y*c.width+x] = on, owner
}

// braille is the bit of each dot within a cell, by row from the top and column.
var braille = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// cell renders the cell at column x and row y, counted from the top, and the
// curve that owns most of its lines.
func (c *canvas) cell(x, y int) (r rune, owner int8) {
	r, owner = 0x2800, -1
	for dy := range 4 {
		for dx := range 2 {
			i := (c.height-1-(y*4+dy))*c.width + x*2 + dx
			if !c.dots[i] {
				continue
			}
			r |= braille[dy][dx]
			owner = max(owner, c.owner[i])
		}
	}
	if r == 0x2800 {
		r = ' '
	}
	return r, owner
}

// draw puts one curve on the canvas.
func (c *canvas) draw(cv *curve, owner int8, duration time.Duration, top float64) {
	lo, hi := cv.envelope(c.width, duration)
	scale := func(v float64) int {
		return int(math.Round(v / top * float64(c.height-4)))
	}
	before := -1 // where the curve left the column before
	for x := range c.width {
		if math.IsNaN(hi[x]) {
			before = -1
			continue
		}
		from, to := scale(lo[x]), scale(hi[x])
		switch cv.style {
		case styleArea:
			if hi[x] > 0 {
				c.column(x, 0, to, owner)
			}
		case styleLine:
			from, to = join(from, to, before)
			c.set(x, from-1, false, owner)
			c.set(x, to+1, false, owner)
			c.column(x, from, to, owner)
		case styleDots:
			from, to = join(from, to, before)
			for y := from; y <= to; y++ {
				if (x+y)%2 == 0 || from == to && x%2 == 0 {
					c.set(x, y, true, owner)
				}
			}
		}
		before = scale(hi[x])
		if lo[x] < hi[x] {
			before = -1 // which of the two came last is not known
		}
	}
}

// join extends a column so that it touches the one before.
func join(from, to, before int) (int, int) {
	if before < 0 {
		return from, to
	}
	return min(from, before), max(to, before)
}

// column sets the dots from one height to another.
func (c *canvas) column(x, from, to int, owner int8) {
	for y := from; y <= to; y++ {
		c.set(x, y, true, owner)
	}
}

// render draws the chart: title and legend, the area with its axes.
func (c *chart) render(w io.Writer) error {
	var b strings.Builder
	ticks := c.yTicks()
	rows := rowsBetween(len(ticks) - 1)
	margin := c.margin
	cells := max(10, c.width-margin-2)
	cv := newCanvas(cells*2, ((len(ticks)-1)*rows+1)*4)
	for i := range c.curves {
		cv.draw(&c.curves[i], int8(i), c.duration, ticks[len(ticks)-1].value)
	}
	c.head(&b, margin)
	for y := range cv.height / 4 {
		label, mark := "", "│"
		if y%rows == 0 {
			label, mark = ticks[len(ticks)-1-y/rows].label, "┤"
		}
		b.WriteString(pad(label, margin) + " " + mark)
		c.row(&b, cv, y, cells)
		b.WriteByte('\n')
	}
	c.foot(&b, margin, cells)
	_, err := io.WriteString(w, b.String())
	return err
}

// labelWidth is the width of the widest label of the vertical axis.
func (c *chart) labelWidth() int {
	widest := 0
	for _, t := range c.yTicks() {
		widest = max(widest, utf8.RuneCountInString(t.label))
	}
	return widest
}

// rowsBetween is how many rows of cells lie between two marks of the vertical
// axis. A mark's value is at the lowest dot of its row.
func rowsBetween(ticks int) int {
	if ticks == 1 {
		return 4
	}
	if ticks == 2 {
		return 3
	}
	return 2
}

// row writes one row of cells, coloured by the curve in front, without
// trailing blanks.
func (c *chart) row(b *strings.Builder, cv *canvas, y, cells int) {
	var line strings.Builder
	current := int8(-1)
	blank := 0
	for x := range cells {
		r, owner := cv.cell(x, y)
		if r == ' ' {
			blank++
			continue
		}
		if owner != current {
			if current >= 0 {
				line.WriteString(c.paint.off())
			}
			line.WriteString(strings.Repeat(" ", blank))
			blank = 0
			line.WriteString(c.paint.on(c.curves[owner].colour))
			current = owner
		}
		line.WriteString(strings.Repeat(" ", blank))
		blank = 0
		line.WriteRune(r)
	}
	if current >= 0 {
		line.WriteString(c.paint.off())
	}
	b.WriteString(line.String())
}

// head writes the title and the legend, on further lines where one is too
// short.
func (c *chart) head(b *strings.Builder, margin int) {
	indent := strings.Repeat(" ", margin+2)
	b.WriteString(indent + c.title)
	used := len(indent) + utf8.RuneCountInString(c.title)
	for _, cv := range c.curves {
		mark := sample(cv.style)
		need := 3 + utf8.RuneCountInString(mark) + 1 + utf8.RuneCountInString(cv.name)
		if used+need > c.width {
			b.WriteString("\n" + indent)
			used = len(indent) - 3
		} else {
			b.WriteString("   ")
		}
		b.WriteString(c.paint.wrap(cv.colour, mark) + " " + cv.name)
		used += need
	}
	b.WriteByte('\n')
}

// sample is a curve's mark in the legend.
func sample(s style) string {
	switch s {
	case styleArea:
		return "⣿⣿"
	case styleLine:
		return "⠒⠒"
	case styleDots:
		return "⠂⠂"
	}
	return ""
}

// foot writes the time axis and its labels.
func (c *chart) foot(b *strings.Builder, margin, cells int) {
	axis := []rune(strings.Repeat("─", cells))
	labels := []rune(strings.Repeat(" ", margin+2+cells))
	free := 0 // first cell where a label may start
	for _, t := range timeTicks(c.start, c.duration, cells) {
		x := columnOf(t.at, cells, c.duration)
		text := []rune(t.label)
		from := margin + 2 + x - len(text)/2
		from = max(margin+1, min(from, len(labels)-len(text)))
		if from < free {
			continue
		}
		axis[x] = '┴'
		copy(labels[from:], text)
		free = from + len(text) + 1
	}
	b.WriteString(strings.Repeat(" ", margin+1) + "└" + string(axis) + "\n")
	b.WriteString(strings.TrimRight(string(labels), " ") + "\n")
}

// pad right-aligns a label.
func pad(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}
