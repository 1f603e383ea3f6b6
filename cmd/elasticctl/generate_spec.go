package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

// maxSpec bounds what is read of a file with specs.
const maxSpec = 4 << 20

// input is a file that was read. In a directory, objects of other kinds may
// stand beside the specs.
type input struct {
	name  string
	data  []byte
	mixed bool
}

// readServices reads the service specs of files and directories ("-" is
// stdin), fills in defaults and validates them. All that is wrong is an error,
// each with its position; what is only unwise is advice.
func readServices(stdin io.Reader, paths []string, namespace string) (services []*gen.ElasticService, advice yamlpos.Problems, err error) {
	inputs, err := readInputs(stdin, paths)
	if err != nil {
		return nil, nil, err
	}
	var problems yamlpos.Problems
	for _, in := range inputs {
		docs, err := yamlpos.Parse(in.name, in.data)
		if err != nil {
			return nil, nil, err
		}
		for _, doc := range docs {
			if in.mixed && doc.Header().Kind != gen.Kind {
				continue
			}
			service, wrong, unwise := readService(doc, namespace)
			problems = append(problems, wrong...)
			advice = append(advice, unwise...)
			services = append(services, service)
		}
	}
	if err := problems.Err(); err != nil {
		return nil, nil, err
	}
	if len(services) == 0 {
		return nil, nil, fmt.Errorf("no %s in %s", gen.Kind, strings.Join(paths, ", "))
	}
	return services, advice, nil
}

// readService reads one document as a service spec.
func readService(doc *yamlpos.Document, namespace string) (s *gen.ElasticService, wrong, unwise yamlpos.Problems) {
	if h := doc.Header(); h.Kind != gen.Kind || h.APIVersion != gen.APIVersion {
		return nil, yamlpos.Problems{wrongKind(doc, h)}, nil
	}
	s = &gen.ElasticService{}
	if err := doc.Decode(s); err != nil {
		return nil, asProblems(doc, err), nil
	}
	switch s.Metadata.Namespace {
	case "":
		s.Metadata.Namespace = namespace
	case namespace:
	default:
		if namespace != "" {
			wrong = append(wrong, doc.Problem("metadata.namespace", fmt.Sprintf("the spec is for namespace %s, the command line for %s", s.Metadata.Namespace, namespace), "leave -n out, or the field"))
		}
	}
	s.Default()
	for _, p := range s.Validate() {
		wrong = append(wrong, doc.Problem(p.Path, p.Path+": "+p.Text, p.Hint))
	}
	if len(wrong) > 0 {
		wrong.Sort()
		return nil, wrong, nil
	}
	for _, p := range s.Advise() {
		unwise = append(unwise, doc.Problem(p.Path, p.Path+": "+p.Text, p.Hint))
	}
	unwise.Sort()
	return s, nil, unwise
}

func wrongKind(doc *yamlpos.Document, h yamlpos.Header) yamlpos.Problem {
	hint := fmt.Sprintf("a service spec has apiVersion: %s and kind: %s", gen.APIVersion, gen.Kind)
	switch h.Kind {
	case gen.Kind:
		return doc.Problem("apiVersion", fmt.Sprintf("apiVersion %q is not known", h.APIVersion), "write "+gen.APIVersion)
	case "":
		return doc.Problem("", "the document has no kind", hint)
	default:
		return doc.Problem("kind", fmt.Sprintf("%s is not a service spec", h.Kind), hint+"; elasticctl init -f makes one from manifests")
	}
}

// asProblems is a decoder's error as problems.
func asProblems(doc *yamlpos.Document, err error) yamlpos.Problems {
	var p yamlpos.Problems
	if errors.As(err, &p) {
		return p
	}
	return yamlpos.Problems{doc.Problem("", err.Error(), "")}
}

// readInputs reads what -f names.
func readInputs(stdin io.Reader, paths []string) ([]input, error) {
	var inputs []input
	for _, path := range paths {
		if path == "-" {
			in, err := readInput("<stdin>", stdin)
			if err != nil {
				return nil, err
			}
			inputs = append(inputs, in)
			continue
		}
		more, err := readPath(path)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, more...)
	}
	return inputs, nil
}

// readPath reads a file, or the manifests of a directory in the order of their
// names.
func readPath(path string) ([]input, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		in, err := readFile(path)
		return []input{in}, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var inputs []input
	for _, e := range entries {
		if e.IsDir() || !isManifestName(e.Name()) {
			continue
		}
		in, err := readFile(filepath.Join(path, e.Name()))
		if err != nil {
			return nil, err
		}
		in.mixed = true
		inputs = append(inputs, in)
	}
	return inputs, nil
}

func readFile(path string) (input, error) {
	f, err := os.Open(path)
	if err != nil {
		return input{}, err
	}
	defer f.Close()
	return readInput(path, f)
}

func readInput(name string, r io.Reader) (input, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSpec+1))
	if err != nil {
		return input{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > maxSpec {
		return input{}, fmt.Errorf("%s is larger than %d MiB; a spec is a page", name, maxSpec>>20)
	}
	return input{name: name, data: data}, nil
}
