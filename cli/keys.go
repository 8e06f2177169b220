package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"retriage/tui/screen"
)

func (a *app) keysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "List the keys of the screen, from the table that the screen itself uses",
		Args:  none,
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(a.w.Out, 0, 0, 2, ' ', 0)
			for _, section := range screen.Table() {
				for _, b := range section.Rows {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", section.Scope, b.Label(), b.Action, b.Text)
				}
			}
			return w.Flush()
		},
	}
}
