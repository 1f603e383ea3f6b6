//go:build e2e

// Package e2e puts what elasticctl writes and believes before a real
// Kubernetes API server. `make e2e` builds etcd, kube-apiserver and kubectl
// into bin/ and runs it; everything listens on loopback and lives in a
// temporary directory.
package e2e
