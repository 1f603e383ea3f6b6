package main

import (
	"github.com/spf13/pflag"

	"github.com/elasticctl/elasticctl/internal/lint"
	"github.com/elasticctl/elasticctl/internal/series"
)

// lintRecording is the flag that gives lint a recording beside the manifests.
type lintRecording struct{ recordings []string }

// defineRecording adds the flag.
func (r *lintRecording) defineRecording(flags *pflag.FlagSet) {
	flags.StringArrayVar(&r.recordings, "recording", nil, "recorded series to hold the manifests against: a file or a directory (repeatable)")
}

// readRecording adds the recording to what lint looks at; without the flag there is none.
func (r *lintRecording) readRecording(std streams, opts *lint.Options) error {
	if len(r.recordings) == 0 {
		return nil
	}
	p := newProgress(std)
	defer p.erase()
	rec, err := series.ReadWatched(p.watch(), r.recordings...)
	if err != nil {
		return err
	}
	opts.Recording = rec
	return nil
}
