package tui

import (
	"context"
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
)

// Option is one of several things to choose from; its words are safe text.
type Option struct {
	Name string
	Text string // one line
}

// ErrLeft says that the operator left a question without an answer.
var ErrLeft = errors.New("nothing was chosen")

// Choose asks which of several is meant, on the lines below the prompt, before
// the face is shown. The first is what is taken when nothing else is said. Error:
// ErrLeft.
func Choose(ctx context.Context, question, why string, options []Option, opts ...tea.ProgramOption) (name string, err error) {
	rows := make([]huh.Option[string], len(options))
	for i, o := range options {
		rows[i] = huh.NewOption(o.Text, o.Name)
	}
	name = options[0].Name
	ask := huh.NewSelect[string]().Title(question).Description(why).Options(rows...).Value(&name)
	keys := huh.NewDefaultKeyMap()
	keys.Quit.SetKeys("ctrl+c", "q", "esc")
	form := huh.NewForm(huh.NewGroup(ask)).WithTheme(huh.ThemeFunc(huh.ThemeBase)).WithKeyMap(keys).
		WithProgramOptions(append([]tea.ProgramOption{tea.WithContext(ctx)}, opts...)...)
	switch err = form.RunWithContext(ctx); {
	case errors.Is(err, huh.ErrUserAborted):
		return "", ErrLeft
	case err != nil:
		return "", fmt.Errorf("ask %q: %w", question, err)
	}
	return name, nil
}
