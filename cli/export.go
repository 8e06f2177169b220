package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/report"
)

// export writes items to a new file in the format that its name ends with, and
// says what it did.
func (s *sitting) export(_ context.Context, path string, items []int) (said string, err error) {
	form := map[string]func(io.Writer, []report.Item) error{
		".json": writeJSON, ".jsonl": writeJSONL, ".csv": writeCSV, ".md": report.ItemsMarkdown,
	}[strings.ToLower(filepath.Ext(path))]
	name := model.Foreign(path).Safe(model.SafeShort)
	if form == nil {
		return "", fmt.Errorf("%s: the name must end with .json, .jsonl, .csv or .md; nothing was written", name)
	}
	var rows []report.Item
	s.desk.Look(func(t *triage.Session) { rows = report.Items(t, items) })
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("%s exists already; nothing was written, choose another name", name)
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	if err := errors.Join(form(f, rows), f.Close()); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return fmt.Sprintf("%s written to %s", model.Plural(len(rows), "item"), name), nil
}

func writeJSON(w io.Writer, rows []report.Item) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(rows)
}

func writeJSONL(w io.Writer, rows []report.Item) error {
	enc := json.NewEncoder(w)
	for _, r := range rows {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// writeCSV keeps a cell from being a formula in a spreadsheet.
func writeCSV(w io.Writer, rows []report.Item) error {
	c := csv.NewWriter(w)
	cells := [][]string{{"id", "state", "category", "status", "code", "message", "field", "sends"}}
	for _, r := range rows {
		cells = append(cells, []string{
			r.ID, r.State, r.Category, strconv.Itoa(r.Status), r.Code, r.Message, r.Field, strconv.Itoa(r.Sends),
		})
	}
	for _, row := range cells {
		for k, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				row[k] = "'" + cell
			}
		}
	}
	if err := c.WriteAll(cells); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}
