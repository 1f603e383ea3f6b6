package lint

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// kustomizeRules are about what kustomize does to references.
var kustomizeRules = []Rule{
	{
		ID: "kustomize-nameref", Severity: Warning, Tier: Default,
		What: "kustomize renames a workload and not what refers to it",
		Why: "namePrefix and nameSuffix change every name, and the references that kustomize knows of: a HorizontalPodAutoscaler's to a Deployment, StatefulSet, ReplicaSet or ReplicationController. " +
			"Any other autoscaler goes on looking for the old name and scales nothing.",
		How: "A kustomization has a namePrefix or nameSuffix and neither configurations nor transformers. Among the files below its resources, those of nested kustomizations included, an autoscaler " +
			"names a workload that is renamed with it: a HorizontalPodAutoscaler one of another kind, such as a Rollout, a ScaledObject or a VerticalPodAutoscaler one of any kind.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/kustomize/issues/1727",
			"https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/konfig/builtinpluginconsts/namereference.go",
		},
		check: kustomizeNameRef,
	},
}

// kustomization is one that renames, or has others below it that do.
type kustomization struct {
	*object
	prefix, suffix string
	// entries are the files and directories that it is made of, told says that it
	// tells kustomize of references, or may.
	entries []string
	told    bool
	// labels says that it gives its objects labels, and selectors of them.
	labels bool
}

// newKustomization reads what a kustomization says about names.
func newKustomization(file string, doc *yamlpos.Document) *kustomization {
	k := &kustomization{object: &object{Object: &manifest.Object{Doc: doc, Kind: "Kustomization", Name: file}}}
	k.prefix, _ = doc.Text("namePrefix")
	k.suffix, _ = doc.Text("nameSuffix")
	k.labels = doc.Has("commonLabels") || doc.Has("labels")
	k.told = doc.Len("configurations") > 0 || doc.Len("transformers") > 0
	for _, list := range []string{"resources", "bases", "components"} {
		for i := range doc.Len(list) {
			if entry, ok := doc.Text(fmt.Sprintf("%s[%d]", list, i)); ok {
				k.entries = append(k.entries, filepath.Join(filepath.Dir(file), filepath.FromSlash(entry)))
			}
		}
	}
	return k
}

// kustomize adds the kustomizations among some files to an index.
func (x *index) kustomize(files []file) {
	x.kustomized = map[string]*kustomization{}
	for i := range files {
		for _, k := range files[i].kustomizations {
			x.kustomizations = append(x.kustomizations, k)
			x.kustomized[filepath.Dir(k.Doc.File)] = k
		}
	}
}

// labelled says whether a kustomization beside an object's file gives it labels and
// selectors that the file need not have.
func (x *index) labelled(o *object) bool {
	k := x.kustomized[filepath.Dir(o.Doc.File)]
	return k != nil && k.labels
}

// reference is an autoscaler's reference to a workload.
type reference struct {
	*object
	to ref
	// path is where the name stands, known whether kustomize renames it too.
	path  string
	known bool
}

// references are those of all autoscalers, by file.
func (x *index) references() map[string][]reference {
	list := map[string][]reference{}
	add := func(r reference) {
		file := filepath.Clean(r.Doc.File)
		list[file] = append(list[file], r)
	}
	for _, s := range x.scalers {
		served := servedIn(s.target.Kind)
		known := s.written != nil && served != "" && s.target.Kind != "Rollout" && s.misplaced() == ""
		add(reference{s.object, s.targetRef(), s.targetPath + ".name", known})
	}
	for _, v := range x.verticals {
		if name, ok := v.spec.targetRef(v.Namespace); ok {
			add(reference{v.object, name, "spec.targetRef.name", false})
		}
	}
	return list
}

func kustomizeNameRef(c *checker) {
	if len(c.kustomizations) == 0 {
		return
	}
	references := c.references()
	for _, k := range c.kustomizations {
		if k.prefix+k.suffix == "" || k.told {
			continue
		}
		files := c.kustomizedFiles(k)
		for _, file := range files.order {
			for _, r := range references[file] {
				c.unnamedBy(k, files, &r)
			}
		}
	}
}

// unnamedBy reports a reference that a kustomization leaves as it is while it
// renames what it names.
func (c *checker) unnamedBy(k *kustomization, files fileSet, r *reference) {
	if r.known {
		return
	}
	for _, o := range c.byName[r.to] {
		if !files.has[filepath.Clean(o.Doc.File)] {
			continue
		}
		at := "namePrefix"
		if k.prefix == "" {
			at = "nameSuffix"
		}
		f := c.report(r.object, r.path, fmt.Sprintf("kustomize renames %s %s to %s and leaves this name as it is", o.Kind, o.Name, k.prefix+o.Name+k.suffix),
			fmt.Sprintf("list a file with nameReference: [{kind: %s, fieldSpecs: [{kind: %s, path: %s}]}] under configurations", o.Kind, r.Kind, strings.ReplaceAll(r.path, ".", "/")))
		f.see(k.object, at, "the kustomization")
		f.see(o, "metadata.name", "the workload")
		return
	}
}

// fileSet is a set of files in order.
type fileSet struct {
	has   map[string]bool
	order []string
}

// kustomizedFiles are the files that a kustomization is made of, and those of the
// kustomizations below it.
func (x *index) kustomizedFiles(k *kustomization) fileSet {
	files, seen := fileSet{has: map[string]bool{}}, map[*kustomization]bool{}
	for open := []*kustomization{k}; len(open) > 0; open = open[1:] {
		if seen[open[0]] {
			continue
		}
		seen[open[0]] = true
		for _, entry := range open[0].entries {
			if below := x.kustomized[entry]; below != nil {
				open = append(open, below)
			} else if !files.has[entry] {
				files.has[entry] = true
				files.order = append(files.order, entry)
			}
		}
	}
	return files
}
