package main

import (
	"strings"

	"github.com/spf13/cobra"
)

const completionLong = `Print the script that completes elasticctl's commands and flags in a shell.

bash: load it from ~/.bashrc with 'source <(elasticctl completion bash)'; it needs the package bash-completion.
zsh: write it to a file named _elasticctl in a directory of $fpath.
fish: write it to ~/.config/fish/completions/elasticctl.fish.
powershell: load it from the profile with 'elasticctl completion powershell | Out-String | Invoke-Expression'.`

// shells are those that completions can be written for.
var shells = []struct {
	name  string
	write func(root *cobra.Command, std streams) error
}{
	{"bash", func(root *cobra.Command, std streams) error { return root.GenBashCompletionV2(std.out, true) }},
	{"zsh", func(root *cobra.Command, std streams) error { return root.GenZshCompletion(std.out) }},
	{"fish", func(root *cobra.Command, std streams) error { return root.GenFishCompletion(std.out, true) }},
	{"powershell", func(root *cobra.Command, std streams) error { return root.GenPowerShellCompletionWithDesc(std.out) }},
}

func newCompletionCommand(std streams) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a shell's completion script",
		Long:  completionLong,
		Example: `  elasticctl completion bash
  elasticctl completion zsh > _elasticctl`,
		ValidArgs: shellNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("completion takes one shell: %s", strings.Join(shellNames(), ", "))
			}
			for _, shell := range shells {
				if shell.name == args[0] {
					return shell.write(cmd.Root(), std)
				}
			}
			return usagef("no completion for shell %q; known are %s", args[0], strings.Join(shellNames(), ", "))
		},
	}
}

func shellNames() []string {
	names := make([]string, 0, len(shells))
	for _, shell := range shells {
		names = append(names, shell.name)
	}
	return names
}
