package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// checker collects what is wrong with one simulation file.
type checker struct {
	doc  *yamlpos.Document
	list yamlpos.Problems
}

// add reports a problem at a field path.
func (c *checker) add(path, text, hint string) {
	c.list = append(c.list, c.doc.Problem(path, text, hint))
}

// err returns all problems in order of position, nil where there is none.
func (c *checker) err() error {
	if len(c.list) == 0 {
		return nil
	}
	c.list.Sort()
	return c.list
}

// duration reads a length of time; an absent one is the default.
func (c *checker) duration(path, text string, def time.Duration) time.Duration {
	if text == "" {
		if c.doc.Has(path) {
			c.add(path, "a length of time is empty", durationHint)
		}
		return def
	}
	d, err := ParseDuration(text)
	if err != nil {
		c.add(path, err.Error(), durationHint)
		return def
	}
	return d
}

// positive is duration, without zero.
func (c *checker) positive(path, text string, def time.Duration) time.Duration {
	d := c.duration(path, text, def)
	if d <= 0 && text != "" && len(c.problemsAt(path)) == 0 {
		c.add(path, fmt.Sprintf("%q must be longer than zero", clip(text)), durationHint)
		return def
	}
	return d
}

// problemsAt are the problems already reported at a path.
func (c *checker) problemsAt(path string) []yamlpos.Problem {
	var at []yamlpos.Problem
	for _, p := range c.list {
		if p.Path == path {
			at = append(at, p)
		}
	}
	return at
}

// oneOf demands one of a few words; an absent one is the first.
func (c *checker) oneOf(path, text string, words ...string) string {
	if text == "" && !c.doc.Has(path) {
		return words[0]
	}
	if slices.Contains(words, text) {
		return text
	}
	c.add(path, fmt.Sprintf("unknown value %q", clip(text)), "write "+orList(words)+nearest(text, words))
	return words[0]
}

// pods demands a count of pods that a replay can hold.
func (c *checker) pods(path string, n int64) int32 {
	if n < 0 || n > maxPods {
		c.add(path, fmt.Sprintf("%d pods cannot be replayed", n), "write 0 to "+strconv.Itoa(maxPods))
		return 0
	}
	return int32(n)
}

// ranks demands ranks of pods: from 0, each once, at least one.
func (c *checker) ranks(path string, ranks []int) []int {
	if len(ranks) == 0 {
		c.add(path, "no rank is given", "list ranks of live pods, oldest first, from 0: [0, 2]")
	}
	seen := map[int]bool{}
	for i, r := range ranks {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case r < 0 || r > maxPods:
			c.add(at, fmt.Sprintf("%d is not a rank", r), "ranks count live pods from 0, the oldest")
		case seen[r]:
			c.add(at, fmt.Sprintf("rank %d is given twice", r), "remove one")
		}
		seen[r] = true
	}
	return ranks
}

// orList writes words as "a, b or c".
func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// nearest names the word that differs from text in its case alone.
func nearest(text string, words []string) string {
	for _, w := range words {
		if w != text && strings.EqualFold(w, text) {
			return "; did you mean " + w + "?"
		}
	}
	return ""
}
