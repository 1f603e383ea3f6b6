package gen

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// APIVersion and Kind identify a service spec.
const (
	APIVersion = "elasticctl.dev/v1alpha1"
	Kind       = "ElasticService"
)

// ElasticService describes one service: what it runs, what it needs, and how
// it scales. Everything but a name and an image has a default.
type ElasticService struct {
	// APIVersion is elasticctl.dev/v1alpha1.
	APIVersion string `json:"apiVersion" jsonschema:"enum=elasticctl.dev/v1alpha1"`
	// Kind is ElasticService.
	Kind string `json:"kind" jsonschema:"enum=ElasticService"`
	// Metadata names the service.
	Metadata Metadata `json:"metadata"`
	// Spec is the service itself.
	Spec ServiceSpec `json:"spec"`
}

// Metadata names a service.
type Metadata struct {
	// Name is the name of every generated object: a DNS label of at most 54
	// characters, so that what other tools derive from it stays a label.
	Name string `json:"name" jsonschema:"minLength=1,maxLength=54,pattern=^[a-z]([-a-z0-9]*[a-z0-9])?$"`
	// Namespace is the namespace of every object. Left out, the objects carry
	// none and kubectl decides; what queries Prometheus by namespace (KEDA,
	// alerts) needs it.
	Namespace string `json:"namespace,omitempty" jsonschema:"maxLength=63,pattern=^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"`
	// Labels are added to every object and to the pods, beside
	// app.kubernetes.io/name and app.kubernetes.io/managed-by.
	Labels map[string]string `json:"labels,omitempty"`
}

// ServiceSpec is what a service runs, needs and promises.
type ServiceSpec struct {
	// Image is the container image, with a tag or digest.
	Image string `json:"image" jsonschema:"minLength=1"`
	// Args are the arguments of the image's entry point.
	Args []string `json:"args,omitempty"`
	// Env are environment variables. One that elasticctl would set itself is
	// taken from here instead.
	Env []corev1.EnvVar `json:"env,omitempty"`
	// Ports are the ports the service listens on.
	Ports Ports `json:"ports,omitzero"`
	// Resources are the container's requests and limits. Defaults: requests
	// cpu 500m and memory 256Mi, a memory limit equal to the request, no CPU
	// limit.
	Resources Resources `json:"resources,omitzero"`
	// Probes are the startup, readiness and liveness probes.
	Probes Probes `json:"probes,omitzero"`
	// Shutdown is how a pod leaves without losing a request.
	Shutdown Shutdown `json:"shutdown,omitzero"`
	// Concurrency bounds the requests a pod works on at once.
	Concurrency *Concurrency `json:"concurrency,omitempty"`
	// Dependencies are what all pods share: databases, caches, brokers.
	Dependencies []Dependency `json:"dependencies,omitempty"`
	// Scaling is how many pods there are, and why.
	Scaling Scaling `json:"scaling,omitzero"`
	// Monitoring is how Prometheus sees the service.
	Monitoring Monitoring `json:"monitoring,omitzero"`
	// SLO is what the service promises; it becomes alerts.
	SLO *SLO `json:"slo,omitempty"`
	// Availability is how the pods are spread, and how many may be evicted.
	Availability Availability `json:"availability,omitzero"`
}

// Ports are the ports a service listens on.
type Ports struct {
	// HTTP is the port that serves requests. Default 8080. The Service offers
	// it as port 80, named http.
	HTTP *int32 `json:"http,omitempty" jsonschema:"minimum=1,maximum=65535,default=8080"`
	// Metrics is the port that serves metrics, apart from requests so that
	// neither a flood of requests nor a public route reaches it. Default 8081.
	// The Service offers it under the same number, named metrics.
	Metrics *int32 `json:"metrics,omitempty" jsonschema:"minimum=1,maximum=65535,default=8081"`
}

// Resources are a container's requests and limits.
type Resources struct {
	// Requests are what the scheduler reserves and utilisation is measured
	// against.
	Requests corev1.ResourceList `json:"requests,omitempty"`
	// Limits are what the container may not exceed. The memory limit also
	// gives GOMEMLIMIT, nine tenths of it.
	Limits corev1.ResourceList `json:"limits,omitempty"`
}

// Probes are the three probes of a pod.
type Probes struct {
	// Startup holds the other two back until the service has started. Default:
	// /livez every second, for at most 60 s.
	Startup Probe `json:"startup,omitzero"`
	// Readiness says whether the pod takes requests. Default: /readyz every
	// 5 s, not ready after 2 failures.
	Readiness Probe `json:"readiness,omitzero"`
	// Liveness restarts a pod that cannot recover. Default: /livez every 10 s,
	// restarted after 3 failures.
	Liveness Probe `json:"liveness,omitzero"`
}

