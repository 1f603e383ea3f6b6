// Package v1_33 compiles the oracle against Kubernetes 1.33.
package v1_33

import (
	"testing"

	"github.com/elasticctl/elasticctl/conformance/older"
)

var options = older.Flags()

func TestRandomScenarios(t *testing.T) { options.Compare(t, 33, "../..") }
