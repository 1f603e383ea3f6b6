package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// perService is how many objects a service of the fleet has.
const perService = 5

// fleetService is a service as teams write them: a Deployment, its Service, its
// HorizontalPodAutoscaler, its PodDisruptionBudget and its ServiceMonitor. Every
// NAME is another one.
const fleetService = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  namespace: SPACE
  labels:
    app.kubernetes.io/name: NAME
    app.kubernetes.io/part-of: shop
spec:
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
  strategy:
    rollingUpdate:
      maxSurge: 25%
      maxUnavailable: 0
  template:
    metadata:
      labels:
        app.kubernetes.io/name: NAME
        app.kubernetes.io/part-of: shop
    spec:
      containers:
      - name: app
        image: registry.example.com/shop/NAME:1.4.2
        args: [serve, --listen=:8080]
        env:
        - name: LOG_LEVEL
          value: info
        - name: GOMEMLIMIT
          valueFrom:
            resourceFieldRef: {resource: limits.memory}
        - name: DB_PASSWORD
          valueFrom:
            secretKeyRef: {name: NAME-db, key: password}
        ports:
        - name: http
          containerPort: 8080
        - name: metrics
          containerPort: 9090
        readinessProbe:
          httpGet: {path: /ready, port: http}
          periodSeconds: 5
        livenessProbe:
          httpGet: {path: /alive, port: http}
          periodSeconds: 20
          failureThreshold: 6
        lifecycle:
          preStop:
            sleep: {seconds: 10}
        resources:
          requests:
            cpu: 500m
            memory: 256Mi
          limits:
            memory: 512Mi
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          runAsNonRoot: true
      terminationGracePeriodSeconds: 60
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: topology.kubernetes.io/zone
        whenUnsatisfiable: ScheduleAnyway
        labelSelector:
          matchLabels:
            app.kubernetes.io/name: NAME
        matchLabelKeys: [pod-template-hash]
---
apiVersion: v1
kind: Service
metadata:
  name: NAME
  namespace: SPACE
  labels:
    app.kubernetes.io/name: NAME
spec:
  selector:
    app.kubernetes.io/name: NAME
  ports:
  - name: http
    port: 80
    targetPort: http
  - name: metrics
    port: 9090
    targetPort: metrics
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: NAME
  namespace: SPACE
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: NAME
  minReplicas: 3
  maxReplicas: 30
  metrics:
  - type: Resource
    resource:
      name: cpu
      target:
        type: Utilization
        averageUtilization: 60
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 0
      policies:
      - type: Percent
        value: 100
        periodSeconds: 15
    scaleDown:
      stabilizationWindowSeconds: 300
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: NAME
  namespace: SPACE
spec:
  maxUnavailable: 10%
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
  unhealthyPodEvictionPolicy: AlwaysAllow
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: NAME
  namespace: SPACE
  labels:
    release: prometheus
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
  endpoints:
  - port: metrics
    path: /metrics
    interval: 15s
`

// fleet writes the files of many services, in 50 namespaces and a directory for
// each hundred files, and returns where. Every fiftieth has a mistake.
func fleet(t testing.TB, objects int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range objects / perService {
		name := fmt.Sprintf("service-%05d", i)
		text := strings.NewReplacer("NAME", name, "SPACE", fmt.Sprintf("team-%02d", i%50)).Replace(fleetService)
		if i%50 == 0 {
			text = strings.Replace(text, "maxReplicas: 30", "maxReplicas: 2", 1)
		}
		team := filepath.Join(dir, fmt.Sprintf("%03d", i/100))
		if err := os.MkdirAll(team, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(team, name+".yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
