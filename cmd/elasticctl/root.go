package main

import (
	"github.com/spf13/cobra"
)

const rootLong = `elasticctl designs, checks, replays and tunes Kubernetes autoscaling.

It writes the manifests of an elastic service from a short spec, finds what is
wrong in manifests, and replays recorded load through an exact model of the
HorizontalPodAutoscaler controller, to judge a change to an autoscaler before it
is merged, or to look for better settings.`

// newRootCommand builds the whole command tree.
func newRootCommand(std streams) *cobra.Command {
	root := &cobra.Command{
		Use:                        "elasticctl",
		Short:                      "Design, check, replay and tune Kubernetes autoscaling",
		Long:                       rootLong,
		Args:                       noSubcommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		newGenerateCommand(std),
		newLintCommand(std),
		newSimulateCommand(std),
		newTuneCommand(std),
		newInitCommand(std),
		newSchemaCommand(std),
		newCompletionCommand(std),
		newVersionCommand(std),
	)
	return root
}

// noSubcommand refuses words that name no command, with the nearest one that
// exists.
func noSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("unknown command %q; did you mean %q?", args[0], near[0])
	}
	return usagef("unknown command %q", args[0])
}

// noArgs refuses positional arguments: every input of elasticctl is a flag.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("%s takes no argument, but was given %q; files are given with -f", cmd.CommandPath(), args[0])
}
