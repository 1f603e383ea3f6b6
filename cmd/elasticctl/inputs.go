package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// inputs are the flags that say which objects a command reads, as kubectl has
// them.
type inputs struct {
	files     []string
	recursive bool
	namespace string
}

// define adds the flags; what are the objects, and namespace what -n does with
// them.
func (in *inputs) define(flags *pflag.FlagSet, what, namespace string) {
	flags.StringArrayVarP(&in.files, "filename", "f", nil, what+`: a file, a directory of .yaml, .yml and .json files, or "-" for stdin (repeatable)`)
	flags.BoolVarP(&in.recursive, "recursive", "R", false, "read the directories below those given with -f too")
	flags.StringVarP(&in.namespace, "namespace", "n", "", namespace)
}

// check refuses what cannot be meant; changed says which flags were given.
func (in *inputs) check(changed func(string) bool) error {
	if slices.Contains(in.files, "") {
		return usagef(`--filename is empty; give a file, a directory, or "-" for stdin`)
	}
	if in.recursive && len(in.files) == 0 {
		return usagef("--recursive goes with -f")
	}
	if changed("namespace") && len(validation.IsDNS1123Label(in.namespace)) > 0 {
		return usagef("--namespace %q: a namespace has 1 to 63 lower-case letters, digits and dashes, and no dash first or last%s", in.namespace, resembling(in.namespace))
	}
	return nil
}

// resembling proposes a namespace where the one given needs only be put into
// lower case, with dashes.
func resembling(name string) string {
	near := strings.NewReplacer("_", "-", ".", "-", " ", "-").Replace(strings.ToLower(name))
	if len(validation.IsDNS1123Label(near)) > 0 {
		return ""
	}
	return `; did you mean "` + near + `"?`
}

// options are the flags in the words of a reader.
func (in *inputs) options(stdin io.Reader) manifest.Options {
	return manifest.Options{Stdin: stdin, Namespace: in.namespace, Recursive: in.recursive}
}
