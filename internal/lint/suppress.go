package lint

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// suppressionRules are about what keeps findings quiet.
var suppressionRules = []Rule{
	{
		ID: "suppression-invalid", Severity: Error, Tier: Default,
		What: "a suppression without a reason, or of a rule that does not exist",
		Why:  "It suppresses nothing, and whoever reads it later cannot tell whether it may go.",
		How: "Comments elasticctl:ignore, annotations elasticctl.dev/ignore and the configuration's ignore list name rules that exist, " +
			"give a reason in words, and may end with until and a date.",
	},
	{
		ID: "suppression-expired", Severity: Warning, Tier: Default,
		What: "a suppression whose date has passed",
		Why:  "What it suppressed was to be mended by then. Its findings are reported again.",
		How:  "The date after until lies before today.",
	},
	{
		ID: "suppression-unused", Severity: Warning, Tier: Default,
		What: "a suppression that suppresses nothing",
		Why:  "What it was for is mended, or it stands in the wrong place. It would hide the next mistake of the kind.",
		How:  "A rule that it names ran, and found nothing where the suppression holds. A rule that did not run, because of its tier, says nothing.",
	},
}

// suppression keeps the findings of some rules quiet in some place.
type suppression struct {
	position yamlpos.Position
	excerpt  string
	rules    []string
	until    string
	// invalid says what is wrong with it; it then suppresses nothing.
	invalid, hint string
	// used are the rules of which it suppressed a finding.
	used []string
	// It holds in the lines from first to last of a file, or in objects of a name
	// in a file, or wherever both of the patterns match.
	file        string
	first, last int
	object      string
	files       []*regexp.Regexp
	objects     []*regexp.Regexp
}

// holds says whether a finding is in its place.
func (s *suppression) holds(f *Finding) bool {
	switch {
	case s.first > 0:
		return f.File == s.file && s.first <= f.Line && f.Line <= s.last
	case s.object != "":
		return f.File == s.file && f.Object == s.object
	}
	return anyMatches(s.files, f.File) && anyMatches(s.objects, f.Object)
}

// anyMatches says whether one of the patterns matches; none match everything.
func anyMatches(patterns []*regexp.Regexp, text string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(text) })
}

// suppress leaves out what is suppressed, and reports what is wrong with
// suppressions. ran says which rules ran, today is the date in RFC 3339.
func suppress(all []Finding, list []*suppression, ran func(string) bool, today string) []Finding {
	kept := slices.DeleteFunc(all, func(f Finding) bool {
		quiet := false
		for _, s := range list {
			if s.invalid == "" && !s.expired(today) && slices.Contains(s.rules, f.Rule) && s.holds(&f) {
				s.used, quiet = append(s.used, f.Rule), true
			}
		}
		return quiet
	})
	for _, s := range list {
		kept = append(kept, s.complaints(ran, today)...)
	}
	return kept
}

// expired says whether its date has passed. Dates compare as texts.
func (s *suppression) expired(today string) bool {
	return s.until != "" && today != "" && s.until < today
}

// complaints are what is wrong with a suppression.
func (s *suppression) complaints(ran func(string) bool, today string) []Finding {
	complain := func(id, message, fix string) []Finding {
		rule := ruleByID(id)
		return []Finding{{
			Rule: id, Severity: rule.Severity, Position: s.position, Excerpt: s.excerpt, Message: message, Fix: fix,
		}}
	}
	switch {
	case s.invalid != "":
		return complain("suppression-invalid", s.invalid, s.hint)
	case s.expired(today):
		return complain("suppression-expired", "this suppression was good until "+s.until, "mend what it suppresses, or give it another date and a reason")
	}
	var idle []string
	for _, id := range s.rules {
		if ran(id) && !slices.Contains(s.used, id) {
			idle = append(idle, id)
		}
	}
	if len(idle) == 0 {
		return nil
	}
	return complain("suppression-unused", strings.Join(idle, ", ")+" found nothing here", "remove the suppression")
}

const (
	commentMark = "elasticctl:ignore"
	annotation  = "elasticctl.dev/ignore"
)

// comments finds the suppressions in a file's comments:
//
//	# elasticctl:ignore RULE[,RULE…] REASON [until 2027-01-31]
//
// At the end of a line it holds for that line. Alone in a line it holds for the
// next one and what is indented below it, and above an object for all of it.
func comments(name string, data []byte) []*suppression {
	if !bytes.Contains(data, []byte(commentMark)) {
		return nil
	}
	var list []*suppression
	lines := yamlpos.NewLines(data)
	for n := 1; n <= lines.Len(); n++ {
		line := lines.Line(n)
		before, text, ok := cutComment(line)
		if !ok {
			continue
		}
		s := parseSuppression(text)
		s.file, s.first, s.last, s.excerpt = name, n, n, excerpt(line)
		s.position = yamlpos.Position{File: name, Line: n, Col: utf8.RuneCountInString(before) + 1}
		if strings.TrimSpace(before) == "" {
			s.first, s.last = scope(&lines, n)
		}
		list = append(list, s)
	}
	return list
}

