package lint

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// isKustomization says whether a document configures kustomize. Its name says so
// even where it has no kind.
func isKustomization(file, kind string) bool {
	switch filepath.Base(file) {
	case "kustomization.yaml", "kustomization.yml":
		return kind == "" || kind == "Kustomization" || kind == "Component"
	}
	return kind == "Kustomization" || kind == "Component"
}

// patchesOf are the files that a kustomization patches others with: parts of
// objects, not objects.
func patchesOf(file string, doc *yamlpos.Document) []string {
	var list []string
	add := func(path string) {
		if text, ok := doc.Text(path); ok && text != "" && !strings.Contains(text, "\n") {
			list = append(list, filepath.Join(filepath.Dir(file), text))
		}
	}
	for _, field := range []struct{ list, file string }{
		{"patches", ".path"}, {"patchesJson6902", ".path"}, {"patchesStrategicMerge", ""}, {"transformers", ""}, {"configurations", ""},
	} {
		for i := range doc.Len(field.list) {
			add(fmt.Sprintf("%s[%d]%s", field.list, i, field.file))
		}
	}
	return list
}

// withoutPatches passes over the files that a kustomization among them uses as
// patches, and those that say themselves that they are.
func withoutPatches(files []file) {
	patches := map[string]bool{}
	for i := range files {
		for _, name := range files[i].patches {
			patches[name] = true
		}
	}
	for i := range files {
		f := &files[i]
		if patches[filepath.Clean(f.name)] || f.directs() {
			f.objects, f.problems = nil, nil
			f.skipped = append(f.skipped, Skipped{
				Position: yamlpos.Position{File: f.name}, Reason: "a patch of kustomize, not an object", Quiet: true,
			})
		}
	}
}

// directs says whether a file holds a directive of strategic merge patches.
func (f *file) directs() bool {
	for i := range f.problems {
		if p := &f.problems[i]; p.Class == yamlpos.ClassField && strings.HasSuffix(p.Path, "$patch") {
			return true
		}
	}
	return false
}
