package gen

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// existing are the objects of a service as Infer takes them.
func existing(objects []Object) Existing {
	var e Existing
	for _, o := range objects {
		switch v := o.Value.(type) {
		case *appsv1.Deployment:
			e.Deployment = v
		case *autoscalingv2.HorizontalPodAutoscaler:
			e.Autoscaler = v
		case *ScaledObject:
			e.ScaledObject = v
		case *monitoringv1.ServiceMonitor:
			e.Monitor = v
		case *policyv1.PodDisruptionBudget:
			e.Budget = v
		}
	}
	return e
}

// trees are objects as they are written, by kind, the environment sorted: its
// order means nothing here.
func trees(t *testing.T, objects []Object) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, o := range objects {
		if o.Kind == "PrometheusRule" { // promises cannot be read off objects
			continue
		}
		if d, ok := o.Value.(*appsv1.Deployment); ok {
			slices.SortFunc(d.Spec.Template.Spec.Containers[0].Env, func(a, b corev1.EnvVar) int { return cmp.Compare(a.Name, b.Name) })
		}
		tree, err := o.tree()
		if err != nil {
			t.Fatal(err)
		}
		all[o.Kind] = tree
	}
	return all
}

// TestInferIsTheInverseOfObjects generates, infers the spec of what was
// generated, writes it as a starter, reads it and generates again.
func TestInferIsTheInverseOfObjects(t *testing.T) {
	for _, dir := range append(cases(t), "../../examples/checkout") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			s := load(t, filepath.Join(dir, "service.yaml"))
			want := s.Objects()
			inferred, _ := Infer(existing(want))
			text, err := inferred.Starter()
			if err != nil {
				t.Fatal(err)
			}
			again := parse(t, text)
			if diff := gocmp.Diff(trees(t, want), trees(t, again.Objects())); diff != "" {
				t.Errorf("(-generated +generated from what was inferred):\n%s\n%s", diff, text)
			}
		})
	}
}

// TestInferFromManifestsOfOthers reads a Deployment and an HPA as people write
// them and keeps what matters.
func TestInferFromManifestsOfOthers(t *testing.T) {
	deployment := &appsv1.Deployment{}
	if err := yaml.UnmarshalStrict([]byte(`
metadata:
  name: api
  namespace: prod
  labels: {app: api, app.kubernetes.io/managed-by: Helm}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      terminationGracePeriodSeconds: 60
      serviceAccountName: api
      containers:
      - name: proxy
        image: envoy:1
      - name: api
        image: example.com/api:3
        command: [/api]
        env: [{name: MODE, value: fast}]
        ports:
        - containerPort: 3000
        - {name: prometheus, containerPort: 9102}
        resources: {requests: {cpu: 200m}, limits: {memory: 300Mi}}
        readinessProbe: {httpGet: {path: /health, port: 3000}, initialDelaySeconds: 5}
        livenessProbe: {tcpSocket: {port: 3000}}
        lifecycle: {preStop: {exec: {command: [sh, -c, sleep 15]}}}
`), deployment); err != nil {
		t.Fatal(err)
	}
	percent, pods := int32(70), int32(12)
	hpa := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: "api-hpa", Namespace: "prod"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{Kind: "Deployment", Name: "api", APIVersion: "apps/v1"},
			MaxReplicas:    pods,
			Metrics: []autoscalingv2.MetricSpec{{
				Type: autoscalingv2.ResourceMetricSourceType,
				Resource: &autoscalingv2.ResourceMetricSource{
					Name:   corev1.ResourceCPU,
					Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &percent},
				},
			}},
		},
	}
	blocks := intstr.FromInt32(1)
	budget := &policyv1.PodDisruptionBudget{Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: &blocks}}
	s, notes := Infer(Existing{Deployment: deployment, Autoscaler: hpa, Budget: budget})
	text, err := yaml.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: elasticctl.dev/v1alpha1
kind: ElasticService
metadata:
  labels:
    app: api
  name: api
  namespace: prod
spec:
  env:
  - name: MODE
    value: fast
  image: example.com/api:3
  ports:
    http: 3000
    metrics: 9102
  probes:
    liveness: {}
    readiness:
      path: /health
      port: http
    startup: {}
  resources:
    limits:
      memory: 300Mi
    requests:
      cpu: 200m
  scaling:
    max: 12
    metrics:
    - cpu: 70%
    min: 1
  shutdown:
    preStop: 15s
    timeout: 40s
`
	// Empty parts are not written, but the types decide that.
	got := string(text)
	for _, empty := range []string{"    liveness: {}\n", "    startup: {}\n"} {
		want = strings.Replace(want, empty, "", 1)
		got = strings.Replace(got, empty, "", 1)
	}
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	wantNotes := []string{
		"the selector becomes app.kubernetes.io/name=api, and a Deployment's selector cannot be changed: delete the old one with --cascade=orphan, or give the service a new name",
		"container proxy is left out: a spec has one",
		"serviceAccountName is left out: patch what is generated",
		"command is left out: patch what is generated",
		"the readiness probe's initial delay is left out: the startup probe does that work",
		"the liveness probe is not over HTTP: the default takes its place",
		"the PodDisruptionBudget's minAvailable is left out: maxUnavailable 10% takes its place, which never blocks",
	}
	if diff := gocmp.Diff(wantNotes, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	s.Default()
	if problems := s.Validate(); len(problems) > 0 {
		t.Errorf("not valid: %v", problems)
	}
}

// TestStarterIsASpec generates from a starter as it is, and from one whose every
// commented line is taken into it.
func TestStarterIsASpec(t *testing.T) {
	cpu := Scalar("60%")
	two, ten := int32(2), int32(10)
	s := &ElasticService{Metadata: Metadata{Name: "my-service"}, Spec: ServiceSpec{
		Image:   "registry.example.com/my-service:1.0.0",
		Scaling: Scaling{Min: &two, Max: &ten, Metrics: []Metric{{CPU: &cpu}}},
	}}
	text, err := s.Starter()
	if err != nil {
		t.Fatal(err)
	}
	parse(t, text)
	all := regexp.MustCompile(`(?m)^  #(\S|  )`).ReplaceAll(text, []byte("  $1"))
	full := parse(t, all)
	if full.Spec.SLO == nil || full.Spec.Concurrency == nil || len(full.Spec.Dependencies) == 0 || full.Metadata.Namespace == "" {
		t.Errorf("something stayed a comment:\n%s", all)
	}
	if n := strings.Count(string(all), "#"); n < 10 {
		t.Errorf("the prose is gone: %d comments left", n)
	}
}
