package series

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/common/model"
)

// csvReader reads a header row and then a time and values in each row, as
// spreadsheets, public traces and Grafana's inspector write them. The delimiter
// is a comma, a semicolon or a tab; a byte order mark and Excel's "sep=" line
// are passed over. An empty cell is no sample; NaN, null and undefined end the
// series.
type csvReader struct {
	name string
	b    *builder
	csv  *csv.Reader
	cap  *rowLimit

	columns []column
	last    int64
	rows    int
	clock   clock
}

// column is one series in the making.
type column struct {
	labels model.Metric
	times  []int64
	values []float64
}

func looksLikeCSV(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	line, before := headerLine(head)
	d := string(delimiter(line))
	first, _, found := strings.Cut(line, d)
	next, _, more := strings.Cut(strings.TrimPrefix(string(head), before+line+"\n"), "\n")
	if more && !strings.Contains(next, d) {
		return false // prose has commas too, but not in every line
	}
	return found && !strings.ContainsAny(first, "{}<>:") && (utf8.ValidString(line) || len(line) == len(head))
}

// headerLine returns the header row and what stands before it.
func headerLine(head []byte) (line, before string) {
	text := string(head)
	if strings.HasPrefix(text, "sep=") {
		i := strings.IndexByte(text, '\n') + 1
		before, text = text[:i], text[i:]
	}
	line, _, _ = strings.Cut(text, "\n")
	return line, before
}

// delimiter returns the most frequent of comma, semicolon and tab in the header
// outside of quotes and braces.
func delimiter(line string) rune {
	best, most := ',', 0
	for _, d := range ",;\t" {
		n, quoted, depth := 0, false, 0
		for _, c := range line {
			switch {
			case c == '"':
				quoted = !quoted
			case c == '{':
				depth++
			case c == '}':
				depth--
			case c == d && !quoted && depth <= 0:
				n++
			}
		}
		if n > most {
			best, most = d, n
		}
	}
	return best
}

// rowLimit bounds what encoding/csv may take for one row: left is renewed after
// each.
type rowLimit struct {
	r    io.Reader
	left int
}

var errRowTooLong = errors.New("row too long")

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

func readCSV(in input, b *builder) error {
	head := bytes.TrimPrefix(in.head, []byte("\xef\xbb\xbf"))
	line, before := headerLine(head)
	skip := int64(len(in.head) - len(head) + len(before))
	if _, err := io.CopyN(io.Discard, in.r, skip); err != nil {
		return err
	}
	c := &csvReader{name: in.name, b: b, cap: &rowLimit{r: in.r}}
	c.csv = csv.NewReader(c.cap)
	c.csv.ReuseRecord, c.csv.Comma, c.csv.TrimLeadingSpace = true, delimiter(line), delimiter(line) != '\t'
	if err := c.header(); err != nil {
		return c.position(err, before)
	}
	for {
		done, err := c.row()
		if err != nil {
			return c.position(err, before)
		}
		if done {
			return c.finish()
		}
	}
}

// record returns the next row, or nil at the end.
func (c *csvReader) record() ([]string, error) {
	c.cap.left = c.b.lim.token
	row, err := c.csv.Read()
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case errors.Is(err, errRowTooLong):
		return nil, &Error{Text: fmt.Sprintf("a row of more than %d bytes", c.b.lim.token), Hint: "is a quote left open?"}
	case errors.As(err, &parse) && errors.Is(err, csv.ErrFieldCount):
		return nil, &Error{Line: parse.Line, Col: parse.Column, Text: fmt.Sprintf("the row has %d columns, the header %d", len(row), c.csv.FieldsPerRecord)}
	case errors.As(err, &parse):
		return nil, &Error{Line: parse.Line, Col: parse.Column, Text: "not CSV: " + parse.Err.Error(), Hint: "quote it as \"…\", and a quote inside of it as \"\""}
	}
	return row, err
}

// position completes an error with the file's name, and its line with the lines
// before the header.
func (c *csvReader) position(err error, before string) error {
	var e *Error
	if errors.As(err, &e) && e.File == "" {
		e.File = c.name
		if e.Line > 0 && before != "" {
			e.Line++
		}
	}
	return err
}

// fail returns a problem with a field of the row just read.
func (c *csvReader) fail(field int, text, hint string) error {
	line, col := c.csv.FieldPos(field)
	return &Error{Line: line, Col: col, Text: text, Hint: hint}
}

