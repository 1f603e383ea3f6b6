package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/internal/tune"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// recommended is the world with what is recommended in it; ok is false where
// that is today's.
func recommended(r *tune.Report) (w sim.World, ok bool) {
	c := &r.Choice
	if c.Candidate == nil || c.Verdict != tune.Better {
		return w, false
	}
	w, _ = r.Study.Space.World(&r.Study.Base, c.Candidate)
	return w, true
}

// unwritable says what of the recommended setting no field of an HPA holds, and what
// does.
func unwritable(t *tune.Report) error {
	var triggers, names []string
	s, c := t.Study.Space, t.Choice.Candidate
	least := t.Study.Base.World.Autoscaler.Min
	for i := range s.Params {
		p := &s.Params[i]
		switch {
		case c[i] == tune.Kept:
		case p.Kind == tune.KindMin:
			least = int32(s.Value(c, i))
		case p.Kind == tune.KindFloor:
			start, end := p.Schedule.Cron()
			triggers = append(triggers, fmt.Sprintf("{type: cron, metadata: {timezone: %s, start: %q, end: %q, desiredReplicas: %q}}",
				t.Study.Base.Zone, start, end, p.Text(s.Value(c, i))))
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("the recommended setting has a floor that follows the clock, and an HPA has no field for that; "+
		"with KEDA a ScaledObject in the place of the HPA holds it, among its triggers %s; without KEDA, CronJobs that set minReplicas then, and back to %d; "+
		"or leave %s out of --search", strings.Join(triggers, ", "), least, strings.Join(names, ", "))
}

// patch prints what is recommended as a patch.
func (o tuneOptions) patch(w io.Writer, r *scenario.Replay, t *tune.Report) error {
	wanted, ok := recommended(t)
	if !ok {
		_, err := io.WriteString(w, "# today's autoscaler stays\n")
		return err
	}
	if err := unwritable(t); err != nil {
		return err
	}
	text, err := r.Patch(&wanted)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// writeBack puts what is recommended into the files that it came from.
func (o tuneOptions) writeBack(log io.Writer, r *scenario.Replay, t *tune.Report) error {
	wanted, ok := recommended(t)
	if !ok {
		fmt.Fprintln(log, "nothing is written: today's autoscaler stays")
		return nil
	}
	if err := unwritable(t); err != nil {
		return err
	}
	edits, err := r.Edits(&wanted)
	if err != nil {
		return err
	}
	files, texts, err := edited(edits)
	if err != nil {
		return err
	}
	for i, file := range files {
		if file == r.Tuning.HPA.Doc.File {
			if err := r.CheckEdited(texts[i], &wanted); err != nil {
				return err
			}
		}
	}
	if err := writeAll(files, texts); err != nil {
		return err
	}
	for _, file := range files {
		fmt.Fprintf(log, "%s: written\n", file)
	}
	return nil
}

// edited are the files that edits concern, in order, and their new texts.
func edited(edits []yamlpos.Edit) (files []string, texts [][]byte, err error) {
	list := map[string][]yamlpos.Edit{}
	for _, e := range edits {
		if list[e.Place.File] == nil {
			files = append(files, e.Place.File)
		}
		list[e.Place.File] = append(list[e.Place.File], e)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		text, err := yamlpos.Apply(file, data, list[file])
		if err != nil {
			return nil, nil, err
		}
		texts = append(texts, text)
	}
	return files, texts, nil
}

// writeAll writes files through temporary ones beside them: until all of those
// are complete, no file has changed. Modes stay, and links lead where they led.
func writeAll(files []string, texts [][]byte) error {
	var temps []string
	clean := func(err error) error {
		for _, t := range temps {
			err = errors.Join(err, os.Remove(t))
		}
		return err
	}
	targets := make([]string, len(files))
	for i, file := range files {
		var err error
		if targets[i], err = filepath.EvalSymlinks(file); err != nil {
			return err
		}
	}
	for i, file := range targets {
		info, err := os.Stat(file)
		if err != nil {
			return clean(err)
		}
		temp, err := writeTemp(file, texts[i])
		if err != nil {
			return clean(err)
		}
		temps = append(temps, temp)
		if err := os.Chmod(temp, info.Mode().Perm()); err != nil {
			return clean(err)
		}
	}
	for i, file := range targets {
		if err := os.Rename(temps[i], file); err != nil {
			temps = temps[i:]
			return clean(err)
		}
	}
	return nil
}
