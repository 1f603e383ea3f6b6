//go:build kubernetes_1_27

// Package v1_27 compiles the oracle against Kubernetes 1.27.
package v1_27

import (
	"testing"

	"github.com/elasticctl/elasticctl/conformance/older"
)

var options = older.Flags()

func TestRandomScenarios(t *testing.T) { options.Compare(t, 27, "../..") }
