package report

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/elasticctl/elasticctl/internal/tune"
)

// Owners of dots in the plot of a front, the later ones before the others.
const (
	dotCandidate = iota
	dotFront
)

// scatter is the plot of a front: X to the right, Y upwards.
type scatter struct {
	t                   *Tuned
	left, right, top    float64
	cells, rows, margin int
	canvas              *canvas
	marks               map[[2]int]rune
}

// writeFront plots the candidates, the front among them, today's autoscaler and
// the recommended one.
func (t *Tuned) writeFront(b *strings.Builder, o Options, paint painter) {
	if len(t.Front) < 2 {
		return
	}
	s := newScatter(t, o.Width)
	for i := range t.Points {
		if t.Points[i].Miss == 0 {
			s.dot(&t.Points[i], dotCandidate)
		}
	}
	for _, i := range t.Front {
		s.dot(&t.Points[i], dotFront)
	}
	s.mark(&t.Today, 'T')
	if t.Choice.Candidate != nil {
		s.mark(&t.Choice.Point, 'R')
	}
	s.write(b, paint)
}

// newScatter frames the front and today's autoscaler: what lies above or
// outside is left out.
func newScatter(t *Tuned, width int) *scatter {
	s := &scatter{t: t, rows: 10, marks: map[[2]int]rune{}}
	first, last := &t.Points[t.Front[0]], &t.Points[t.Front[len(t.Front)-1]]
	s.left, s.right = math.Min(first.X, t.Today.X), math.Max(last.X, t.Today.X)
	s.top = math.Max(first.Y, t.Today.Y)
	// Where the front rises steeply, its lower part is what matters.
	if most := 3 * math.Max(t.Today.Y, t.Choice.Limit); most > 0 && most < s.top {
		s.top = most
		for _, i := range t.Front {
			if t.Points[i].Y <= s.top {
				s.left = math.Min(t.Points[i].X, t.Today.X)
				break
			}
		}
	}
	if s.top == 0 {
		s.top = 1
	}
	if s.right == s.left {
		s.right = s.left + 1
	}
	s.margin = max(utf8.RuneCountInString(t.y(s.top)), utf8.RuneCountInString(t.y(0)))
	s.cells = max(20, width-s.margin-3)
	s.canvas = newCanvas(2*s.cells, 4*s.rows)
	return s
}

// place is where a point lies, in dots; ok is false outside of the frame.
func (s *scatter) place(p *tune.Point) (x, y int, ok bool) {
	right := (p.X - s.left) / (s.right - s.left)
	up := p.Y / s.top
	if right < 0 || right > 1 || up > 1 {
		return 0, 0, false
	}
	return int(math.Round(right * float64(s.canvas.width-1))), int(math.Round(up * float64(s.canvas.height-1))), true
}

func (s *scatter) dot(p *tune.Point, owner int8) {
	x, y, ok := s.place(p)
	if !ok {
		return
	}
	s.canvas.set(x, y, true, owner)
	if owner == dotFront { // twice as wide, so that it differs without colour
		s.canvas.set(x^1, y, true, owner)
	}
}

func (s *scatter) mark(p *tune.Point, r rune) {
	if x, y, ok := s.place(p); ok {
		s.marks[[2]int{x / 2, s.rows - 1 - y/4}] = r
	}
}

func (s *scatter) write(b *strings.Builder, paint painter) {
	t := s.t
	indent := strings.Repeat(" ", s.margin+2)
	b.WriteString("\n" + indent + t.noun(&t.Study.Y) + "   ⠠ candidates   " + paint.wrap(blue, "⠤") + " front   T today")
	if t.Choice.Candidate != nil {
		b.WriteString("   R recommended")
	}
	b.WriteByte('\n')
	for y := range s.rows {
		label := ""
		switch y {
		case 0:
			label = t.y(s.top)
		case s.rows - 1:
			label = t.y(0)
		}
		b.WriteString(pad(label, s.margin) + " ┤")
		var line strings.Builder
		for x := range s.cells {
			if r, ok := s.marks[[2]int{x, y}]; ok {
				line.WriteString(paint.wrap(green, string(r)))
				continue
			}
			r, owner := s.canvas.cell(x, y)
			if owner == dotFront {
				line.WriteString(paint.wrap(blue, string(r)))
				continue
			}
			line.WriteRune(r)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	left, right := t.x(s.left), t.x(s.right)
	middle := t.noun(&t.Study.X)
	b.WriteString(strings.Repeat(" ", s.margin+1) + "└" + strings.Repeat("─", s.cells) + "\n")
	free := s.cells - utf8.RuneCountInString(left) - utf8.RuneCountInString(right) - utf8.RuneCountInString(middle)
	b.WriteString(indent + left + strings.Repeat(" ", max(1, free/2)) + middle + strings.Repeat(" ", max(1, free-free/2)) + right + "\n")
}
