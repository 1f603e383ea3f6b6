// Package user has tests that go through tiny.
package user

import (
	"testing"

	"github.com/elasticctl/elasticctl/tools/mutate/testdata/tiny"
)

func TestHalf(t *testing.T) {
	if tiny.Half(4) != 2 {
		t.Error("half of four is not two")
	}
}
