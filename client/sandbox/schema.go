package sandbox

import (
	"bytes"
	_ "embed" // the schema is a file of its own, so that it can be read as one
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

//go:embed users.schema.json
var usersSchema []byte

// Schema gives the JSON Schema (draft 2020-12) every item is checked against,
// as GET /docs/validation/users serves it.
func Schema() []byte { return bytes.Clone(usersSchema) }

// denyLoader refuses to fetch what a schema refers to.
type denyLoader struct{}

// Load gives an error, whatever the address.
func (denyLoader) Load(url string) (any, error) {
	return nil, errors.New("references to other documents are not followed: " + url)
}

// compileSchema gives the compiled users schema. It never changes and is safe
// for concurrent use, so all servers of a process share it.
var compileSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(usersSchema))
	if err != nil {
		return nil, fmt.Errorf("read the users schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(denyLoader{})
	if err := c.AddResource("users.json", doc); err != nil {
		return nil, fmt.Errorf("read the users schema: %w", err)
	}
	return c.Compile("users.json")
})

// The phases of validation, in the order the API refuses.
const (
	phaseType = iota
	phaseValue
	phaseSize
)

// violation is one rule of the schema an item breaks.
type violation struct {
	phase   int
	failure failure
}

// violations gives every rule doc breaks, at most one a field, sorted by
// phase and then by field: types, then values, then sizes.
func violations(schema *jsonschema.Schema, doc any) []violation {
	err := schema.Validate(doc)
	var top *jsonschema.ValidationError
	if err == nil || !errors.As(err, &top) {
		return nil
	}
	var all []violation
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			all = append(all, translate(e)...)
		}
		for _, c := range e.Causes {
			walk(c)
		}
	}
	walk(top)
	slices.SortFunc(all, func(a, b violation) int {
		if a.phase != b.phase {
			return a.phase - b.phase
		}
		if d := strings.Compare(a.failure.field, b.failure.field); d != 0 {
			return d
		}
		return strings.Compare(a.failure.message, b.failure.message)
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(v violation) bool {
		again := seen[v.failure.field]
		seen[v.failure.field] = true
		return again
	})
}

// translate words one violation as the API does.
func translate(e *jsonschema.ValidationError) []violation {
	field := pointer(e.InstanceLocation)
	name := strings.TrimPrefix(field, "/")
	bad := func(status int, format string, args ...any) []violation {
		return []violation{{phaseValue, failure{
			status: status, code: codeValidation, message: fmt.Sprintf(format, args...), field: field, final: true,
		}}}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return []violation{{phaseType, failure{
			status: 400, code: codeType, field: field, final: true,
			message: fmt.Sprintf("Type mismatch: %q must be %s, got %s", name, strings.Join(k.Want, " or "), k.Got),
		}}}
	case *kind.Required:
		var out []violation
		for _, m := range k.Missing {
			out = append(out, violation{phaseValue, failure{
				status: 400, code: codeValidation, message: "Missing required field " + string(quote(m)), field: field + pointer([]string{m}), final: true,
			}})
		}
		return out
	case *kind.Format:
		return bad(formatStatus(k.Want), "%s", formatMessage(k.Want))
	case *kind.Pattern:
		if name == "email" {
			return bad(400, "%s", formatMessage("email"))
		}
		return bad(422, "Invalid characters in %q", name)
	case *kind.Enum:
		return bad(422, "Invalid value for %q: must be one of %s", name, list(k.Want))
	case *kind.Minimum:
		return bad(422, "Invalid value for %q: the minimum is %s", name, k.Want.RatString())
	case *kind.Maximum:
		return bad(422, "Invalid value for %q: the maximum is %s", name, k.Want.RatString())
	case *kind.MinLength:
		return bad(422, "Invalid value for %q: it is too short", name)
	case *kind.MaxLength:
		return tooLong(field, name, k)
	}
	return bad(422, "Invalid value for %q", name)
}

// tooLong words a text over its length: a bio is a payload problem, any other
// field a wrong value.
func tooLong(field, name string, k *kind.MaxLength) []violation {
	v := violation{phaseValue, failure{
		status: 422, code: codeValidation, field: field, final: true,
		message: fmt.Sprintf("Invalid value for %q: %d characters, the limit is %d", name, k.Got, k.Want),
	}}
	if name == "bio" {
		v.phase, v.failure.status, v.failure.code = phaseSize, 413, codeSize
		v.failure.message = fmt.Sprintf("Field %q is too large: %d characters, the limit is %d", name, k.Got, k.Want)
	}
	return []violation{v}
}

func formatStatus(format string) int {
	if format == "email" {
		return 400
	}
	return 422
}

func formatMessage(format string) string {
	switch format {
	case "email":
		return "Invalid email format"
	case "date":
		return "Invalid date format, expected ISO 8601 (YYYY-MM-DD)"
	}
	return "Invalid " + format + " format"
}

func list(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

// pointer gives a JSON Pointer (RFC 6901).
func pointer(path []string) string {
	var b strings.Builder
	for _, p := range path {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	return b.String()
}
