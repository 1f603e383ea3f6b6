// Package hpa is the Kubernetes HPA controller's step: what one reconcile
// decides, bug for bug.
package hpa
