package series

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// input is one file, unpacked.
type input struct {
	name string
	r    io.Reader
	// head is how it begins; the reader returns it again.
	head []byte
}

// format is one way to write a recording.
type format struct {
	name  string
	sniff func(head []byte) bool
	read  func(in input, b *builder) error
}

// formats returns all of them; the first that recognises a file reads it.
func formats() []format {
	return []format{
		{"Prometheus API JSON (query_range, or query with a range vector)", looksLikeAPI, readAPI},
		{"CSV (a header row, then a time and values in each row)", looksLikeCSV, readCSV},
	}
}

func hintFormats() string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return "elasticctl reads " + strings.Join(names, ", ") + "; each may be packed with gzip"
}

// Read reads recordings from files and directories into one. Of a directory it
// takes the files named *.json, *.csv, *.json.gz and *.csv.gz, in order of
// name, and not those in directories below. The error is an *Error where it has
// a position. A recording without any sample is an error.
func Read(paths ...string) (*Recording, error) { return ReadWatched(nil, paths...) }

// ReadFrom reads one recording from a stream; name is for messages.
func ReadFrom(name string, r io.Reader) (*Recording, error) {
	b := newBuilder(defaultLimits())
	if err := b.read(name, r); err != nil {
		return nil, err
	}
	return b.nonEmpty(name)
}

func (b *builder) readPaths(paths ...string) (*Recording, error) {
	for _, path := range paths {
		if err := b.readPath(path); err != nil {
			return nil, err
		}
	}
	return b.nonEmpty(strings.Join(paths, ", "))
}

// readPath reads a file, or the recordings in a directory; what else lies there
// is passed over, and told in one note.
func (b *builder) readPath(path string) error {
	files, others, err := list(path)
	if err != nil {
		return err
	}
	listed := len(files) != 1 || files[0] != path
	for _, file := range files {
		taken, err := b.readFile(file, listed)
		if err != nil {
			return err
		}
		if !taken {
			others = append(others, filepath.Base(file))
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		b.note("no recordings, left out of %s: %s", path, strings.Join(others, ", "))
	}
	return nil
}

func (b *builder) nonEmpty(name string) (*Recording, error) {
	if len(b.series) == 0 {
		return nil, &Error{File: name, Text: "no samples", Hint: "the query matched nothing in its time range: check its name, labels, start and end"}
	}
	return b.finish(), nil
}

// list says what files a path stands for, and what else lies in a directory.
func list(path string) (files, others []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		if e.IsDir() || !recordingName(e.Name()) {
			others = append(others, e.Name())
			continue
		}
		files = append(files, filepath.Join(path, e.Name()))
	}
	if len(files) == 0 {
		return nil, nil, &Error{File: path, Text: "no recordings in this directory", Hint: "they are called *.json, *.csv, *.json.gz or *.csv.gz"}
	}
	return files, others, nil
}

func recordingName(name string) bool {
	ext := filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz"))
	return (ext == ".json" || ext == ".csv") && !strings.HasPrefix(name, ".")
}

// readFile reads a file; listed says that a directory gave it, not the user. A
// file that is listed but no recording is not taken.
func (b *builder) readFile(path string, listed bool) (taken bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	in, err := unpack(path, b.watched(f), b.lim)
	if err != nil {
		return false, err
	}
	if listed && otherJSON(in.head) {
		return false, nil
	}
	return true, b.take(in)
}

// sniffSize is how much of a file its format is recognised by.
const sniffSize = 4096

func (b *builder) read(name string, r io.Reader) error {
	in, err := unpack(name, r, b.lim)
	if err != nil {
		return err
	}
	return b.take(in)
}

// take reads an input by its format.
func (b *builder) take(in input) error {
	before, name := b.adds, in.name
	if len(bytes.TrimSpace(in.head)) == 0 {
		return &Error{File: name, Text: "the file is empty", Hint: hintFormats()}
	}
	other := lookalike(in.head)
	i := slices.IndexFunc(formats(), func(f format) bool { return f.sniff(in.head) })
	if i < 0 || other != "" {
		return &Error{File: name, Line: 1, Col: 1, Text: "not a recording" + other, Hint: hintFormats()}
	}
	if err := formats()[i].read(in, b); err != nil {
		return err
	}
	if b.adds == before {
		b.note("%s adds no series", name)
	}
	return nil
}

// unpack looks at the first bytes and undoes gzip.
func unpack(name string, r io.Reader, lim limits) (input, error) {
	src := &reader{r: r, name: name, left: lim.unpacked, limit: lim.unpacked}
	raw := bufio.NewReaderSize(src, 64<<10)
	magic, err := raw.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return input{}, src.wrap(err)
	}
	packed := raw
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(raw)
		if err != nil {
			return input{}, src.wrap(err)
		}
		packed = bufio.NewReaderSize(&reader{r: z, name: name, left: lim.unpacked, limit: lim.unpacked}, 64<<10)
	}
	head, err := packed.Peek(sniffSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return input{}, src.wrap(err)
	}
	return input{name: name, r: packed, head: slices.Clone(head)}, nil
}

// reader bounds a stream and says what its errors mean.
type reader struct {
	r           io.Reader
	name        string
	left, limit int64
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.left -= int64(n)
	if r.left < 0 {
		return 0, &Error{File: r.name, Text: fmt.Sprintf("the file holds more than %d MiB", r.limit>>20), Hint: hintSmaller}
	}
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, r.wrap(err)
	}
	return n, err
}

func (r *reader) wrap(err error) error {
	var e *Error
	var path *fs.PathError
	switch {
	case errors.As(err, &e), errors.As(err, &path):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{File: r.name, Text: "the gzip data ends early", Hint: "the file is truncated: fetch it again"}
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return &Error{File: r.name, Text: "the gzip data is damaged: " + err.Error(), Hint: hintRecord}
	}
	return &Error{File: r.name, Text: err.Error()}
}

// lookalike names what users are likely to give instead of a recording.
func lookalike(head []byte) string {
	for _, l := range []struct{ prefix, is string }{
		{"# HELP", ": this is a scrape, one instant of a target"},
		{"# TYPE", ": this is a scrape, one instant of a target"},
		{"{__name__=", ": this is the output of promtool tsdb dump"},
		{"apiVersion:", ": this is a manifest"},
		{"\x28\xb5\x2f\xfd", ": this is packed with zstd"},
		{"PK\x03\x04", ": this is a zip file"},
		{"\x1f\x8b", ": this is packed with gzip twice"},
		{"<", ": this is a web page, perhaps a login or an error"},
	} {
		if bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte(l.prefix)) {
			return l.is
		}
	}
	return ""
}
