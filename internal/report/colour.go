package report

// colour is one of the few colours a report uses.
type colour uint8

const (
	plain colour = iota
	blue
	orange
	green
	red
	faint
)

// painter writes colours as terminal sequences; its zero value writes none.
type painter bool

// on is the sequence that starts a colour.
func (p painter) on(c colour) string {
	if !p {
		return ""
	}
	switch c {
	case plain:
		return ""
	case blue:
		return "\x1b[34m"
	case orange:
		return "\x1b[33m"
	case green:
		return "\x1b[32m"
	case red:
		return "\x1b[31m"
	case faint:
		return "\x1b[2m"
	}
	return ""
}

// off is the sequence that ends a colour.
func (p painter) off() string {
	if !p {
		return ""
	}
	return "\x1b[0m"
}

// wrap is a text in a colour.
func (p painter) wrap(c colour, s string) string {
	if !p || c == plain {
		return s
	}
	return p.on(c) + s + p.off()
}
