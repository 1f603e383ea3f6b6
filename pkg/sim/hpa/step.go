package hpa

// State is what the controller remembers about one HPA between syncs.
type State struct{}

// NewState returns the state before an HPA's first sync, sized so that no Step
// allocates: for at most metrics metrics and history remembered recommendations
// and scale events of one direction.
func NewState(metrics, history int) *State { return &State{} }

// Step is one reconcile. It reads no clock, iterates no map and allocates
// nothing.
func (s *Spec) Step(st *State, o *Observation) Decision { return Decision{} }

// Profile is what differs between versions of Kubernetes.
type Profile struct {
	// Version is "1.37".
	Version string
}

// LatestProfile is the profile of the newest version known.
func LatestProfile() Profile { return Profile{Version: "1.37"} }

// Reason is the reason of a condition or an event.
type Reason uint8

// String returns upstream's word, "ReadyForNewScale".
func (r Reason) String() string { return "" }

// Failure is an error that a reconcile returns, rendered on demand.
type Failure struct{}
