package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// elided stands in the README for lines of output that are left out.
const elided = "…"

// TestReadmeShowsWhatTheCommandsPrint runs every command of the README's console
// blocks from the repository's root and compares what they print.
func TestReadmeShowsWhatTheCommandsPrint(t *testing.T) {
	t.Chdir("../..")
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := consoleBlocks(strings.Split(string(data), "\n"))
	ran := 0
	for _, b := range blocks {
		args, ours := elasticctlArgs(b.command)
		if !ours {
			continue
		}
		ran++
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var out strings.Builder
			run(args, streams{in: strings.NewReader(""), out: &out, err: &out})
			got := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
			if !matches(b.output, got) {
				t.Errorf("README.md:%d: %s prints\n%s\nthe README shows\n%s",
					b.line, b.command, out.String(), strings.Join(b.output, "\n"))
			}
		})
	}
	if ran < 4 {
		t.Errorf("the README runs %d commands of elasticctl, want at least one for each that does work", ran)
	}
}

// consoleBlock is one command of the README with the output shown for it.
type consoleBlock struct {
	line    int
	command string
	output  []string
}

// consoleBlocks finds the commands ("$ …") inside ```console fences.
func consoleBlocks(lines []string) []consoleBlock {
	var out []consoleBlock
	inside := false
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case inside && strings.HasPrefix(line, "$ "):
			out = append(out, consoleBlock{line: i + 1, command: line[2:]})
		case inside && len(out) > 0:
			last := &out[len(out)-1]
			last.output = append(last.output, line)
		}
	}
	return out
}

// elasticctlArgs are the arguments of a command that runs elasticctl; redirected
// and piped ones are not compared.
func elasticctlArgs(command string) ([]string, bool) {
	words := shellWords(command)
	if slices.ContainsFunc(words, func(w string) bool { return w == "|" || w == ">" }) {
		return nil, false
	}
	for _, prefix := range [][]string{{"elasticctl"}, {"go", "run", "./cmd/elasticctl"}} {
		if len(words) > len(prefix) && slices.Equal(words[:len(prefix)], prefix) {
			return words[len(prefix):], true
		}
	}
	return nil, false
}

// shellWords splits a command as a shell does, as far as the README goes: at
// blanks that do not stand in single quotes.
func shellWords(command string) []string {
	var words []string
	for i, part := range strings.Split(command, "'") {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

// matches compares lines; a line that is elided in want stands for any number
// of lines.
func matches(want, got []string) bool {
	for len(want) > 0 {
		if strings.TrimSpace(want[0]) == elided {
			return slices.ContainsFunc(suffixes(got), func(rest []string) bool { return matches(want[1:], rest) })
		}
		if len(got) == 0 || strings.TrimRight(want[0], " ") != strings.TrimRight(got[0], " ") {
			return false
		}
		want, got = want[1:], got[1:]
	}
	return len(got) == 0
}

func suffixes(lines []string) [][]string {
	var out [][]string
	for i := range len(lines) + 1 {
		out = append(out, lines[i:])
	}
	return out
}
