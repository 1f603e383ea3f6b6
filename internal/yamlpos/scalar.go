package yamlpos

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The types of scalars, as Kubernetes reads them.
const (
	tagText = iota
	tagInt
	tagFloat
	tagBool
	tagNull
	// tagUnknown is a tag that JSON has no word for.
	tagUnknown
)

const quotedStyle = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// scalarTag returns a scalar's type. yaml/v3 follows YAML 1.2; kubectl's parser
// follows 1.1, where plain yes, no, on and off are booleans too, and keeps
// timestamps as texts.
func scalarTag(n *yaml.Node) int {
	tag := n.Tag
	if tag != "!!str" && tag != "!!int" {
		tag = n.ShortTag()
	}
	switch tag {
	case "!!str", "!!merge":
		if n.Style&(quotedStyle|yaml.TaggedStyle) == 0 && len(n.Value) <= len("false") {
			if _, ok := oldBool(n.Value); ok {
				return tagBool
			}
		}
		return tagText
	case "!!timestamp", "!!binary":
		return tagText
	case "!!int":
		return tagInt
	case "!!float":
		return tagFloat
	case "!!bool":
		return tagBool
	case "!!null":
		return tagNull
	}
	return tagUnknown
}

// oldBool reads the booleans of YAML 1.1.
func oldBool(s string) (value, ok bool) {
	switch s {
	case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y":
		return true, true
	case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N":
		return false, true
	}
	return false, false
}

// shortInt reads the common form of an integer, plain decimal digits: long lists
// of numbers are read in this way.
func shortInt(n *yaml.Node) (i int64, ok bool) {
	if n.Tag != "!!int" || n.Value == "" || len(n.Value) > 15 || n.Value != "0" && (n.Value[0] < '1' || n.Value[0] > '9') {
		return 0, false
	}
	i, err := strconv.ParseInt(n.Value, 10, 64)
	return i, err == nil
}

// wholeNumber reads an integer, also one written as 1e3 or 10.0, which Kubernetes
// accepts because JSON has one type of number.
func wholeNumber(n *yaml.Node) (value *big.Int, ok bool) {
	text := strings.ReplaceAll(n.Value, "_", "")
	if len(text) > 400 { // longer than any float64
		return nil, false
	}
	switch scalarTag(n) {
	case tagInt:
		return new(big.Int).SetString(strings.TrimPrefix(text, "+"), 0)
	case tagFloat:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || f != math.Trunc(f) || math.Abs(f) > 1e30 {
			return nil, false
		}
		value, _ = big.NewFloat(f).Int(nil)
		return value, true
	}
	return nil, false
}

// number reads a finite number.
func number(n *yaml.Node) (f float64, ok bool) {
	if i, ok := shortInt(n); ok {
		return float64(i), true
	}
	if tag := scalarTag(n); tag != tagInt && tag != tagFloat {
		return 0, false
	}
	if i, ok := wholeNumber(n); ok {
		f, _ = new(big.Float).SetInt(i).Float64()
	} else {
		var err error
		if f, err = strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64); err != nil {
			return 0, false
		}
	}
	return f, !math.IsInf(f, 0) && !math.IsNaN(f)
}

// toJSON writes a value as JSON, the way kubectl would send it. ok is false for
// what JSON has no word for, such as .nan.
func toJSON(n *yaml.Node) (data []byte, ok bool) {
	if n.Kind == yaml.ScalarNode && scalarTag(n) == tagText && !strings.ContainsFunc(n.Value, needsEscape) {
		data := make([]byte, 0, len(n.Value)+2)
		return append(append(append(data, '"'), n.Value...), '"'), true
	}
	v, ok := plain(n)
	if !ok {
		return nil, false
	}
	data, err := json.Marshal(v)
	return data, err == nil
}

// needsEscape says whether JSON may have to write a character in another way.
func needsEscape(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }

// plain returns a value as encoding/json would hold it.
func plain(n *yaml.Node) (v any, ok bool) {
	n = resolve(n)
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for k, v := range fields(n) {
			key, okKey := keyText(k)
			value, okValue := plain(v)
			if !okKey || !okValue {
				return nil, false
			}
			m[key] = value
		}
		return m, true
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			value, ok := plain(c)
			if !ok {
				return nil, false
			}
			list = append(list, value)
		}
		return list, true
	default:
		return plainScalar(n)
	}
}

func plainScalar(n *yaml.Node) (v any, ok bool) {
	switch scalarTag(n) {
	case tagText:
		return n.Value, true
	case tagNull:
		return nil, true
	case tagBool:
		return oldBool(n.Value)
	case tagInt:
		if i, ok := shortInt(n); ok {
			return i, true
		}
		if i, ok := wholeNumber(n); ok && i.IsInt64() {
			return i.Int64(), true
		}
		return number(n)
	case tagFloat:
		return number(n)
	}
	return nil, false
}

// keyText returns a key as JSON would have it: Kubernetes turns numbers and
// booleans used as keys into texts.
func keyText(key *yaml.Node) (text string, ok bool) {
	key = resolve(key)
	if key.Kind != yaml.ScalarNode {
		return "", false
	}
	switch scalarTag(key) {
	case tagText:
		return key.Value, true
	case tagNull, tagUnknown:
		return "", false
	}
	v, ok := plainScalar(key)
	if !ok {
		return "", false
	}
	data, err := json.Marshal(v)
	return string(data), err == nil
}

// describe says in words what a value is.
func describe(n *yaml.Node) string {
	n = resolve(n)
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return describeScalar(n)
	}
}

func describeScalar(n *yaml.Node) string {
	tag := scalarTag(n)
	if n.Value == "" && tag != tagText && tag != tagUnknown { // "!!int" alone
		return "nothing"
	}
	switch tag {
	case tagInt, tagFloat:
		return "the number " + clip(n.Value)
	case tagBool:
		return "the boolean " + n.Value
	case tagNull:
		return "nothing"
	case tagUnknown:
		return "a value with the tag " + clip(n.ShortTag())
	}
	return "the text " + quote(n.Value)
}

// quote quotes a text of the input for a message.
func quote(s string) string { return strconv.Quote(clip(s)) }

// clip shortens a text of the input for a message.
func clip(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

func itoa(i int) string { return strconv.Itoa(i) }
