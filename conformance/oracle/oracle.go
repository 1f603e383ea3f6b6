package oracle

import (
	_ "github.com/elasticctl/elasticctl/pkg/sim"
	_ "k8s.io/apimachinery/pkg/api/meta/testrestmapper"
	_ "k8s.io/client-go/kubernetes/fake"
	_ "k8s.io/client-go/scale/fake"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/controller/podautoscaler"
	_ "k8s.io/metrics/pkg/client/clientset/versioned/fake"
	_ "k8s.io/metrics/pkg/client/custom_metrics/fake"
	_ "k8s.io/metrics/pkg/client/external_metrics/fake"
	_ "sigs.k8s.io/yaml"
)
