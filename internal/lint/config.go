package lint

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// ConfigFile is the name under which a configuration is looked for.
const ConfigFile = ".elasticctl.yaml"

//go:embed config.schema.json
var schemaText string

// Schema is the JSON Schema of a configuration, for editors. It is made from the
// types of this package when the tests run with -update.
func Schema() string { return schemaText }

// Config is a team's configuration, .elasticctl.yaml.
type Config struct {
	// Lint configures elasticctl lint.
	Lint Choices `json:"lint,omitempty"`
}

// Choices configures elasticctl lint. What the command line says wins.
type Choices struct {
	// Tier is the last tier of rules that run: default, recommended or all.
	Tier string `json:"tier,omitempty"`
	// FailOn is the severity from which on the exit code is 3: error, warning, info or never.
	FailOn string `json:"failOn,omitempty"`
	// KubernetesVersion is the version of the cluster, such as "1.31".
	KubernetesVersion string `json:"kubernetesVersion,omitempty"`
	// Complete says that the files are all there is: what is referred to and not among them does not exist.
	Complete bool `json:"complete,omitempty"`
	// Exclude are globs of files that are not read, relative to the configuration: * is any name, ** any path.
	Exclude []string `json:"exclude,omitempty"`
	// Severities give rules another severity: error, warning, info, or none, which switches the rule off.
	Severities map[string]string `json:"severities,omitempty"`
	// Limits are numbers that a team has agreed on.
	Limits Limits `json:"limits,omitempty"`
	// Ignore are findings that are known and stay.
	Ignore []Ignore `json:"ignore,omitempty"`
}

// Limits are numbers that a team has agreed on; 0 is no opinion.
type Limits struct {
	// MinReplicas is the least that an autoscaler's minReplicas should be; 2 where it is not given.
	MinReplicas int32 `json:"minReplicas,omitempty"`
	// MaxReplicas is the most that an autoscaler's maxReplicas should be; no limit where it is not given.
	MaxReplicas int32 `json:"maxReplicas,omitempty"`
	// Connections are how many connections all pods together may open, by the environment variable that tells a pod the size of its pool.
	Connections map[string]int32 `json:"connections,omitempty"`
}

// Ignore suppresses findings of rules wherever both files and objects match.
type Ignore struct {
	// Rules are the rules' ids.
	Rules []string `json:"rules"`
	// Files are globs relative to the configuration; none match every file.
	Files []string `json:"files,omitempty"`
	// Objects are globs of "Kind namespace/name"; none match every object.
	Objects []string `json:"objects,omitempty"`
	// Reason says why; it is required.
	Reason string `json:"reason"`
	// Until is the last day on which this holds, such as "2027-01-31".
	Until string `json:"until,omitempty"`
}

// Settings are a configuration that was read and found sound; nil settings say
// nothing.
type Settings struct {
	Config Choices
	// dir is what its paths are relative to.
	dir          string
	severities   map[string]Severity
	off          map[string]bool
	suppressions []*suppression
	exclude      []*regexp.Regexp
}

// FindConfig looks for a configuration in a directory and those above it, up to
// the one that holds .git; "" where there is none.
func FindConfig(dir string) string {
	for {
		file := filepath.Join(dir, ConfigFile)
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return file
		}
		_, err := os.Stat(filepath.Join(dir, ".git"))
		if up := filepath.Dir(dir); err != nil && up != dir {
			dir = up
			continue
		}
		return ""
	}
}

// ReadConfig reads a configuration. All that is wrong with it is reported at
// once, as yamlpos.Problems.
func ReadConfig(file string) (*Settings, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	docs, err := yamlpos.Parse(file, data)
	if err != nil {
		return nil, err
	}
	var c Config
	if err := docs[0].Decode(&c); err != nil {
		return nil, err
	}
	s := &Settings{Config: c.Lint, dir: filepath.Dir(file)}
	problems := s.settle(docs[0])
	if len(docs) > 1 {
		problems = append(problems, docs[1].Problem("", "a configuration is one document", "remove the others"))
	}
	problems.Sort()
	return s, problems.Err()
}

// settle resolves names and patterns.
func (s *Settings) settle(doc *yamlpos.Document) yamlpos.Problems {
	var problems yamlpos.Problems
	wrong := func(path, text, hint string) { problems = append(problems, doc.Problem("lint."+path, text, hint)) }
	s.severities, s.off = map[string]Severity{}, map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(s.Config.Severities)) {
		at := "severities[" + id + "]"
		if ruleByID(id) == nil {
			wrong(at, fmt.Sprintf("there is no rule %q", id), nearRule(id))
		}
		switch word := s.Config.Severities[id]; word {
		case "error", "warning", "info":
			s.severities[id] = severityOf(word)
		case "none":
			s.off[id] = true
		default:
			wrong(at, fmt.Sprintf("no severity %q", word), "write error, warning, info or none")
		}
	}
	if l := s.Config.Limits; l.MinReplicas < 0 || l.MaxReplicas < 0 {
		wrong("limits", "a limit is negative", "write 0 or more")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Config.Limits.Connections)) {
		if limit := s.Config.Limits.Connections[name]; limit < 1 {
			wrong("limits.connections["+name+"]", fmt.Sprintf("%d connections", limit), "write how many the pods may open together, 1 or more")
		}
	}
	for _, glob := range s.Config.Exclude {
		s.exclude = append(s.exclude, pattern(glob))
	}
	for i := range s.Config.Ignore {
		one := s.ignore(&s.Config.Ignore[i], doc, i)
		if one.invalid != "" {
			wrong(fmt.Sprintf("ignore[%d]", i), one.invalid, one.hint)
		}
		s.suppressions = append(s.suppressions, one)
	}
	return problems
}

func (s *Settings) ignore(in *Ignore, doc *yamlpos.Document, i int) *suppression {
	at := doc.At(fmt.Sprintf("lint.ignore[%d]", i))
	one := &suppression{rules: in.Rules, until: in.Until, position: at, excerpt: doc.Line(at.Line)}
	one.check(in.Reason)
	for _, glob := range in.Files {
		one.files = append(one.files, pattern(filepath.ToSlash(filepath.Join(s.dir, glob))))
	}
	for _, glob := range in.Objects {
		one.objects = append(one.objects, pattern(glob))
	}
	return one
}

// severityOf is the severity that has a name.
func severityOf(name string) Severity {
	for _, s := range []Severity{Error, Warning, Info} {
		if s.String() == name {
			return s
		}
	}
	return Info
}

// excludes says whether a file is not to be read.
func (s *Settings) excludes(name string) bool {
	if s == nil || len(s.exclude) == 0 {
		return false
	}
	relative, err := filepath.Rel(s.dir, name)
	return err == nil && anyMatches(s.exclude, filepath.ToSlash(relative))
}

// limits are the team's, or the defaults.
func (s *Settings) limits() Limits {
	var l Limits
	if s != nil {
		l = s.Config.Limits
	}
	l.MinReplicas = cmp.Or(l.MinReplicas, 2)
	return l
}

// adjust gives findings the severities that a team wants.
func (s *Settings) adjust(list []Finding) []Finding {
	if s == nil {
		return list
	}
	list = slices.DeleteFunc(list, func(f Finding) bool { return s.off[f.Rule] })
	for i := range list {
		// What is mere information because it could not be resolved stays so. A
		// team's choice holds for a rule's better and worse cases alike.
		f := &list[i]
		if severity, ok := s.severities[f.Rule]; ok && !f.unresolved {
			f.Severity = severity
		}
	}
	return list
}
