// Package rules holds the pages of elasticctl lint's rules, one file each.
package rules

import "embed"

//go:embed *.md
var pages embed.FS

// Page returns the page of a rule; ok is false where there is none.
func Page(id string) (text string, ok bool) {
	data, err := pages.ReadFile(id + ".md")
	return string(data), err == nil
}
