package lint

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// Input says what to read.
type Input struct {
	// Paths are files, directories with all that is below them, or "-" for
	// Stdin.
	Paths []string
	// Context are paths whose objects are known to exist, and are not looked at.
	Context []string
	Stdin   io.Reader
	// Texts are those of Paths that are not to be read again.
	Texts map[string][]byte
	// Namespace is that of objects that name none; "" means "default".
	Namespace string
}

// object is one object of the inputs.
type object struct {
	*manifest.Object
	// context says that it exists elsewhere, and is only there to be referred to.
	context bool
	// spec is the service spec that it is generated from; nil for what was written.
	spec *specSource
	// within is the field that its document stands in, for a file within an object.
	within string
}

// doubtful says whether a finding at a field path may have no other cause than a
// field that could not be read: that shows when the field is mended.
func (o *object) doubtful(path string) bool {
	return slices.ContainsFunc(o.Unread, func(unread string) bool { return o.Doc.Touches(path, unread) })
}

// file is what became of one file.
type file struct {
	name     string
	objects  []*manifest.Object
	embedded []embedded
	// generated is what the service specs in it, as many as specs, stand for.
	generated []generated
	specs     int
	problems  []problem
	// broken says that the problems are those of the text, not of objects in it.
	broken  bool
	skipped []Skipped
	// patches are the files that it, a kustomization, patches others with.
	patches []string
	// kustomizations are those in it.
	kustomizations []*kustomization
	// suppressions are those in its comments.
	suppressions []*suppression
	err          error
}

// set is everything that was read.
type set struct {
	files   []file
	objects []*object
	// embedded are the files within them.
	embedded []*object
	// replaced are objects of the context that others among the files take the
	// place of.
	replaced map[ref]*object
}

// read reads all inputs. What is wrong with a file's content is in the set; the
// error is one of reading.
func read(in *Input, settings *Settings) (*set, error) {
	s := &set{replaced: map[ref]*object{}}
	var err error
	if s.files, err = readPaths(in.Paths, in, settings); err != nil {
		return nil, err
	}
	withoutPatches(s.files)
	given := map[ref]bool{}
	for i := range s.files {
		for _, o := range s.files[i].objects {
			s.objects = append(s.objects, &object{Object: o})
			given[refTo(o)] = true
		}
		for _, e := range s.files[i].embedded {
			s.embedded = append(s.embedded, &object{Object: e.Object, within: e.within})
		}
	}
	s.generate(given)
	context, err := readPaths(in.Context, in, nil)
	if err != nil {
		return nil, err
	}
	for i := range context {
		for _, g := range context[i].generated {
			context[i].objects = append(context[i].objects, g.Object)
		}
		for _, o := range context[i].objects {
			// What is applied takes the place of what is there.
			there := &object{Object: o, context: true}
			if !given[refTo(o)] {
				s.objects = append(s.objects, there)
			} else {
				s.replaced[refTo(o)] = there
			}
		}
		for _, e := range context[i].embedded {
			if !given[refTo(e.Object)] {
				s.embedded = append(s.embedded, &object{Object: e.Object, context: true, within: e.within})
			}
		}
	}
	return s, nil
}

// generate adds what service specs stand for. What is written too counts as it is
// there.
func (s *set) generate(given map[ref]bool) {
	for i := range s.files {
		for _, g := range s.files[i].generated {
			if name := refTo(g.Object); !given[name] {
				given[name] = true
				s.objects = append(s.objects, &object{Object: g.Object, spec: g.spec})
			}
		}
	}
}

// suppressions are all that were read.
func (s *set) suppressions(settings *Settings) []*suppression {
	var list []*suppression
	if settings != nil {
		for _, one := range settings.suppressions {
			own := *one // it will note what it was used for
			list = append(list, &own)
		}
	}
	for i := range s.files {
		list = append(list, s.files[i].suppressions...)
	}
	for _, o := range s.objects {
		if !o.context {
			list = append(list, annotated(o)...)
		}
	}
	return list
}

// readPaths reads the files that paths mean, but for those that the settings
// exclude.
func readPaths(paths []string, in *Input, settings *Settings) ([]file, error) {
	names, err := list(paths)
	if err != nil {
		return nil, err
	}
	return readAll(slices.DeleteFunc(names, settings.excludes), in)
}

