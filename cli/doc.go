// Package cli is the command line: commands, flags, configuration, exit codes
// and the plain and JSON faces. It is the only room where the parts are wired
// together: reader, session, journal, runner, client and screen. It promises
// that data goes to stdout and everything else to stderr, that every end has the
// exit code of its table, and that nothing is sent without a confirmed count.
//
// It may import everything.
package cli
