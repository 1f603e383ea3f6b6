// Package gen turns the spec of one service into the Kubernetes objects that
// make it elastic.
//
// A spec is read by the caller, then goes through three steps:
//
//  1. [ElasticService.Default] fills in what was left out, so that everything
//     after it deals with complete specs;
//  2. [ElasticService.Validate] says what is wrong, by field path;
//  3. [ElasticService.Objects] builds the typed objects, and [Encode] writes
//     them: the same spec gives the same bytes.
//
// Names that must agree between objects (port names, selector labels, the name
// under which a rate is served, the series behind it) are derived in names.go
// and nowhere else.
package gen
