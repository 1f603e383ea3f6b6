package lint

import (
	"bytes"
	"slices"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// A fix is offered only where it can mean nothing else than what the author meant:
// the API refuses the value, or drops it, or ignores it, and there is one way to
// read it. What changes what a cluster does, or chooses between two ways to mend
// something, is left to people.

// write has --fix write a text in the place of the value that is wrong.
func (f *found) write(text string) {
	f.mend(yamlpos.Edit{Place: yamlpos.Place{Path: f.Path}, Value: text, Style: yamlpos.Text})
}

// surely has --fix write the one of some names that the value can only have meant;
// nothing where there is doubt.
func (f *found) surely(value string, names []string) *found {
	if sure := yamlpos.Surely(value, names); sure != "" {
		f.write(sure)
	}
	return f
}

// remove has --fix remove the field that is wrong.
func (f *found) remove() *found {
	return f.mend(yamlpos.Edit{Place: yamlpos.Place{Path: f.Path}})
}

// rename has --fix rename the field that is wrong.
func (f *found) rename(name string) {
	f.mend(yamlpos.Edit{Place: yamlpos.Place{Path: f.Path}, Rename: name})
}

// mend adds an edit of the object, which --fix makes with the others or not at all.
func (f *found) mend(e yamlpos.Edit) *found {
	f.edits = append(f.edits, e)
	return f
}

// patches are what edits do to a file; none where one of them cannot be made in
// place, such as that of a value that an alias shares.
func patches(doc *yamlpos.Document, edits []yamlpos.Edit) ([]yamlpos.Edit, []yamlpos.Patch) {
	var list []yamlpos.Patch
	for _, e := range edits {
		p, err := doc.Patch(e)
		if err != nil {
			return nil, nil
		}
		list = append(list, p)
	}
	return edits, list
}

// Fixed is what became of the inputs.
type Fixed struct {
	// Result is what is found in the texts as they are now.
	Result *Result
	// Files are those that changed, in order.
	Files []FixedFile
	// Findings is how many were mended.
	Findings int
}

// FixedFile is a file that changes.
type FixedFile struct {
	Name          string
	Before, After []byte
}

// maxRounds is how often the inputs are looked at again: a fix may let more of an
// object be read, and so more be found.
const maxRounds = 10

// Fix mends what can be mended without doubt in the texts of the inputs, again
// until there is nothing more, and writes nothing. What is suppressed stays, and
// what is in the baseline, which may be nil.
func Fix(in *Input, opts Options, known *Baseline) (*Fixed, error) {
	names, err := load(in, opts.Settings)
	if err != nil {
		return nil, err
	}
	before := map[string][]byte{}
	for name, data := range in.Texts {
		before[name] = data
	}
	fixed := &Fixed{}
	for round := 0; ; round++ {
		if fixed.Result, err = Check(in, opts); err != nil {
			return nil, err
		}
		if known != nil {
			fixed.Result.Subtract(known)
		}
		if round == maxRounds {
			break
		}
		n := in.mend(fixed.Result)
		if n == 0 {
			break
		}
		fixed.Findings += n
	}
	for _, name := range names {
		if after := in.Texts[name]; !bytes.Equal(before[name], after) {
			fixed.Files = append(fixed.Files, FixedFile{name, before[name], after})
		}
	}
	return fixed, nil
}

// load reads the texts of the inputs, so that they stay what they are while they
// are mended, and returns their names in order.
func load(in *Input, settings *Settings) ([]string, error) {
	names, err := list(in.Paths)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, settings.excludes)
	texts := map[string][]byte{}
	for _, name := range names {
		if _, texts[name], err = in.load(name); err != nil {
			return nil, err
		}
	}
	in.Texts = texts
	return names, nil
}

// mend makes the fixes of a result in the texts, and returns how many.
func (in *Input) mend(r *Result) int {
	count := 0
	for i := 0; i < len(r.Findings); {
		from, file := i, r.Findings[i].File
		for i < len(r.Findings) && r.Findings[i].File == file {
			i++
		}
		name := file
		if _, ok := in.Texts[name]; !ok && file == "stdin" {
			name = "-"
		}
		if text, ok := in.Texts[name]; ok {
			n := 0
			in.Texts[name], n = mended(file, text, apart(r.Findings[from:i]))
			count += n
		}
	}
	return count
}

// apart are the findings that can be mended at once: of two that concern one part
// of the text, the first. The other one's turn comes in the next round.
func apart(list []Finding) []*Finding {
	var some []*Finding
	var taken []yamlpos.Patch
	for i := range list {
		f := &list[i]
		if len(f.edits) == 0 || slices.ContainsFunc(f.Patches, func(p yamlpos.Patch) bool {
			return slices.ContainsFunc(taken, func(q yamlpos.Patch) bool { return p.Start <= q.End && q.Start <= p.End })
		}) {
			continue
		}
		some, taken = append(some, f), append(taken, f.Patches...)
	}
	return some
}

// mended is a text with the fixes of some findings in it, and how many these are:
// all, or where they do not get along those that do, one after the other.
func mended(file string, text []byte, list []*Finding) ([]byte, int) {
	var edits []yamlpos.Edit
	for _, f := range list {
		edits = append(edits, f.edits...)
	}
	if out, err := yamlpos.ApplyAll(file, text, edits); err == nil {
		return out, len(list)
	}
	count := 0
	for _, f := range list {
		if out, err := yamlpos.ApplyAll(file, text, f.edits); err == nil {
			text, count = out, count+1
		}
	}
	return text, count
}
