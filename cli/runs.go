package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"retriage/model"
)

func (a *app) runsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "runs",
		Short: "List the runs on this machine, newest first",
		Args:  none,
		RunE: func(*cobra.Command, []string) error {
			store, err := a.openStore()
			if err != nil {
				return err
			}
			runs, err := store.List()
			if err != nil {
				return &exitError{exitState, "", err}
			}
			w := tabwriter.NewWriter(a.w.Out, 0, 0, 2, ' ', 0)
			for _, r := range runs {
				state := "unfinished"
				if r.Finished {
					state = "ended"
				}
				if r.Locked {
					state += ", in use"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Updated.UTC().Format(time.RFC3339), state,
					model.Foreign(r.Origin).Safe(60), model.Foreign(strings.Join(r.Inputs, ", ")).Safe(80))
			}
			return w.Flush()
		},
	}
}
