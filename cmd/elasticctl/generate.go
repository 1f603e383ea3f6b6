package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/elasticctl/elasticctl/internal/scenario"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

const generateLong = `Generate writes the Kubernetes objects of services from their specs: Service,
Deployment, PodDisruptionBudget, ServiceMonitor, PrometheusRule (where the spec
has objectives), and a HorizontalPodAutoscaler or, with metricsVia: keda, a
ScaledObject.

The objects go to stdout, ready for kubectl apply, or into a directory, one file
each. Files that elasticctl wrote into that directory before and that are no
longer generated are removed; files of others are never touched without --force.

Of the files and directories given with -f each must hold a service spec; other
objects beside it are passed over. -n is the namespace of specs that name none;
a spec that names another is refused, as kubectl refuses it.

The rules that prometheus-adapter needs are a fragment of its configuration,
not objects: --adapter-rules prints them, and only them.`

// generateOptions are the flags of generate.
type generateOptions struct {
	inputs
	format       string
	outputDir    string
	diffDir      string
	adapterRules string
	force        bool
}

func newGenerateCommand(std streams) *cobra.Command {
	var o generateOptions
	cmd := &cobra.Command{
		Use:   "generate -f SPEC",
		Short: "Generate the manifests of a service from its spec",
		Long:  generateLong,
		Example: `  # The manifests, for kubectl apply -f -
  elasticctl generate -f examples/checkout/service.yaml
  # One file per object, and later: has anybody edited them?
  elasticctl generate -f examples/checkout/service.yaml --output-dir manifests
  elasticctl generate -f examples/checkout/service.yaml --diff manifests
  # For a namespace that the spec does not name
  elasticctl generate -f testdata/gen/minimal/service.yaml -n shop
  # The rules that prometheus-adapter needs, as values of its Helm chart
  elasticctl generate -f examples/checkout/service.yaml --adapter-rules helm-values`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return o.run(std)
		},
	}
	flags := cmd.Flags()
	o.define(flags, "service specs", "namespace of services whose spec names none")
	flags.StringVarP(&o.format, "output", "o", string(gen.YAML), "format: yaml or json")
	flags.StringVar(&o.outputDir, "output-dir", "", "write one file per object into this directory")
	flags.StringVar(&o.diffDir, "diff", "", "compare with this directory; exit 3 when it differs")
	flags.StringVar(&o.adapterRules, "adapter-rules", "", "print prometheus-adapter's rules instead: yaml or helm-values")
	flags.BoolVar(&o.force, "force", false, "with --output-dir: overwrite files that elasticctl did not write")
	return cmd
}

func (o generateOptions) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	if err := o.inputs.check(given); err != nil {
		return err
	}
	switch {
	case given("output-dir") && given("diff"):
		return usagef("--output-dir writes and --diff compares; choose one")
	case given("adapter-rules") && (given("output-dir") || given("diff") || given("output")):
		return usagef("--adapter-rules prints a fragment of a configuration, not objects; it goes with none of -o, --output-dir and --diff")
	case len(o.files) == 0:
		return usagef("generate needs a service spec: -f FILE; elasticctl init writes one to start from")
	case o.format != string(gen.YAML) && o.format != string(gen.JSON):
		return usagef("unknown format %q; write -o yaml or -o json", o.format)
	case o.adapterRules != "" && o.adapterRules != string(gen.AdapterYAML) && o.adapterRules != string(gen.AdapterHelmValues):
		return usagef("unknown form of adapter rules %q; write yaml or helm-values", o.adapterRules)
	case given("adapter-rules") && o.adapterRules == "":
		return usagef("--adapter-rules needs a form: yaml or helm-values")
	case given("output-dir") && o.outputDir == "", given("diff") && o.diffDir == "":
		return usagef("--output-dir and --diff need a directory")
	case o.force && o.outputDir == "":
		return usagef("--force goes with --output-dir")
	}
	return nil
}

func (o generateOptions) run(std streams) error {
	services, advice, err := scenario.ReadServices(o.files, o.inputs.options(std.in))
	if err != nil {
		return err
	}
	if o.adapterRules != "" {
		return o.printRules(std, services)
	}
	// A pipeline that looks for drift has had the advice before.
	if o.diffDir == "" {
		if err := warn(std.err, advice); err != nil {
			return err
		}
	}
	if o.outputDir != "" || o.diffDir != "" {
		return o.directory(std, services)
	}
	var objects []gen.Object
	for _, s := range services {
		objects = append(objects, s.Objects()...)
	}
	return gen.Encode(std.out, objects, gen.Format(o.format))
}

// warn prints what is unwise.
func warn(w io.Writer, advice yamlpos.Problems) error {
	for _, a := range advice {
		if _, err := fmt.Fprintln(w, "warning:", a.Error()); err != nil {
			return err
		}
	}
	return nil
}

func (o generateOptions) printRules(std streams, services []*gen.ElasticService) error {
	rules, err := gen.AdapterRules(services...)
	if err != nil {
		return err
	}
	if len(rules) == 0 {
		if _, err := fmt.Fprintln(std.err, "No metric of these services is served by an adapter rule."); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := gen.WriteAdapterRules(&b, rules, gen.AdapterFormat(o.adapterRules)); err != nil {
		return err
	}
	_, err = std.out.Write(b.Bytes())
	return err
}

// directory writes to a directory, or compares with it.
func (o generateOptions) directory(std streams, services []*gen.ElasticService) error {
	var files []gen.File
	var names []string
	for _, s := range services {
		more, err := s.Files(gen.Format(o.format))
		if err != nil {
			return err
		}
		files = append(files, more...)
		names = append(names, s.Metadata.Name)
	}
	if err := unique(files); err != nil {
		return err
	}
	dir := o.outputDir + o.diffDir
	plan, err := planDir(dir, files, names)
	if err != nil {
		return err
	}
	if o.outputDir != "" {
		return applyDir(dir, plan, o.force, std.err)
	}
	differ, err := diffDir(std.out, dir, plan)
	if err != nil || differ == 0 {
		return err
	}
	return findingsError{fmt.Sprintf("%s differs from what the specs generate: %d of %d files; elasticctl generate --output-dir %s brings it up to date",
		dir, differ, len(plan), dir)}
}

// unique refuses two services of one name, whose files would be the same.
func unique(files []gen.File) error {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			return fmt.Errorf("two of the services would both be written to %s; use a directory for each namespace", names[i])
		}
	}
	return nil
}
