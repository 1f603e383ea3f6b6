package gen

import (
	_ "embed"
)

//go:embed elasticservice.schema.json
var schemaText string

// Schema is the JSON Schema of a service spec, for editors. It is made from the
// types of this package when the tests run with -update.
func Schema() string { return schemaText }