// Probe is an HTTP probe.
type Probe struct {
	// Disabled leaves the probe out.
	Disabled bool `json:"disabled,omitempty"`
	// Path is the path that is asked.
	Path string `json:"path,omitempty" jsonschema:"pattern=^/"`
	// Port is http or metrics. Default http: the port that matters is the one
	// that is probed.
	Port string `json:"port,omitempty" jsonschema:"enum=http,enum=metrics,default=http"`
	// Period is the time between two probes, in whole seconds.
	Period *Duration `json:"period,omitempty"`
	// Timeout is how long an answer may take, in whole seconds. Default 1s.
	Timeout *Duration `json:"timeout,omitempty"`
	// Failures is how many failures in a row make the probe fail.
	Failures *int32 `json:"failures,omitempty" jsonschema:"minimum=1"`
}

// Shutdown is how a pod leaves.
type Shutdown struct {
	// PreStop is how long the pod goes on serving after it was told to go,
	// before SIGTERM, so that load balancers can forget it. Whole seconds.
	// Default 10s; 0s leaves it out.
	PreStop *Duration `json:"preStop,omitempty"`
	// Timeout is how long the service takes to finish what is in flight after
	// SIGTERM. Default 30s.
	Timeout *Duration `json:"timeout,omitempty"`
	// Env is the environment variable that tells the service its timeout.
	// Default SHUTDOWN_TIMEOUT.
	Env string `json:"env,omitempty" jsonschema:"default=SHUTDOWN_TIMEOUT"`
	// Grace is the time after which the pod is killed. It must exceed preStop +
	// timeout. Default: preStop + timeout + 5s.
	Grace *Duration `json:"grace,omitempty"`
}

// Concurrency bounds the work of one pod, so that more pods do not exhaust
// what they share.
type Concurrency struct {
	// Limit is how many requests a pod works on at once.
	Limit int32 `json:"limit" jsonschema:"minimum=1"`
	// Env is the environment variable that tells the service. Default
	// CONCURRENCY_LIMIT.
	Env string `json:"env,omitempty" jsonschema:"default=CONCURRENCY_LIMIT"`
}

// Dependency is something all pods share and that accepts so many connections.
type Dependency struct {
	// Name names it, as a DNS label.
	Name string `json:"name" jsonschema:"minLength=1"`
	// MaxConnections is how many connections it accepts.
	MaxConnections int32 `json:"maxConnections" jsonschema:"minimum=1"`
	// Reserved is how many of these belong to others: operators, migrations,
	// other services. Default 0.
	Reserved int32 `json:"reserved,omitempty" jsonschema:"minimum=0"`
	// PoolSize is how many connections one pod opens at most. PoolSize times
	// the largest number of pods must fit.
	PoolSize int32 `json:"poolSize" jsonschema:"minimum=1"`
	// Env is the environment variable that tells the service its pool size.
	// Default: the name in capitals and _POOL_SIZE (orders-db:
	// ORDERS_DB_POOL_SIZE).
	Env string `json:"env,omitempty"`
}

// MetricsVia says who serves metrics that are not resources.
type MetricsVia string

// The values of metricsVia.
const (
	// ViaAdapter is prometheus-adapter: an HPA, and rules for the adapter.
	ViaAdapter MetricsVia = "adapter"
	// ViaKEDA is KEDA: a ScaledObject instead of the HPA.
	ViaKEDA MetricsVia = "keda"
	// ViaNone is somebody else: an HPA that refers to their metrics.
	ViaNone MetricsVia = "none"
)

// Scaling is how many pods there are, and why.
type Scaling struct {
	// Min is the least number of pods. Default 2, so that one may fail.
	Min *int32 `json:"min,omitempty" jsonschema:"minimum=0,default=2"`
	// Max is the largest number of pods. Default 10.
	Max *int32 `json:"max,omitempty" jsonschema:"minimum=1,default=10"`
	// Metrics are what scales the service; the one that wants most pods wins.
	// Default: cpu at 60%.
	Metrics []Metric `json:"metrics,omitempty"`
	// MetricsVia says who serves the metrics that are not resources: adapter,
	// keda or none. Default adapter.
	MetricsVia MetricsVia `json:"metricsVia,omitempty" jsonschema:"enum=adapter,enum=keda,enum=none,default=adapter"`
	// KEDA is what a ScaledObject needs besides; only with metricsVia: keda.
	KEDA *KEDA `json:"keda,omitempty"`
	// HighLoad is a signal the service raises itself, without waiting for an
	// average to move.
	HighLoad *HighLoad `json:"highLoad,omitempty"`
	// Behavior is the HPA's own: policies and stabilization per direction.
	// Left out, the controller's defaults apply.
	Behavior *autoscalingv2.HorizontalPodAutoscalerBehavior `json:"behavior,omitempty"`
	// Search is what elasticctl tune searches, by parameter: a range or choices,
	// such as "target.cpu: 40..80"; "timeZone: Europe/Berlin" is the service's time
	// zone. Left out, targets, min, windows and tolerances. No object is generated
	// from it.
	Search map[string]Scalar `json:"search,omitempty"`
	// Tolerance is how far a metric may be off its target before anything
	// happens, in both directions: "5%" or 0.05. Left out, the cluster's
	// (10%). Clusters before 1.35 ignore it.
	Tolerance *Scalar `json:"tolerance,omitempty"`
}

