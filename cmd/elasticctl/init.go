package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

const initLong = `Init writes a service spec to start from, with a word on every part.

From nothing it is a spec that generates as it is; give it your own name and
image. From manifests (-f) it says what these say: the Deployment, and what
belongs to it of HorizontalPodAutoscaler, ScaledObject, ServiceMonitor and
PodDisruptionBudget. What a spec cannot say is listed on stderr.

-n is the namespace of the service. With -f only the objects of that namespace
are looked at; those that name none are taken to be in it.`

// initOptions are the flags of init.
type initOptions struct {
	inputs
	name   string
	image  string
	output string
	force  bool
}

func newInitCommand(std streams) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a service spec to start from",
		Long:  initLong,
		Example: `  # From nothing
  elasticctl init --name checkout --image ghcr.io/elasticctl/checkout:0.1.0
  # From what runs already: kubectl get deploy,hpa,pdb -o yaml > manifests.yaml
  elasticctl init -f testdata/gen/full/out --output orders.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return o.run(std)
		},
	}
	flags := cmd.Flags()
	o.define(flags, "manifests", "namespace of the service; with -f, of the objects to look at")
	flags.StringVar(&o.name, "name", "", "name of the service; with -f, of the Deployment to take")
	flags.StringVar(&o.image, "image", "", "image of the service")
	flags.StringVar(&o.output, "output", "", "write to this file instead of stdout")
	flags.BoolVar(&o.force, "force", false, "with --output: overwrite the file")
	return cmd
}

func (o initOptions) check(cmd *cobra.Command) error {
	if err := o.inputs.check(cmd.Flags().Changed); err != nil {
		return err
	}
	if o.force && o.output == "" {
		return usagef("--force goes with --output")
	}
	if cmd.Flags().Changed("output") && o.output == "" {
		return usagef("--output needs a file")
	}
	return nil
}

func (o initOptions) run(std streams) error {
	service, notes, err := o.service(std)
	if err != nil {
		return err
	}
	if err := o.usable(service); err != nil {
		return err
	}
	text, err := service.Starter()
	if err != nil {
		return err
	}
	for _, n := range notes {
		if _, err := fmt.Fprintln(std.err, "note:", n); err != nil {
			return err
		}
	}
	if o.output == "" {
		_, err = std.out.Write(text)
		return err
	}
	if err := writeNew(o.output, text, o.force); err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.err, "wrote", filepath.ToSlash(o.output))
	return err
}

// service is the spec to write.
func (o initOptions) service(std streams) (*gen.ElasticService, []string, error) {
	if len(o.files) == 0 {
		return o.fromNothing(), nil, nil
	}
	service, notes, err := inferService(std, o.inputs, o.name)
	if err != nil {
		return nil, nil, err
	}
	if o.image != "" {
		service.Spec.Image = o.image
	}
	if o.namespace != "" {
		service.Metadata.Namespace = o.namespace
	}
	if service.Spec.Image == "" {
		notes = append(notes, "no Deployment names an image: --image does")
		service.Spec.Image = placeholderImage(service.Metadata.Name)
	}
	return service, notes, nil
}

func (o initOptions) fromNothing() *gen.ElasticService {
	name := o.name
	if name == "" {
		name = "my-service"
	}
	image := o.image
	if image == "" {
		image = placeholderImage(name)
	}
	cpu := gen.Scalar("60%")
	lowest, highest := int32(2), int32(10)
	return &gen.ElasticService{
		APIVersion: gen.APIVersion,
		Kind:       gen.Kind,
		Metadata:   gen.Metadata{Name: name, Namespace: o.namespace},
		Spec: gen.ServiceSpec{
			Image:   image,
			Scaling: gen.Scaling{Min: &lowest, Max: &highest, Metrics: []gen.Metric{{CPU: &cpu}}},
		},
	}
}

func placeholderImage(name string) string { return "registry.example.com/" + name + ":1.0.0" }

// usable refuses to write a spec that generate would refuse for what was given
// on the command line.
func (o initOptions) usable(service *gen.ElasticService) error {
	if len(o.files) > 0 {
		return nil
	}
	whole := *service
	whole.Default()
	for _, p := range whole.Validate() {
		return usagef("%s; %s", p.Text, p.Hint)
	}
	return nil
}
