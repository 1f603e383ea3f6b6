package series

// limits bound what one call of Read may take; doc.go says the same in words.
type limits struct {
	unpacked int64 // bytes of one file, unpacked
	memory   int64 // bytes of samples and labels of a recording
	token    int   // bytes of a JSON string or number, or of a CSV row
	depth    int   // nesting of JSON
}

func defaultLimits() limits {
	return limits{unpacked: 8 << 30, memory: 1 << 30, token: 64 << 10, depth: 32}
}

// What a sample, a series and a label count against limits.memory.
const (
	sampleSize = 16
	seriesSize = 256
	labelSize  = 64
)
