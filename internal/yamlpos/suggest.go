package yamlpos

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// suggest returns a hint for an unknown field: the nearest name here, or the
// same name one level deeper, or all names where they are few.
func (t *typeInfo) suggest(name string) string {
	if near := Nearest(name, t.names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if near := overlapping(name, t.names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	for _, field := range t.names {
		inner := t.fields[field].info
		if inner.kind == reflect.Pointer {
			inner = inner.elem
		}
		for _, deep := range inner.names {
			if len(deep) > 4 && strings.HasSuffix(strings.ToLower(name), strings.ToLower(deep)) {
				return fmt.Sprintf("did you mean %q?", field+"."+deep)
			}
		}
	}
	if len(t.names) > 0 && len(t.names) <= 12 {
		return "known fields: " + strings.Join(t.names, ", ")
	}
	return ""
}

// overlapping returns the one name that a longer or shorter form was written of:
// expression for expr, targetRef for scaleTargetRef, minReplicas for minReplicaCount;
// "" where several are alike, or none.
func overlapping(name string, names []string) string {
	const least = 4
	found := ""
	name = strings.ToLower(name)
	for _, n := range names {
		other := strings.ToLower(n)
		shorter, longer := name, other
		if len(shorter) > len(longer) {
			shorter, longer = longer, shorter
		}
		same := 0
		for same < len(shorter) && shorter[same] == longer[same] {
			same++
		}
		if len(shorter) < least || same < max(least, len(shorter)-1) && !strings.HasSuffix(longer, shorter) {
			continue
		}
		if found != "" {
			return ""
		}
		found = n
	}
	return found
}

// Nearest returns the name most like a misspelt one, or "" where none is like
// it. Of equally near names the first wins.
func Nearest(name string, names []string) string {
	if name == "" || len(name) > 64 {
		return ""
	}
	best, least := "", max(1, len(name)/3)+1
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d < least && d < len(n) {
			best, least = n, d
		}
	}
	return best
}

// Surely returns the name that a misspelt one can only have meant, or "" where
// there is doubt: it differs in case alone, or in a letter (of a long name in two)
// where no other name is nearly as like it.
func Surely(name string, names []string) string {
	if name == "" || len(name) > 64 {
		return ""
	}
	most := 1
	if len(name) >= 10 {
		most = 2
	}
	best, least, second := "", len(name), len(name)
	for _, n := range names {
		switch d := distance(strings.ToLower(name), strings.ToLower(n)); {
		case d < least:
			best, least, second = n, d, least
		case n != best:
			second = min(second, d)
		}
	}
	if least > 0 && (len(name) < 3 || least > most || second < least+2) {
		return ""
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to get from a to b (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// integerHint says what to write where a whole number is wanted and something
// else was meant for one: a percentage, a share, a time.
func integerHint(n *yaml.Node, field string) string {
	text := strings.TrimSpace(n.Value)
	if n.Kind != yaml.ScalarNode || len(text) > 20 {
		return unquoteHint(n)
	}
	if percent, ok := strings.CutSuffix(text, "%"); ok && isDigits(percent) {
		return "write " + percent
	}
	if d, err := time.ParseDuration(text); err == nil && strings.HasSuffix(field, "Seconds") && d >= time.Second && d%time.Second == 0 {
		return fmt.Sprintf("write %d: it is in seconds", d/time.Second)
	}
	if f, ok := number(n); ok && strings.HasSuffix(field, "Utilization") && f > 0 && f <= 1 {
		return fmt.Sprintf("write %.0f: it is in percent", 100*f)
	}
	return unquoteHint(n)
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
