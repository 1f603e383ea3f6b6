// Package sim replays demand through an autoscaler: the pods, the metric
// pipeline and the loop around the controller's step.
package sim
