// Package series reads recordings: files of recorded Prometheus series, in the
// formats users have, into columns.
//
//  1. Read opens each path; a directory stands for the recordings in it.
//  2. What is gzip, by its first bytes, is unpacked on the way.
//  3. The first bytes also say which of the formats it is; its reader scans
//     the stream once, in bounded memory, and every problem has a position.
//  4. Series of equal labels are merged where their samples agree; what
//     disagrees is an error that names both places.
//
// # Values
//
// A NaN is the end of a series: Prometheus writes a stale marker when a target
// goes away, and JSON and CSV can only say "NaN". Readers turn every NaN into
// the stale marker, so the series has no value from there to its next sample.
// Infinities are kept as they are: a ratio may well be infinite. Who needs
// finite values has to check.
//
// # Limits
//
// A file may unpack to 8 GiB. A recording may hold 1 GiB of samples and labels,
// a sample counting as 16 bytes: 67 million of them, a month of 400 series at
// 15 s. A string, a number or a row of a CSV file may have 64 KiB, and JSON may
// be nested 32 deep.
package series
