package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/elasticctl/elasticctl/internal/lint"
)

// LintText writes findings for people: each with its position, the line it is
// about, what to do, and a count at the end.
func LintText(w io.Writer, r *lint.Result, style Style) error {
	var out bytes.Buffer
	p := painter(style.Color)
	for i := range r.Findings {
		finding(&out, &r.Findings[i], p)
	}
	for _, s := range r.Skipped {
		if s.Quiet && !style.Verbose && r.Objects > 0 {
			continue
		}
		fmt.Fprintf(&out, "%s: skipped: %s%s\n", s.Position, s.Reason, after("; ", s.Hint))
	}
	fmt.Fprintln(&out, lintTotal(r))
	_, err := w.Write(out.Bytes())
	return err
}

// Style says how findings are written.
type Style struct {
	// Color allows terminal sequences.
	Color bool
	// Verbose names what was passed over too.
	Verbose bool
}

// after is a text behind a separator, or nothing.
func after(separator, text string) string {
	if text == "" {
		return ""
	}
	return separator + text
}

func finding(w *bytes.Buffer, f *lint.Finding, p painter) {
	fmt.Fprintf(w, "%s: %s: %s %s\n", f.Position, p.wrap(severityColour(f.Severity), f.Severity.String()),
		f.Message, p.wrap(faint, "["+f.Rule+"]"))
	if f.Excerpt != "" {
		excerpt(w, f, p)
	}
	if f.Fix != "" {
		fmt.Fprintf(w, "  fix: %s%s\n", f.Fix, byItself(f))
	}
	for _, r := range f.Related {
		fmt.Fprintf(w, "  see %s: %s\n", r.Position, r.Message)
	}
}

// byItself says that nobody needs to mend a finding by hand.
func byItself(f *lint.Finding) string {
	if len(f.Patches) == 0 {
		return ""
	}
	return " (--fix does it)"
}

func severityColour(s lint.Severity) colour {
	switch s {
	case lint.Error:
		return red
	case lint.Warning:
		return orange
	case lint.Info:
		return blue
	}
	return plain
}

// widest is the most of a line that is shown.
const widest = 120

// excerpt shows the line of a finding, with a caret below its column.
func excerpt(w *bytes.Buffer, f *lint.Finding, p painter) {
	line, before := window(f.Excerpt, f.Col)
	number := strconv.Itoa(f.Line)
	margin := strings.Repeat(" ", len(number))
	fmt.Fprintf(w, "  %s %s\n", p.wrap(faint, number+" |"), printable(line))
	fmt.Fprintf(w, "  %s %s%s\n", p.wrap(faint, margin+" |"), blank(before), p.wrap(green, "^"))
}

// window is the part of a line around a column, which counts characters from 1,
// and what of it stands before that column.
func window(line string, col int) (part, before string) {
	runes := []rune(line)
	at := min(max(col-1, 0), len(runes))
	from := 0
	if len(runes) > widest && at > widest*3/4 {
		from = min(at-widest/2, len(runes)-widest)
	}
	to := min(len(runes), from+widest)
	return string(runes[from:to]), string(runes[from:at])
}

// printable is a line without what a terminal would obey.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0) {
			return utf8.RuneError
		}
		return r
	}, line)
}

// blank is as wide as a text, tabs included.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}

// lintTotal counts what was found.
func lintTotal(r *lint.Result) string {
	errors, warnings := r.AtLeast(lint.Error), r.AtLeast(lint.Warning)
	where := fmt.Sprintf("%s in %s", plural(int64(r.Objects), "object"), plural(int64(len(r.Files)), "file"))
	if len(r.Findings) == 0 {
		return "no findings: " + where
	}
	total := fmt.Sprintf("%s, %s, %d info: %s", plural(int64(errors), "error"), plural(int64(warnings-errors), "warning"), len(r.Findings)-warnings, where)
	if n := r.Fixable(); n > 0 {
		total += fmt.Sprintf("; --fix mends %d", n)
	}
	return total
}

// LintRules writes a table of rules.
func LintRules(w io.Writer, rules []lint.Rule) error {
	var out bytes.Buffer
	width, fixes := 0, 0
	for i := range rules {
		width = max(width, len(rules[i].ID))
	}
	counts := map[lint.Tier]int{}
	for i := range rules {
		r := &rules[i]
		counts[r.Tier]++
		what := r.What
		if r.Recorded {
			what += " (with --recording)"
		}
		fix := ""
		if r.Fix != "" {
			fix, fixes = "fix", fixes+1
		}
		fmt.Fprintf(&out, "%-*s  %-7s  %-11s  %-3s  %s\n", width, r.ID, r.Severity, r.Tier, fix, what)
	}
	fmt.Fprintf(&out, "%s: %d default, %d recommended, %d all; --fix mends what %d of them find\n", plural(int64(len(rules)), "rule"),
		counts[lint.Default], counts[lint.Recommended], counts[lint.All], fixes)
	_, err := w.Write(out.Bytes())
	return err
}
