// Retriage takes a partly failed batch API call from "something failed" to
// "every item accounted for": it sorts the failures by cause, helps to fix them,
// retries them live and reads every item back.
package main

import (
	"os"

	"retriage/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.OS())) }
