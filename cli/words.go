package cli

import (
	"errors"
	"fmt"
	"strings"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage/journal"
)

// inputError puts the input's name before what is wrong with it.
func inputError(files []inputFile, err error) error {
	name := "the input"
	if len(files) > 0 {
		name = files[0].name
	}
	var one *dialect.FileError
	if errors.As(err, &one) {
		name = model.Foreign(one.Name).Safe(model.SafeShort)
	}
	return &exitError{codeOf(err), fmt.Sprintf("%s: %s %s", name, sentence(err), inputNext(err)), err}
}

// inputNext says what was not done with an input, and what can be.
func inputNext(err error) string {
	var (
		refused   *dialect.RefusedError
		truncated *dialect.TruncatedError
		notBatch  *dialect.NotBatchError
		syntax    *dialect.SyntaxError
	)
	switch {
	case errors.As(err, &refused):
		return "No item was looked at by the server; mend the call as a whole and send it again."
	case errors.Is(err, dialect.ErrEmpty):
		return "Nothing was sent; look at what wrote it, and ask the API for the response again."
	case errors.As(err, &truncated):
		return "Nothing was sent; ask the API for the response again."
	case errors.As(err, &notBatch) && strings.Contains(notBatch.Why, "--dialect"):
		return "Nothing was sent."
	case errors.As(err, &notBatch):
		return "Nothing was sent; --dialect NAME reads it as a format of its own, and retriage dialects lists them."
	case errors.As(err, &syntax):
		return "Nothing was sent; ask the API for the response again, or name its format with --dialect."
	}
	return "Nothing was sent."
}

func sentence(err error) string {
	text := model.Foreign(err.Error()).Safe(0)
	if text == "" || text[len(text)-1] != '.' {
		text += "."
	}
	return text
}

// choiceWords says which other formats an input fits about as well.
func choiceWords(all []dialect.Candidate) string {
	if len(all) < 2 || all[0].Sure {
		return ""
	}
	return fmt.Sprintf("Read as %s: %s. It fits %s as well (%s); --dialect %s reads it so.", all[0].Name, all[0].Why, all[1].Name, all[1].Why, all[1].Name)
}

// lookWords says that nothing can be changed here, and how it can.
func (s *sitting) lookWords() string {
	const text = "opened read only"
	switch {
	case s.startedRun() != "":
		return text + "; to work on it: retriage resume " + s.runID
	case len(s.files) > 0 && s.files[0].spool == nil:
		return text + "; to work on it: retriage " + s.files[0].name
	}
	return text
}

// blockedWords says why a run that can be looked at cannot be changed.
func blockedWords(err error) string {
	var inUse *journal.InUseError
	if !errors.As(err, &inUse) || inUse.PID == 0 {
		return model.Foreign(err.Error()).Safe(0)
	}
	return fmt.Sprintf("in use by %s, process %d, since %s; leave it there first",
		model.Foreign(inUse.Who).Safe(40), inUse.PID, inUse.Since.Local().Format("Jan 2 15:04"))
}
