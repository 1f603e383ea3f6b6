// Package oracle replays a kind: Simulation file through the unmodified HPA
// controller of Kubernetes: 1.37, or the version of the module that compiles it
// (../v1_27, ../v1_33), whose go.mod replaces what this one requires.
//
// The controller is built by its exported constructor and runs on client-go
// fakes inside a testing/synctest bubble, so that its clock is virtual. The
// world around it (pods, demand, faults) is written here a second time, one
// object for each pod, from the rules of the simulation file alone; it shares
// no code with pkg/sim.
//
// The controller pulls: a sync reads the scale first, and it is that read that
// brings the world up to the instant. Nothing else runs at a sync's instant, so
// no order is left to the scheduler.
package oracle
