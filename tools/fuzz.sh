#!/usr/bin/env bash
# Usage: tools/fuzz.sh TIME
# Runs every fuzz target of the module for TIME, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -list '^Fuzz' ./... |
	awk '/^Fuzz/ { names[n++] = $1 } /^ok/ { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }' |
	while read -r package name; do
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$1" "$package" </dev/null
	done
