package yamlpos

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// errEndless stands for the error that parsing an endless quantity would give.
var errEndless = errors.New("too long")

var longExponent = regexp.MustCompile(`[eE][+-]?[0-9]{4,}`)

// endless says whether a quantity is so long, or its exponent so large, that
// apimachinery would compute for minutes before it rejects or rounds it.
func endless(data []byte) bool {
	return len(data) > 70 || longExponent.Match(data)
}

// quantityHint says what to write instead of a text that is no quantity. The
// commonest are units that a quantity does not have.
func quantityHint(n *yaml.Node) string {
	const rules = "a quantity is a number, optionally with one of the suffixes n u m k M G T P E Ki Mi Gi Ti Pi Ei"
	if n.Kind != yaml.ScalarNode || len(n.Value) > 64 {
		return rules
	}
	m := regexp.MustCompile(`^([+-]?[0-9][0-9,_ ]*(?:\.[0-9]+)?)\s*(\S.*)?$`).FindStringSubmatch(strings.TrimSpace(n.Value))
	if m == nil {
		return rules
	}
	digits := strings.NewReplacer(",", "", "_", "", " ", "").Replace(m[1])
	unit := strings.ToLower(m[2])
	if near := digits + strings.TrimSpace(m[2]); unit != "" && near != strings.TrimSpace(n.Value) && suffixed.MatchString(near) {
		return fmt.Sprintf("write %q", near)
	}
	switch {
	case unit == "":
		return fmt.Sprintf("write %q", digits)
	case unit == "%":
		return fmt.Sprintf("a quantity is no percentage; for a share of the request write type: Utilization and averageUtilization: %s", digits)
	case isRate(unit, "s", "sec", "second") || oneOf(unit, "rps", "qps", "tps", "hz"):
		return fmt.Sprintf("write %q: a quantity has no unit of rate; the metric itself must be a rate per second, "+
			"such as http_requests_per_second served by an adapter rule", digits)
	case isRate(unit, "m", "min", "minute", "h", "hour", "d", "day") || oneOf(unit, "rpm", "qpm"):
		return "write the value per second, without a unit: a quantity has no unit of rate; the metric itself must be a rate per second, " +
			"such as http_requests_per_second served by an adapter rule"
	case unit == "ms":
		return fmt.Sprintf("write %q for %s thousandths, if the metric is in seconds: a quantity has no unit of time", digits+"m", digits)
	case oneOf(unit, "s", "sec", "second", "seconds", "us", "ns", "min", "h"):
		return "write the number alone: a quantity has no unit of time"
	case oneOf(unit, "core", "cores", "cpu", "cpus", "vcpu", "vcpus"):
		return fmt.Sprintf("write %q: cores have no suffix", digits)
	}
	return byteHint(digits, unit, rules)
}

// suffixed are quantities with one of their suffixes.
var suffixed = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([numkMGTPE]|[KMGTPE]i)$`)

// sureQuantity is the quantity that a text can only have meant; "" where there is
// doubt, such as between powers of 1000 and of 1024.
func sureQuantity(n *yaml.Node, path string) string {
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	m := regexp.MustCompile(`^(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z/]*)$`).FindStringSubmatch(strings.TrimSpace(n.Value))
	if m == nil {
		return ""
	}
	digits, unit := m[1], strings.ToLower(m[2])
	binary := regexp.MustCompile(`^([kmgtpe])ib?$`).FindStringSubmatch(unit)
	metric := strings.HasSuffix(path, ".value") || strings.HasSuffix(path, ".averageValue")
	switch {
	case binary != nil:
		return digits + strings.ToUpper(binary[1]) + "i"
	case unit == "", oneOf(unit, "core", "cores", "cpu", "cpus", "vcpu", "vcpus"):
		return digits
	case metric && (isRate(unit, "s", "sec", "second") || oneOf(unit, "rps", "qps", "tps")):
		return digits
	}
	return ""
}

// isRate says whether unit is a rate per one of the given times: "r/s".
func isRate(unit string, times ...string) bool {
	_, per, ok := strings.Cut(unit, "/")
	return ok && oneOf(strings.TrimSpace(per), times...)
}

// byteHint helps with the many ways to write bytes.
func byteHint(digits, unit, rules string) string {
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "ytes"), "yte")
	if m := regexp.MustCompile(`^([kmgtpe])(i)?b?$`).FindStringSubmatch(unit); m != nil {
		letter := strings.ToUpper(m[1])
		decimal := letter
		if m[1] == "k" {
			decimal = "k"
		}
		if m[2] != "" {
			return fmt.Sprintf("write %q", digits+letter+"i")
		}
		return fmt.Sprintf("write %q (powers of 1000) or %q (powers of 1024)", digits+decimal, digits+letter+"i")
	}
	if unit == "b" {
		return fmt.Sprintf("write %q: bytes have no suffix", digits)
	}
	return rules
}

func oneOf(s string, list ...string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return false
}
