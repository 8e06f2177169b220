package dialect

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"retriage/model"
)

// fileError says what is wrong with a dialect's file, and where.
type fileError struct {
	line int // from 1, 0 = not known
	why  string
}

func (e *fileError) Error() string {
	if e.line == 0 {
		return "read dialect: " + e.why
	}
	return fmt.Sprintf("read dialect: line %d: %s", e.line, e.why)
}

// worded puts what the TOML reader says about a file into words of this program.
func worded(file []byte, err error) error {
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		line, _ := unknown.Errors[0].Position()
		return &fileError{line, "there is no key " + shown(strings.Join(unknown.Errors[0].Key(), "."))}
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return &fileError{line, wordsOf(wrong)}
	}
	why := strings.TrimPrefix(err.Error(), "toml: ")
	return &fileError{twiceAt(file, why), shown(why)}
}

// misfit is how the TOML reader says that a value is of the wrong kind.
var misfit = regexp.MustCompile(`cannot decode TOML (\w+)(?: .*)? into (?:a )?(?:struct field \S+ of type )?(\S+)$`)

// valueKinds are values as people call them, by what the reader calls them.
var valueKinds = map[string]string{
	"string": "a text", "integer": "a number", "float": "a number with decimals", "boolean": "true or false", "bool": "true or false", "array": "a list", "table": "a table",
	"int": "a whole number", "[]string": "a list of texts", "[]int": "a list of whole numbers", "[]dialect.path": "a list of paths", "[]dialect.mark": "a list of marks",
	"dialect.path": "a path", "dialect.pattern": "an expression", "map[string]string": "a table of texts",
}

func wordsOf(e *toml.DecodeError) string {
	why := strings.TrimPrefix(e.Error(), "toml: ")
	key := strings.Join(e.Key(), ".")
	if m := misfit.FindStringSubmatch(why); m != nil {
		is, want := valueKinds[m[1]], valueKinds[m[2]]
		if want == "" && strings.HasPrefix(m[2], "[]") {
			want = "a list"
		}
		return fmt.Sprintf("%s is %s, and has to be %s", orWord(shown(key), "the value"), orWord(is, "of another kind"), orWord(want, "something else"))
	}
	if key != "" && !strings.Contains(why, key) {
		why = key + ": " + why
	}
	return shown(why)
}

func orWord(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

func shown(s string) string { return model.Foreign(s).Safe(model.SafeLong) }

// twice is how the TOML reader says that a name was given before; it does not say
// where.
var twice = regexp.MustCompile(`^(?:table|key) (\S+) (?:already exists|is already defined)`)

// twiceAt is the line where a name is given a second time, 0 = nowhere.
func twiceAt(file []byte, why string) int {
	m := twice.FindStringSubmatch(why)
	if m == nil {
		return 0
	}
	name := regexp.QuoteMeta(m[1])
	given := regexp.MustCompile(`^\s*(\[+\s*([\w-]+\s*\.\s*)*` + name + `\s*\]+|` + name + `\s*=)`)
	seen := map[string]bool{}
	section := ""
	for i, line := range bytes.Split(file, []byte{'\n'}) {
		if header := sectionIn(line); header != "" {
			section = header
		}
		if !given.Match(line) {
			continue
		}
		if section == "" || seen[section] || seen[m[1]] && section == m[1] {
			return i + 1
		}
		seen[section] = true
	}
	return 0
}

// sectionIn is the name of the table that a line begins, "" = it begins none.
func sectionIn(line []byte) string {
	s := strings.TrimSpace(string(line))
	if !strings.HasPrefix(s, "[") {
		return ""
	}
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return ""
	}
	return strings.TrimSpace(strings.TrimLeft(s[:end], "["))
}

// place is where in a file something is wrong: a key with dots, and what stands
// there, "" = nothing. Of tables that may be there several times n is which, from 0.
type place struct {
	key, value string
	n          int
}

// bareKey is the key that a line gives.
var bareKey = regexp.MustCompile(`^\s*([\w-]+)\s*=`)

// quotes says whether a value stands in a line as a text.
func quotes(line []byte, value string) bool {
	return value != "" && (bytes.Contains(line, []byte(`"`+value+`"`)) || bytes.Contains(line, []byte(`'`+value+`'`)))
}

// lineIn finds the place in a file: the value under its key, else the key, else the
// value elsewhere in the table, else the table; 0 when none is there, since the file
// is like another.
func (p place) lineIn(file []byte) int {
	table, key := "", p.key
	if i := strings.LastIndexByte(p.key, '.'); i >= 0 {
		table, key = p.key[:i], p.key[i+1:]
	}
	section, nth, under := "", -1, ""
	var header, atKey, atValue int
	for i, line := range bytes.Split(file, []byte{'\n'}) {
		if name := sectionIn(line); name != "" {
			if section, under = name, ""; section == table {
				nth++
			}
		}
		if section != table || table != "" && nth != p.n {
			continue
		}
		if header == 0 && table != "" {
			header = i + 1
		}
		if m := bareKey.FindSubmatch(line); m != nil {
			if under = string(m[1]); under == key {
				atKey = i + 1
			}
		}
		if quotes(line, p.value) {
			if under == key {
				return i + 1
			}
			atValue = i + 1
		}
	}
	return cmp.Or(atKey, atValue, header)
}
