package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// What of SARIF 2.1.0 is written (OASIS, sarif-v2.1.0; sections in brackets).
type (
	sarifLog struct { // [3.13]
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct { // [3.14]
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct { // [3.18]
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct { // [3.19]
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct { // [3.49]
		ID               string       `json:"id"`
		ShortDescription sarifText    `json:"shortDescription"`
		FullDescription  sarifText    `json:"fullDescription"`
		Help             sarifText    `json:"help"`
		HelpURI          string       `json:"helpUri"`
		Default          sarifDefault `json:"defaultConfiguration"`
	}
	sarifText struct { // [3.11, 3.12]
		Text string `json:"text"`
	}
	sarifDefault struct { // [3.50]
		Level string `json:"level"`
	}
	sarifResult struct { // [3.27]
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fixes        []sarifFix        `json:"fixes,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifFix struct { // [3.55]
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct { // [3.56]
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct { // [3.57]
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
	sarifLocation struct { // [3.28]
		ID       *int           `json:"id,omitempty"`
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct { // [3.29]
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct { // [3.4]
		URI string `json:"uri"`
	}
	sarifRegion struct { // [3.30]
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifLogical struct { // [3.33]
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
)

// rulePages is where the pages of the rules can be read.
const rulePages = "https://github.com/elasticctl/elasticctl/blob/main/docs/rules/"

// LintSARIF writes a result as SARIF 2.1.0, with the rules that something was
// found of. version is elasticctl's, and may be empty.
func LintSARIF(w io.Writer, r *lint.Result, version string) error {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "elasticctl", Version: version, InformationURI: "https://github.com/elasticctl/elasticctl", Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	index := map[string]int{}
	found := map[string]bool{}
	for i := range r.Findings {
		found[r.Findings[i].Rule] = true
	}
	for _, rule := range lint.Rules() {
		if found[rule.ID] {
			index[rule.ID] = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, asSARIFRule(&rule))
		}
	}
	prints := fingerprints(r)
	for i := range r.Findings {
		f := &r.Findings[i]
		one := asSARIF(f)
		one.RuleIndex = index[f.Rule]
		one.Fingerprints = map[string]string{"elasticctl/v1": prints[i]}
		run.Results = append(run.Results, one)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func asSARIFRule(rule *lint.Rule) sarifRule {
	return sarifRule{
		ID: rule.ID, ShortDescription: sarifText{rule.What}, FullDescription: sarifText{rule.Why},
		Help: sarifText{rule.How}, HelpURI: rulePages + rule.ID + ".md", Default: sarifDefault{sarifLevel(rule.Severity)},
	}
}

func asSARIF(f *lint.Finding) sarifResult {
	at := sarifLocation{Physical: physical(f.Position)}
	if f.Object != "" {
		at.Logical = []sarifLogical{{f.Object, "resource"}}
	}
	out := sarifResult{RuleID: f.Rule, Level: sarifLevel(f.Severity), Message: sarifText{f.Message + after("; ", f.Fix)}, Locations: []sarifLocation{at}}
	if len(f.Patches) > 0 {
		out.Fixes = []sarifFix{asSARIFFix(f)}
	}
	for i, r := range f.Related {
		out.Related = append(out.Related, sarifLocation{ID: &i, Physical: physical(r.Position), Message: &sarifText{r.Message}})
	}
	return out
}

// asSARIFFix is what --fix does to the file.
func asSARIFFix(f *lint.Finding) sarifFix {
	change := sarifChange{Artifact: physical(f.Position).Artifact}
	for _, p := range f.Patches {
		change.Replacements = append(change.Replacements, sarifReplacement{
			sarifRegion{p.From.Line, p.From.Col, p.To.Line, p.To.Col}, sarifText{p.Text},
		})
	}
	return sarifFix{sarifText{f.Fix}, []sarifChange{change}}
}

func sarifLevel(s lint.Severity) string {
	if s == lint.Info {
		return "note"
	}
	return s.String()
}

func physical(p yamlpos.Position) sarifPhysical {
	uri := url.URL{Path: filepath.ToSlash(p.File)}
	out := sarifPhysical{Artifact: sarifArtifact{uri.String()}}
	if p.Line > 0 {
		out.Region = &sarifRegion{StartLine: p.Line, StartColumn: p.Col}
	}
	return out
}

// fingerprints are those of a result's findings, in their order.
func fingerprints(r *lint.Result) []string {
	list := make([]string, len(r.Findings))
	alike := map[string]int{}
	for i := range r.Findings {
		first := r.Findings[i].Fingerprint(0)
		list[i] = r.Findings[i].Fingerprint(alike[first])
		alike[first]++
	}
	return list
}
