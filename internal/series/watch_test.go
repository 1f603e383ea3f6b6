package series

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestReadingTellsHowFarItHasCome(t *testing.T) {
	dir := t.TempDir()
	var text, packed bytes.Buffer
	text.WriteString("time,x\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, "%d,%d\n", 1_700_000_000+15*i, i*i)
	}
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"plain.csv": text.Bytes(), "packed.csv.gz": packed.Bytes()} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		var last int64
		calls := 0
		rec, err := ReadWatched(func(file string, read, size int64) {
			if file != path || size != int64(len(data)) || read < last || read > size {
				t.Errorf("%s: %d of %d bytes, after %d", file, read, size, last)
			}
			last = read
			calls++
		}, path)
		if err != nil || len(rec.Series) != 1 || len(rec.Series[0].Times) != 20_000 {
			t.Fatalf("%s: %v", name, err)
		}
		if last != int64(len(data)) || calls < 2 {
			t.Errorf("%s: %d calls, the last at %d of %d bytes", name, calls, last, len(data))
		}
	}
}
