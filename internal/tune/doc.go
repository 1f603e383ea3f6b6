// Package tune looks for better settings of an autoscaler: it replays many of
// them over the same world, keeps those that no other beats, and says how sure
// it is that the best of them is better than what there is today.
//
// A search begins with a [Space], which is read from text ([ParseSearch]) and
// made to fit an autoscaler ([NewSpace]): finitely many values of each of some
// parameters. A candidate is one value of each.
package tune
