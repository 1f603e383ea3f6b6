// Package lint finds what is wrong in Kubernetes manifests around autoscaling:
// what the API server would refuse, what it accepts but cannot work, and what
// contradicts something else among the inputs.
//
// Check reads the inputs file by file (read.go), joins the objects (index.go),
// lets every rule look at them (rules.go lists them, one file a family), and
// gives each finding its position.
package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// Severity says how bad a finding is.
type Severity uint8

// The severities, in ascending order.
const (
	// Info is worth knowing.
	Info Severity = iota
	// Warning will bite some day.
	Warning
	// Error does not work, or is refused.
	Error
)

// String returns "info", "warning" or "error".
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "unknown"
}

// Tier says who wants to hear of a rule. A tier has the rules of those before it
// too.
type Tier uint8

// The tiers.
const (
	// Default is what the API server rejects, what is proven broken at run time,
	// and contradictions between objects.
	Default Tier = iota
	// Recommended adds good practice.
	Recommended
	// All adds taste.
	All
)

// String returns "default", "recommended" or "all".
func (t Tier) String() string {
	switch t {
	case Default:
		return "default"
	case Recommended:
		return "recommended"
	case All:
		return "all"
	}
	return "unknown"
}

// Rule is one thing that can be wrong.
type Rule struct {
	// ID names the rule, in lower case with dashes; it never changes.
	ID string
	// Severity is that of its findings, unless one says otherwise.
	Severity Severity
	Tier     Tier
	// What is wrong, in a line, Why that bites, and How it is found: which fields
	// are looked at, and what is not taken for a mistake.
	What, Why, How string
	// Fix says what --fix does about it, and when; "" where it is left to people.
	Fix string
	// Sources are where the mistake is known from: addresses of upstream's code and
	// documentation, and of people whom it bit; none for what follows by itself.
	Sources []string
	// Recorded says that it needs a recording.
	Recorded bool

	check func(*checker)
}

// Finding is one thing that is wrong.
type Finding struct {
	// Rule is the rule's ID.
	Rule     string
	Severity Severity
	// Position is where the offending value stands, Path its field path in the
	// object, Object "Kind namespace/name"; both may be empty where a file is no
	// object.
	yamlpos.Position
	Path, Object string
	// Message says what is wrong, with the values; Fix how to mend it.
	Message, Fix string
	// Patches are what --fix does to the file; none where it is left to people.
	Patches []yamlpos.Patch
	// Related are other places that the message is about.
	Related []Related
	// Excerpt is the text of the line at Position, as written; "" for an endless one.
	Excerpt string

	// unresolved says that it is information only because it may exist elsewhere.
	unresolved bool
	// unchecked says that it is none: Message is why its rule could not look.
	unchecked bool
	// edits are what the patches come from.
	edits []yamlpos.Edit
}

// Fingerprint tells a finding from all others of a result, and is the same
// wherever its line moves: a hash of rule, file, object and field, and of how many
// alike come before it, which the caller counts.
func (f *Finding) Fingerprint(alike int) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule, filepath.ToSlash(f.File), f.Object, f.Path, strconv.Itoa(alike)}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Related is another place that a finding is about.
type Related struct {
	yamlpos.Position
	Message string
}

// Result is what Check found.
type Result struct {
	// Findings are in order of files and positions.
	Findings []Finding
	// Files are the names of what was looked at, in order, Objects how many objects
	// were in them.
	Files   []string
	Objects int
	// Skipped are what was not looked at, in order of files.
	Skipped []Skipped
}

// Skipped is a file or an object that was not looked at.
type Skipped struct {
	yamlpos.Position
	Reason string
	// Hint says what to do about it; may be empty.
	Hint string
	// Quiet says that nobody needs to know unless they ask.
	Quiet bool
}

// Fixable counts the findings that --fix mends.
func (r *Result) Fixable() int {
	n := 0
	for i := range r.Findings {
		if len(r.Findings[i].Patches) > 0 {
			n++
		}
	}
	return n
}

// AtLeast counts the findings that are at least as bad as a severity.
func (r *Result) AtLeast(s Severity) int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Severity >= s {
			n++
		}
	}
	return n
}
