package scenario

import (
	_ "embed"
)

//go:embed simulation.schema.json
var schemaText string

// Schema is the JSON Schema of a simulation file, for editors. It is made from
// the types of this package when the tests run with -update.
func Schema() string { return schemaText }