// cutComment finds a suppression in a line: what stands before its comment, and
// its text.
func cutComment(line string) (before, text string, ok bool) {
	at := strings.Index(line, commentMark)
	if at < 0 {
		return "", "", false
	}
	hash := strings.LastIndexByte(line[:at], '#')
	if hash < 0 || strings.TrimSpace(line[hash+1:at]) != "" || hash > 0 && line[hash-1] != ' ' && line[hash-1] != '\t' {
		return "", "", false
	}
	return line[:hash], line[at+len(commentMark):], true
}

// scope is what a suppression alone in line n holds for: the next line and what is
// indented below it; from the first line of an object on, all of it.
func scope(lines *yamlpos.Lines, n int) (first, last int) {
	first = n + 1
	for first <= lines.Len() && blankOrComment(lines.Line(first)) {
		first++
	}
	top := true
	for i := n - 1; i >= 1 && top; i-- {
		if isSeparator(lines.Line(i)) {
			break
		}
		top = blankOrComment(lines.Line(i))
	}
	depth := indent(lines.Line(first))
	for last = first; last < lines.Len(); last++ {
		next := lines.Line(last + 1)
		if isSeparator(next) || !top && !blankOrComment(next) && indent(next) <= depth {
			break
		}
	}
	return first, last
}

func isSeparator(line string) bool { return strings.HasPrefix(line, "---") }

func blankOrComment(line string) bool {
	rest := strings.TrimSpace(line)
	return rest == "" || rest[0] == '#' || isSeparator(line)
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

var untilDate = regexp.MustCompile(`\s+until\s+(\S+)$`)

var isDate = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)

// parseSuppression reads "RULE[,RULE…] REASON [until DATE]".
func parseSuppression(text string) *suppression {
	text = strings.TrimSpace(text)
	s := &suppression{}
	if m := untilDate.FindStringSubmatchIndex(text); m != nil {
		s.until = text[m[2]:m[3]]
		text = text[:m[0]]
	}
	names, reason, _ := strings.Cut(text, " ")
	if names != "" {
		s.rules = strings.Split(names, ",")
	}
	s.check(strings.TrimSpace(reason))
	return s
}

// check says what is wrong with a suppression.
func (s *suppression) check(reason string) {
	const form = "write RULE REASON, such as: hpa-min-low one pod is enough at night until 2027-01-31"
	unknown := slices.IndexFunc(s.rules, func(id string) bool { return ruleByID(id) == nil })
	switch {
	case len(s.rules) == 0:
		s.invalid, s.hint = "this suppression names no rule", form
	case unknown >= 0:
		s.invalid, s.hint = fmt.Sprintf("there is no rule %q", s.rules[unknown]), nearRule(s.rules[unknown])
	case reason == "":
		s.invalid, s.hint = "this suppression gives no reason", form
	case s.until != "" && !isDate.MatchString(s.until):
		s.invalid, s.hint = fmt.Sprintf("until %s is no date", s.until), "write it as 2027-01-31"
	}
}

// nearRule proposes the rule that was meant.
func nearRule(id string) string {
	names := make([]string, len(rules))
	for i := range rules {
		names[i] = rules[i].ID
	}
	if near := yamlpos.Nearest(id, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "elasticctl lint --list names all"
}

// annotated are the suppressions in an object's annotation, one a line or
// separated by semicolons.
func annotated(o *object) []*suppression {
	meta, ok := o.Typed.(interface{ GetAnnotations() map[string]string })
	if !ok {
		return nil
	}
	text := meta.GetAnnotations()[annotation]
	var list []*suppression
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' }) {
		if strings.TrimSpace(one) == "" {
			continue
		}
		s := parseSuppression(one)
		s.file, s.object = o.Doc.File, o.String()
		s.position = o.Doc.At("metadata.annotations[" + annotation + "]")
		s.excerpt = excerpt(o.Doc.Line(s.position.Line))
		list = append(list, s)
	}
	if list != nil {
		o.Doc.Forget()
	}
	return list
}

// pattern is a glob: * matches within a part of a path, ** any number of parts.
func pattern(glob string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^")
	for rest := path.Clean(glob); rest != ""; {
		switch {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString("(.*/)?")
			rest = rest[3:]
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			rest = rest[2:]
		case rest[0] == '*':
			b.WriteString("[^/]*")
			rest = rest[1:]
		case rest[0] == '?':
			b.WriteString("[^/]")
			rest = rest[1:]
		default:
			_, size := utf8.DecodeRuneInString(rest)
			b.WriteString(regexp.QuoteMeta(rest[:size]))
			rest = rest[size:]
		}
	}
	b.WriteString("$")
	return regexp.MustCompile(b.String())
}
