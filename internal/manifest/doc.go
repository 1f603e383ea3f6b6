// Package manifest reads Kubernetes objects from files and turns a
// HorizontalPodAutoscaler into the hpa.Spec that a simulation runs. It is the
// only translator between manifests and the simulated controller, so that every
// command starts from the very file that a user would apply:
//
//  1. Read files, directories or standard input into a Set of objects, each with
//     its document, so that any field path has a position.
//  2. Convert an autoscaling/v1 autoscaler as the API server does.
//  3. Default fills in what the API server would.
//  4. Validate says what the API server would refuse, in its words.
//  5. Translate resolves what is left to the controller's flags.
package manifest
