package scenario

import (
	"fmt"
	"reflect"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// CheckEdited reads the autoscaler of a replay from the edited text of its file,
// as a later command will, and sees that it is the wanted one.
func (r *Replay) CheckEdited(text []byte, wanted *sim.World) error {
	place := r.Tuning.HPA.Doc.Place("")
	got, err := r.reread(place, text)
	if err != nil {
		return fmt.Errorf("%s: the edited file cannot be read: %w", place.File, err)
	}
	if !same(&got, &wanted.Autoscaler) {
		return fmt.Errorf("%s: the edited file would say another setting than the one recommended; use -o patch", place.File)
	}
	return nil
}

// reread resolves the autoscaler at a place of a text.
func (r *Replay) reread(place yamlpos.Place, text []byte) (hpa.Spec, error) {
	var spec hpa.Spec
	docs, err := yamlpos.Parse(place.File, text)
	if err != nil {
		return spec, err
	}
	for _, doc := range docs {
		if doc.Place("").Document != place.Document {
			continue
		}
		if sub, ok := doc.Sub(place.Path); ok && place.Path != "" {
			doc = sub
		}
		set := &manifest.Set{}
		if doc.Header().Kind == gen.Kind {
			s, wrong, _ := readService(doc, r.Tuning.HPA.Namespace)
			if len(wrong) > 0 {
				return spec, wrong
			}
			set = generated(s, doc)
		} else if err := set.Add([]*yamlpos.Document{doc}, r.Tuning.HPA.Namespace); err != nil {
			return spec, err
		}
		list, err := set.Autoscalers()
		if err != nil || len(list) != 1 {
			return spec, fmt.Errorf("it holds %d autoscalers: %w", len(list), err)
		}
		return list[0].Resolve(r.World.Autoscaler.Controller)
	}
	return spec, fmt.Errorf("there is no document %d", place.Document+1)
}

// Patch is what kubectl patch is to be given, as YAML, with the command in a
// comment: a strategic merge patch of the HPA and, where requests change, one of
// the workload.
func (r *Replay) Patch(wanted *sim.World) (string, error) {
	object, err := r.Object(wanted)
	if err != nil {
		return "", err
	}
	h := r.Tuning.HPA
	today := h.V2.DeepCopy()
	manifest.Default(today)
	was, is := fields(today.Spec), fields(object.Spec)
	for name := range is {
		if reflect.DeepEqual(was[name], is[name]) {
			delete(is, name)
		}
	}
	var b strings.Builder
	if len(is) > 0 {
		if err := writePatch(&b, "hpa/"+h.Name, h.Namespace, map[string]any{"spec": is}); err != nil {
			return "", err
		}
	}
	var containers []any
	for i := range wanted.Pods.Containers {
		c := &wanted.Pods.Containers[i]
		if is := cpuRequest(c); is != cpuRequest(&r.World.Pods.Containers[i]) {
			containers = append(containers, map[string]any{
				"name": c.Name, "resources": map[string]any{"requests": map[string]any{"cpu": fmt.Sprintf("%dm", is)}},
			})
		}
	}
	if len(containers) > 0 {
		pods := map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": containers}}}}
		ref := h.V2.Spec.ScaleTargetRef
		if err := writePatch(&b, strings.ToLower(ref.Kind)+"/"+ref.Name, h.Namespace, pods); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// fields are those of a value as JSON has them.
func fields(v any) map[string]any {
	out := map[string]any{}
	data, err := yaml.Marshal(v)
	if err == nil {
		err = yaml.Unmarshal(data, &out)
	}
	if err != nil { // a typed object of the API is written and read by itself
		return map[string]any{}
	}
	return out
}

func writePatch(b *strings.Builder, what, namespace string, patch map[string]any) error {
	text, err := yaml.Marshal(patch)
	if err != nil {
		return err
	}
	if b.Len() > 0 {
		b.WriteString("---\n")
	}
	b.WriteString("# kubectl patch " + what + " -n " + namespace + " --patch-file FILE\n" + string(text))
	return nil
}
