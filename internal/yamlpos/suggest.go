package yamlpos

import (
	"fmt"
	"reflect"
	"strings"
)

// suggest returns a hint for an unknown field: the nearest name here, or the
// same name one level deeper, or all names where they are few.
func (t *typeInfo) suggest(name string) string {
	if near := Nearest(name, t.names); near != "" {
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
