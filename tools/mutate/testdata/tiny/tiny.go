// Package tiny is what mutate is tried on.
package tiny

// Top is the highest grade.
const Top = 9

// Grade cuts a mark to between 0 and Top.
func Grade(mark int) int {
	if mark < 0 {
		return 0
	}
	return min(mark, Top)
}

// Half is half of n, cut.
func Half(n int) int {
	return n / 2
}

// Passes says whether a mark is enough.
func Passes(mark int) bool {
	return mark > 4
}

// First is the first mark.
func First(marks []int) int {
	return marks[0]
}
