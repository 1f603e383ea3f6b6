package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

const schemaLong = `Schema prints the JSON Schema of a kind that elasticctl reads, so that editors
complete and check it. For the YAML language server, put this above a spec:

  # yaml-language-server: $schema=elasticservice.schema.json`

// schemas are the kinds whose schema can be printed; the first is the default.
func schemas() []struct{ name, text string } {
	return []struct{ name, text string }{
		{"service", gen.Schema()},
		{"simulation", scenario.Schema()},
		{"config", lint.Schema()},
	}
}

func newSchemaCommand(std streams) *cobra.Command {
	var names []string
	for _, s := range schemas() {
		names = append(names, s.name)
	}
	return &cobra.Command{
		Use:   "schema [KIND]",
		Short: "Print the JSON Schema of a spec",
		Long:  schemaLong,
		Example: `  # The schema of the service spec, for an editor
  elasticctl schema service > elasticservice.schema.json`,
		ValidArgs: names,
		RunE: func(_ *cobra.Command, args []string) error {
			return runSchema(std.out, args)
		},
	}
}

func runSchema(w io.Writer, args []string) error {
	all := schemas()
	if len(args) > 1 {
		return usagef("schema prints one schema at a time, but was given %q", args)
	}
	if len(args) == 0 {
		args = []string{all[0].name}
	}
	names := ""
	for _, s := range all {
		if s.name == args[0] {
			_, err := io.WriteString(w, s.text)
			return err
		}
		names += " " + s.name
	}
	return usagef("there is no schema of %q; there are:%s", args[0], names)
}
