package yamlpos

import "testing"

// A forgotten document is parsed again by whoever asks, and answers the same.
func TestForgottenDocumentsAnswerTheSame(t *testing.T) {
	const text = "\ufeffa: &x {b: [1, 2]}\n---\n---\r\nlist:\r\n- name: one # here\r\n- name: two\r\n"
	docs, err := Parse("f.yaml", []byte(text))
	if err != nil || len(docs) != 2 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	item, ok := docs[1].Sub("list[1]")
	if !ok {
		t.Fatal("no second entry")
	}
	type answers struct {
		at, inner Position
		text      string
		header    Header
		line      string
	}
	ask := func() (a answers) {
		a.at, a.inner, a.header = docs[0].At("a.b[1]"), item.At("name"), docs[1].Header()
		a.text, _ = item.Text("name")
		a.line = item.Line(item.At("name").Line)
		return a
	}
	before := ask()
	want := answers{
		at: Position{"f.yaml", 1, 15}, inner: Position{"f.yaml", 6, 9}, text: "two", line: "- name: two",
	}
	if before != want {
		t.Errorf("got %+v, want %+v", before, want)
	}
	item.Forget()
	if again := ask(); again != before {
		t.Errorf("after Forget %+v, before %+v", again, before)
	}
	var into struct {
		Name string `json:"name"`
	}
	item.Forget()
	if err := item.Decode(&into); err != nil || into.Name != "two" {
		t.Errorf("decoded %+v, %v", into, err)
	}
}

func TestLinesAreAsWritten(t *testing.T) {
	docs, err := Parse("f.yaml", []byte("a: 1\r\n\r\nb: 2"))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{0: "", 1: "a: 1", 2: "", 3: "b: 2", 4: "", -1: ""} {
		if got := docs[0].Line(n); got != want {
			t.Errorf("line %d is %q, want %q", n, got, want)
		}
	}
}
