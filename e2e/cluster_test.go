//go:build e2e

package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cluster is a Kubernetes API server with nothing behind it: objects are
// defaulted, validated and admitted, and nothing runs.
type cluster struct {
	url, token string
	dir        string
	http       *http.Client
}

// TestServer asks one API server with the defaults of its release, and one
// with the gate HPAScaleToZero off.
func TestServer(t *testing.T) {
	c := startCluster(t)
	t.Run("accepts every golden", func(t *testing.T) { acceptsGoldens(t, c) })
	t.Run("refuses a unit in a quantity", func(t *testing.T) { refusesUnitInQuantity(t, c) })
	t.Run("agrees with the recorded verdicts", func(t *testing.T) { agreesWithVerdicts(t, c, false) })
}

func TestServerWithoutScaleToZero(t *testing.T) {
	c := startCluster(t, "--feature-gates=HPAScaleToZero=false")
	t.Run("agrees with the recorded verdicts", func(t *testing.T) { agreesWithVerdicts(t, c, true) })
}

// startCluster starts etcd and an API server with the flags given.
func startCluster(t *testing.T, flags ...string) *cluster {
	t.Helper()
	dir := t.TempDir()
	etcd := startEtcd(t, dir)
	address := freeAddress(t)
	c := &cluster{
		url:   "https://" + address,
		token: rand.Text(),
		dir:   dir,
		http: &http.Client{
			Timeout: 30 * time.Second,
			// The server signs its own certificate, on loopback.
			Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		},
	}
	t.Cleanup(c.http.CloseIdleConnections)
	key := writeKey(t, dir)
	tokens := filepath.Join(dir, "tokens.csv")
	write(t, tokens, c.token+",e2e,e2e,system:masters\n")
	server := start(t, dir, "kube-apiserver", append([]string{
		"--etcd-servers=http://" + etcd,
		"--bind-address=127.0.0.1", "--secure-port=" + portOf(t, address),
		"--advertise-address=10.0.0.1", "--endpoint-reconciler-type=none", // it refuses to advertise loopback
		"--service-cluster-ip-range=10.0.0.0/24",
		"--cert-dir=" + filepath.Join(dir, "certs"),
		"--authorization-mode=RBAC", "--token-auth-file=" + tokens,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + key, "--service-account-signing-key-file=" + key,
		"--disable-admission-plugins=ServiceAccount", // no controller creates the default account
	}, flags...)...)
	server.await(t, func() error { return c.get("/readyz") })
	server.await(t, func() error { return c.get("/api/v1/namespaces/default") })
	return c
}

// startEtcd starts etcd and returns its client address.
func startEtcd(t *testing.T, dir string) string {
	t.Helper()
	client, peer := freeAddress(t), "http://"+freeAddress(t)
	etcd := start(t, dir, "etcd",
		"--data-dir="+filepath.Join(dir, "etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls=http://"+client, "--advertise-client-urls=http://"+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=default="+peer)
	etcd.await(t, func() error {
		resp, err := http.Get("http://" + client + "/health")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("health: %s", resp.Status)
		}
		return nil
	})
	return client
}

// get reads a path of the API and drops the answer.
func (c *cluster) get(path string) error {
	status, body, err := c.do(http.MethodGet, path, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", path, status, body)
	}
	return err
}

// do sends one request to the API server and returns status and body.
func (c *cluster) do(method, path string, body []byte) (int, []byte, error) {
	req, err := http.NewRequest(method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// kubectl runs kubectl against the cluster, with an empty home, and returns
// everything it printed.
func (c *cluster) kubectl(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program(t, "kubectl"), append([]string{
		"--kubeconfig=" + os.DevNull, "--server=" + c.url, "--token=" + c.token, "--insecure-skip-tls-verify",
	}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "HOME="+c.dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// mustKubectl is kubectl that has to succeed.
func (c *cluster) mustKubectl(t *testing.T, stdin string, args ...string) {
	t.Helper()
	if out, err := c.kubectl(t, stdin, args...); err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// writeKey writes the key pair that service account tokens are signed with.
func writeKey(t *testing.T, dir string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "service-account.pem")
	block := pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	write(t, path, string(pem.EncodeToMemory(&block)))
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
