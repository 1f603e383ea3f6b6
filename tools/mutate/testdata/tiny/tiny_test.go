package tiny

import "testing"

func TestGrade(t *testing.T) {
	for mark, want := range map[int]int{-5: 0, -1: 0, 0: 0, 3: 3, 9: 9, 11: 9} {
		if got := Grade(mark); got != want {
			t.Errorf("Grade(%d) = %d, want %d", mark, got, want)
		}
	}
}

func TestPasses(t *testing.T) {
	if Passes(0) || !Passes(9) {
		t.Error("the best mark does not pass, or the worst does")
	}
}

func TestFirst(t *testing.T) {
	if First([]int{3, 4}) != 3 {
		t.Error("not the first")
	}
}
