package series

import (
	"io"
	"os"
)

// Progress is told, again and again, how many bytes of a file have been read,
// and how many it has as it lies there, packed or not; size is 0 where that is
// not known, as of a pipe.
type Progress func(file string, read, size int64)

// ReadWatched reads as Read does, and tells watch how far it has come; nil
// watches nothing. watch is called by the goroutine that reads.
func ReadWatched(watch Progress, paths ...string) (*Recording, error) {
	b := newBuilder(defaultLimits())
	b.watch = watch
	return b.readPaths(paths...)
}

// watched is a file that tells how much of it has been read.
type watched struct {
	file       *os.File
	read, size int64
	watch      Progress
}

// watched lets somebody watch a file being read, if somebody wants to.
func (b *builder) watched(f *os.File) io.Reader {
	if b.watch == nil {
		return f
	}
	w := &watched{file: f, watch: b.watch}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		w.size = info.Size()
	}
	return w
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.file.Read(p)
	w.read += int64(n)
	w.watch(w.file.Name(), w.read, w.size)
	return n, err
}
