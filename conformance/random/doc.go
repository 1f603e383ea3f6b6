// Package random makes simulation files that use everything such a file can
// say, and use it hard: load that moves past bounds and tolerances, pods that
// come, go, fail and stay silent, APIs that fail, autoscalers edited under way.
//
// A scenario is a function of its seed alone.
package random