// list returns the files that paths mean, each once.
func list(paths []string) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	for _, path := range paths {
		files, err := manifest.List(path, true)
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if same := filepath.Clean(name); !seen[same] {
				seen[same] = true
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// problem is a problem with the line that it is in.
type problem struct {
	yamlpos.Problem
	line    string
	edits   []yamlpos.Edit
	patches []yamlpos.Patch
	// rule is the rule that it breaks, and severity how badly; "" of a problem that
	// tells itself.
	rule     string
	severity Severity
}

// readAll reads files side by side, and returns them in their order.
func readAll(names []string, in *Input) ([]file, error) {
	files := make([]file, len(names))
	decoder := &manifest.Decoder{Namespace: in.Namespace, More: newTyped}
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				files[i] = readFile(names[i], in, decoder)
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	workers.Wait()
	for i := range files {
		if files[i].err != nil {
			return nil, files[i].err
		}
	}
	return files, nil
}

// readFile reads one file. Its trees are forgotten: few of them are needed
// again.
func readFile(path string, in *Input, decoder *manifest.Decoder) (f file) {
	name, data, err := in.load(path)
	if f.name = name; err != nil {
		f.err = err
		return f
	}
	f.suppressions = comments(name, data)
	docs, err := yamlpos.ParseObjects(name, data)
	if err != nil {
		f.unparsed(data, err, slices.Contains(in.Paths, path))
		return f
	}
	budget := len(data)
	for _, doc := range docs {
		if reason := f.passedOver(doc); reason != "" {
			if o, err := f.adapterDocument(doc, decoder.Namespace); o != nil {
				f.objects = append(f.objects, o)
				f.err = errors.Join(f.err, f.collect(data, doc, err))
				continue
			}
			f.skipped = append(f.skipped, Skipped{Position: doc.At(""), Reason: reason, Quiet: true})
			continue
		}
		objects, err := decoder.Objects(doc)
		objects, specs := apartSpecs(objects)
		for _, spec := range specs {
			f.err = errors.Join(f.err, f.spec(data, spec, decoder))
		}
		f.objects = append(f.objects, objects...)
		f.err = errors.Join(f.err, f.collect(data, doc, err))
		for _, o := range objects {
			f.err = errors.Join(f.err, f.collect(data, nil, f.adapterTexts(o, &budget)))
		}
	}
	docs[0].Forget()
	return f
}

// load returns the text of one of the inputs, and what messages call it.
func (in *Input) load(path string) (name string, data []byte, err error) {
	data, ok := in.Texts[path]
	switch {
	case !ok:
		return manifest.Load(path, in.Stdin)
	case path == "-":
		path = "stdin"
	}
	return path, data, nil
}

// passedOver says why a document is none of ours, "" where it is one: values of a
// chart, a list of patches.
func (f *file) passedOver(doc *yamlpos.Document) string {
	h := doc.Header()
	switch {
	case !doc.IsMapping():
		return "no Kubernetes object: it is no mapping"
	case isKustomization(f.name, h.Kind):
		f.patches = append(f.patches, patchesOf(f.name, doc)...)
		f.kustomizations = append(f.kustomizations, newKustomization(f.name, doc))
		return "a kustomization; pipe what it builds: kustomize build … | elasticctl lint -f -"
	case filepath.Base(f.name) == "Chart.yaml" && h.Kind == "":
		return "what a chart says of itself"
	case h.APIVersion == "" && h.Kind == "" && doc.Len("items") < 0:
		return "no Kubernetes object: it has neither apiVersion nor kind"
	}
	return ""
}

// unparsed says what became of a file that is no YAML: a template is none of ours,
// nor is something else that is not given by its own name.
func (f *file) unparsed(data []byte, err error, given bool) {
	skip := func(reason, hint string) {
		f.skipped = append(f.skipped, Skipped{Position: yamlpos.Position{File: f.name}, Reason: reason, Hint: hint})
	}
	switch {
	case isTemplate(data):
		skip("a template, not a manifest", "pipe what it renders: helm template … | elasticctl lint -f -")
	case !given && !namesKind(data):
		skip("no Kubernetes object: no YAML, and it says neither apiVersion nor kind", "")
	default:
		f.broken = true
		f.err = f.collect(data, nil, err)
	}
}

// namesKind says whether a text has one of the fields by which a Kubernetes object
// is known.
func namesKind(data []byte) bool {
	return slices.ContainsFunc([]string{"apiVersion", "kind:", `"kind"`}, func(s string) bool { return bytes.Contains(data, []byte(s)) })
}

// isTemplate says whether a text has the expressions of Go's templates, as Helm
// charts do.
func isTemplate(data []byte) bool {
	_, rest, found := bytes.Cut(data, []byte("{{"))
	return found && bytes.Contains(rest, []byte("}}"))
}

// What is told of one file.
const (
	// maxProblems is how many problems of reading it.
	maxProblems = 1000
	// maxExcerpt is the longest line that is shown, in bytes.
	maxExcerpt = 64 << 10
)

// collect keeps Problems, and returns any other error. What mends them is that of
// a document; there is none for a text in another.
func (f *file) collect(data []byte, doc *yamlpos.Document, err error) error {
	var problems yamlpos.Problems
	if !errors.As(err, &problems) {
		return err
	}
	lines := yamlpos.Lines{}
	for _, p := range problems {
		if len(f.problems) > maxProblems {
			break
		}
		if len(f.problems) == maxProblems {
			p.Text, p.Hint, p.Class = "too many problems in this file; the others are not shown", "", yamlpos.ClassSyntax
		}
		if p.Line > 0 && lines.Len() == 0 {
			lines = yamlpos.NewLines(data)
		}
		one := problem{Problem: p, line: excerpt(lines.Line(p.Line))}
		if p.Edit != nil && doc != nil {
			one.edits, one.patches = patches(doc, []yamlpos.Edit{*p.Edit})
		}
		f.problems = append(f.problems, one)
	}
	return nil
}

// excerpt is a line as a finding shows it: one that is endless says nothing.
func excerpt(line string) string {
	if len(line) > maxExcerpt {
		return ""
	}
	return line
}
