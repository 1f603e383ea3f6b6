// Command generate writes the synthetic recording of examples/checkout, a
// gzip-compressed query_range answer per metric:
//
//	go run ./examples/checkout/synthetic/generate --out DIR
package main

import (
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/elasticctl/elasticctl/examples/checkout/synthetic"
)

func main() {
	err := run(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	c := synthetic.Default()
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	fs.SetOutput(stderr)
	out := fs.String("out", "", "directory to write to; made if absent, files of the same names are replaced")
	fs.Uint64Var(&c.Seed, "seed", c.Seed, "of everything random")
	fs.IntVar(&c.Days, "days", c.Days, "length")
	fs.DurationVar(&c.Step, "step", c.Step, "between samples")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *out == "" || fs.NArg() > 0 {
		return errors.New("give a directory: --out DIR")
	}
	r, err := synthetic.Generate(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	for _, name := range r.Names() {
		if err := writeFile(filepath.Join(*out, name+".json.gz"), func(w io.Writer) error { return r.WriteJSON(w, name) }); err != nil {
			return err
		}
	}
	return nil
}

// writeFile replaces a file in one step by what write says, compressed.
func writeFile(file string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".tmp-*")
	if err != nil {
		return err
	}
	z := gzip.NewWriter(tmp)
	err = errors.Join(write(z), z.Close(), tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