// KEDA is what a ScaledObject needs besides the metrics.
type KEDA struct {
	// ServerAddress is the URL at which KEDA reaches Prometheus.
	ServerAddress string `json:"serverAddress,omitempty" jsonschema:"pattern=^https?://"`
	// AuthenticationRef is the name of a TriggerAuthentication.
	AuthenticationRef string `json:"authenticationRef,omitempty"`
	// PollingInterval is how often KEDA looks whether to leave zero. Default
	// 30s. Only with min: 0.
	PollingInterval *Duration `json:"pollingInterval,omitempty"`
	// CooldownPeriod is how long nothing must have happened before the last
	// pods go. Default 5m. Only with min: 0.
	CooldownPeriod *Duration `json:"cooldownPeriod,omitempty"`
}

// HighLoad is a gauge that is 1 while the service finds itself slow, else 0.
// When more than half of the pods raise it, the service grows.
type HighLoad struct {
	// Latency is the threshold.
	Latency Duration `json:"latency"`
	// Env is the environment variable that tells the service its threshold.
	// Default HIGH_LOAD_LATENCY.
	Env string `json:"env,omitempty" jsonschema:"default=HIGH_LOAD_LATENCY"`
	// Gauge is the metric. Default high_load.
	Gauge string `json:"gauge,omitempty" jsonschema:"default=high_load"`
}

// Monitoring is how Prometheus sees the service.
type Monitoring struct {
	// Path is where metrics are served. Default /metrics.
	Path string `json:"path,omitempty" jsonschema:"pattern=^/,default=/metrics"`
	// Interval is the time between two scrapes. Default 15s.
	Interval *Duration `json:"interval,omitempty"`
	// Labels are added to the ServiceMonitor and the PrometheusRule, so that
	// the Prometheus that should find them does ("release: …").
	Labels map[string]string `json:"labels,omitempty"`
	// Requests is the counter of requests, by status. Default
	// http_requests_total.
	Requests string `json:"requests,omitempty" jsonschema:"default=http_requests_total"`
	// Status is the label of that counter that holds the HTTP status as it was
	// sent. Default status.
	Status string `json:"status,omitempty" jsonschema:"default=status"`
	// Durations is the histogram of request durations in seconds. Default
	// http_request_duration_seconds.
	Durations string `json:"durations,omitempty" jsonschema:"default=http_request_duration_seconds"`
	// InFlight is the gauge of requests being worked on. Default
	// http_requests_in_flight.
	InFlight string `json:"inFlight,omitempty" jsonschema:"default=http_requests_in_flight"`
}

// SLO is what a service promises.
type SLO struct {
	// Availability is the share of requests that do not end in a 5xx status:
	// "99.9%".
	Availability *Scalar `json:"availability,omitempty"`
	// Latency is how fast requests are answered.
	Latency *LatencyObjective `json:"latency,omitempty"`
}

// LatencyObjective says which share of requests is answered within a time.
type LatencyObjective struct {
	// Within is the time; it must be a bucket bound of the histogram.
	Within Duration `json:"within"`
	// Ratio is the share of requests: "99%".
	Ratio Scalar `json:"ratio"`
}

// Availability is how pods are spread and evicted.
type Availability struct {
	// MaxUnavailable is how many pods may be evicted at once, a number or a
	// percentage (rounded up). Default 10%: one pod up to ten, and never none,
	// so that a node can always be drained.
	MaxUnavailable *intstr.IntOrString `json:"maxUnavailable,omitempty"`
	// Spread are the node labels over which pods are spread evenly where
	// possible. Default: kubernetes.io/hostname, topology.kubernetes.io/zone.
	// An empty list spreads nothing.
	Spread []string `json:"spread,omitzero"`
}