func (c *csvReader) header() error {
	row, err := c.record()
	if err != nil {
		return err
	}
	if len(row) < 2 {
		return &Error{Line: 1, Col: 1, Text: "a CSV file needs a column of times and one of values at least", Hint: hintFormats()}
	}
	if _, ok := new(clock).parse(row[0]); ok {
		return c.fail(0, fmt.Sprintf("the first row starts with a time, %q", row[0]), "a header row must name the columns")
	}
	seen := map[string]int{}
	for i, title := range row[1:] {
		labels := titleLabels(title)
		if labels == nil {
			return c.fail(i+1, fmt.Sprintf("column %d has no name", i+2), "the header row must name every column")
		}
		key := metricKey(labels)
		if j, ok := seen[key]; ok {
			return c.fail(i+1, fmt.Sprintf("columns %d and %d are both called %s", j+2, i+2, labels), "give each its own name")
		}
		seen[key] = i
		if !c.b.charge(int64(seriesSize + 2*labelSize + len(title))) {
			return c.fail(i+1, c.b.full(), hintSmaller)
		}
		c.columns = append(c.columns, column{labels: labels})
	}
	return nil
}

// titleLabels makes labels of a column's title: those it spells out, as Grafana
// does (name{label="value"}), else a metric name made of its letters. It is nil
// for an empty title.
func titleLabels(title string) model.Metric {
	title = strings.TrimSpace(title)
	if title == "" || !utf8.ValidString(title) {
		return nil
	}
	if sel, err := ParseSelector(title); err == nil {
		m := model.Metric{}
		for _, x := range sel.Matchers {
			if _, twice := m[model.LabelName(x.Label)]; twice || x.Op != Equal {
				return model.Metric{model.MetricNameLabel: model.LabelValue(sanitise(title))}
			}
			if x.Value != "" {
				m[model.LabelName(x.Label)] = model.LabelValue(x.Value)
			}
		}
		if m[model.MetricNameLabel] == "" {
			m[model.MetricNameLabel] = "value"
		}
		return m
	}
	return model.Metric{model.MetricNameLabel: model.LabelValue(sanitise(title))}
}

// row takes one row of samples; done says that there was none.
func (c *csvReader) row() (done bool, err error) {
	row, err := c.record()
	if row == nil || err != nil {
		return true, err
	}
	t, ok := c.clock.parse(row[0])
	if !ok {
		return false, c.fail(0, fmt.Sprintf("%q is not a time", row[0]), "want RFC 3339, 2006-01-02 15:04:05 (UTC), or seconds or milliseconds since 1970")
	}
	if c.rows > 0 && t <= c.last {
		text, hint := outOfOrder(c.last, t)
		return false, c.fail(0, text, hint)
	}
	c.last = t
	c.rows++
	for i, cell := range row[1:] {
		if strings.TrimSpace(cell) == "" {
			continue
		}
		v, ok := cellValue(cell)
		if !ok {
			return false, c.fail(i+1, fmt.Sprintf("%q is not a value", cell), "want a number in base units; in Grafana, switch formatted data off")
		}
		if !c.b.charge(sampleSize) {
			return false, c.fail(i+1, c.b.full(), hintSmaller)
		}
		c.columns[i].times = append(c.columns[i].times, t)
		c.columns[i].values = append(c.columns[i].values, v)
	}
	return false, nil
}

func (c *csvReader) finish() error {
	for _, col := range c.columns {
		if len(col.times) == 0 {
			c.b.note("%s: column %s is empty", c.name, col.labels)
			continue
		}
		if err := c.b.add(Series{Labels: col.labels, Times: col.times, Values: col.values, Source: c.name}); err != nil {
			return c.position(err, "")
		}
	}
	return nil
}

func cellValue(cell string) (float64, bool) {
	cell = strings.TrimSpace(cell)
	if slices.Contains([]string{"null", "undefined"}, cell) {
		return Stale(), true
	}
	v, err := parseFloat([]byte(cell))
	if math.IsNaN(v) {
		v = Stale()
	}
	return v, err == nil
}

// clock reads times, trying first the layout that fitted last.
type clock struct{ last int }

// layouts are the written forms of time; a fraction of a second may follow.
func layouts() []string {
	return []string{
		time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700 MST",
		"2006/01/02 15:04:05", "2006-01-02 15:04", "2006-01-02",
	}
}

// parse returns milliseconds since the epoch. Times without a zone are UTC;
// numbers from 10^11 on are milliseconds, below seconds.
func (c *clock) parse(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, false
	}
	if ms, ok := unixMillis(s); ok && ms < 1e14 {
		return ms, true
	}
	if strings.Trim(s, "0123456789") == "" {
		n, err := strconv.ParseInt(s, 10, 64)
		return n, err == nil && n >= 1e11 && n <= maxMillis
	}
	all := layouts()
	for i := range all {
		k := (c.last + i) % len(all)
		if t, err := time.Parse(all[k], s); err == nil {
			c.last = k
			ms := t.UnixMilli()
			return ms, ms >= 0 && ms <= maxMillis
		}
	}
	return 0, false
}
