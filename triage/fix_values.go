package triage

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"retriage/model"
)

func aboutMail(r *repair) bool { return strings.Contains(r.about, "mail") }

func isMailField(f Field) bool { return strings.Contains(strings.ToLower(fieldName(f)), "mail") }

// trimMail takes every space out of an address and lower-cases it.
func trimMail(_ *repair, f Field) (string, bool) {
	if f.Kind != TextField {
		return "", false
	}
	mail := strings.ToLower(strings.Join(strings.Fields(decodeString(f.Raw)), ""))
	local, domain, ok := strings.Cut(mail, "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") {
		return "", false
	}
	return quoteJSON(mail), mail != decodeString(f.Raw)
}

// placeholderMail makes an address from the person's name for a field that has
// none. The domain is one that no mail can reach (RFC 2606, 2).
func placeholderMail(r *repair, f Field) (string, bool) {
	if f.Kind != TextField && f.Kind != NullField || !isMailField(f) || strings.Contains(decodeString(f.Raw), "@") {
		return "", false
	}
	local := slug(r.nameNear(f))
	if local == "" {
		local = slug(r.item.ID.Wire())
	}
	if local == "" {
		local = "item-" + strconv.Itoa(r.item.Index+1)
	}
	return quoteJSON(local + "@example.invalid"), true
}

// nameNear is the name that stands beside a field: in full, or in two parts.
func (r *repair) nameNear(f Field) string {
	near := f.Pointer[:strings.LastIndexByte(f.Pointer, '/')+1]
	texts := make(map[string]string)
	for _, other := range r.fields {
		rest, ok := strings.CutPrefix(other.Pointer, near)
		if ok && other.Kind == TextField && !strings.Contains(rest, "/") {
			key := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(rest))
			texts[key] = decodeString(other.Raw)
		}
	}
	for _, key := range []string{"name", "fullname", "displayname", "username"} {
		if texts[key] != "" {
			return texts[key]
		}
	}
	first, last := texts["firstname"]+texts["givenname"], texts["lastname"]+texts["familyname"]+texts["surname"]
	return strings.TrimSpace(first + " " + last)
}

var dateWords = regexp.MustCompile(`date|iso.?8601|rfc.?3339|timestamp|birth|dob\b|yyyy|_at\b`)

var formatWords = regexp.MustCompile(`valid|format|pars|malformed|recogni[sz]ed`)

// aboutDates also takes a named field that is said to have the wrong form.
func aboutDates(r *repair) bool {
	return dateWords.MatchString(r.about) || !r.failure.Field.IsZero() && formatWords.MatchString(r.about)
}

// dateLayouts are the dates that can be read one way only. With slashes the year
// is first, or the month is (the order of the United States, where slashes are
// used); with dots the day is. 03-04-2026 and years of two digits are left to
// the operator.
var dateLayouts = []string{
	"1/2/2006", "2006/1/2", "2.1.2006", "January 2, 2006", "Jan 2, 2006", "2 January 2006", "2 Jan 2006", "2-Jan-2006", "20060102",
}

// clockLayouts are the times that may follow a date, and how ISO 8601 has them.
var clockLayouts = [][2]string{
	{"", ""}, {" 15:04", "T15:04:05"}, {" 15:04:05", "T15:04:05"}, {" 3:04 PM", "T15:04:05"}, {" 3:04:05 PM", "T15:04:05"},
	{"T15:04:05", "T15:04:05"}, {" 15:04:05Z07:00", "T15:04:05Z07:00"}, {" 15:04:05 -0700", "T15:04:05Z07:00"},
}

// isoDate rewrites a date in ISO 8601; a time keeps its zone, or gets none if it
// had none.
func isoDate(r *repair, f Field) (string, bool) {
	text := strings.Join(strings.Fields(decodeString(f.Raw)), " ")
	if f.Kind != TextField || len(text) < 8 || len(text) > 40 {
		return "", false
	}
	layouts := dateLayouts
	if dayFirst(r.message) {
		layouts = append([]string{"2/1/2006"}, dateLayouts[1:]...)
	}
	if iso, ok := parseDate(text, layouts); ok {
		return quoteJSON(iso), true
	}
	// A first number over 12 can only be a day.
	if iso, ok := parseDate(text, []string{"2/1/2006"}); ok {
		return quoteJSON(iso), true
	}
	return "", false
}

func parseDate(text string, layouts []string) (string, bool) {
	for _, date := range layouts {
		for _, clock := range clockLayouts {
			if t, err := time.Parse(date+clock[0], text); err == nil {
				return t.Format("2006-01-02" + clock[1]), true
			}
		}
	}
	return "", false
}

// typeName is what servers call the types that a value can be turned into.
const typeName = "[\"'`<\\[]?(?:xsd?:|java\\.lang\\.|json )?(whole number|integer|int|long|short|number|numeric|float|double|decimal|boolean|bool|string|text|keyword|varchar)\\b"

// wantedTypes find the type that a message asks for, the clearest wording first.
var wantedTypes = []*regexp.Regexp{
	regexp.MustCompile(`(?:must|should|has to|have to|needs to|expected to) be (?:of type |an? |the |valid |positive |non-negative |json )*` + typeName),
	regexp.MustCompile(`(?:expected|expects|expecting|wanted|requires?)(?: value of)?(?: type)?:? (?:an? )?` + typeName),
	regexp.MustCompile(`(?:not|isn't) (?:an? )?(?:valid )?(?:value for (?:the )?(?:type )?)?` + typeName),
	regexp.MustCompile(`(?:of|for|to) type ` + typeName),
	regexp.MustCompile(`invalid (?:input syntax for (?:type )?)?` + typeName),
	regexp.MustCompile(`(?:convert|cast|pars|deseriali[sz]).{0,80}\b(?:to|into|as) (?:an? )?` + typeName),
}

// wantedType is the kind of value that a message asks for.
func wantedType(message string) (FieldKind, bool) {
	for _, re := range wantedTypes {
		m := re.FindStringSubmatch(message)
		if m == nil {
			continue
		}
		switch m[1] {
		case "whole number", "integer", "int", "long", "short":
			return IntegerField, true
		case "number", "numeric", "float", "double", "decimal":
			return NumberField, true
		case "boolean", "bool":
			return BooleanField, true
		}
		return TextField, true
	}
	return 0, false
}

func aboutTypes(r *repair) bool {
	_, ok := wantedType(r.message)
	return ok && r.item.Payload.Medium == model.JSON
}

// coerce writes the same value in the type that the server asks for. It keeps
// every digit, and leaves alone what it would have to interpret (1,204 or 007).
func coerce(r *repair, f Field) (string, bool) {
	want, ok := wantedType(r.message)
	if !ok || r.item.Payload.Medium != model.JSON {
		return "", false
	}
	text := f.Raw
	if f.Kind == TextField {
		text = strings.TrimSpace(decodeString(f.Raw))
	}
	switch {
	case f.Kind == NullField || f.Kind == ObjectField || f.Kind == ArrayField:
		return "", false
	case want == TextField:
		return quoteJSON(f.Raw), f.Kind != TextField
	case want == BooleanField:
		raw, ok := boolWords[strings.ToLower(text)]
		return raw, ok
	case want == NumberField:
		return text, f.Kind == TextField && isJSONNumber(text)
	}
	if whole, zeros, ok := strings.Cut(text, "."); ok && zeros != "" && strings.Trim(zeros, "0") == "" {
		text = whole // 5.0 is a whole number
	}
	return text, isJSONNumber(text) && rawKind(text) == IntegerField
}

// boolWords is what can only be meant as true or false where a boolean is wanted.
var boolWords = map[string]string{
	"true": "true", "yes": "true", "y": "true", "on": "true", "1": "true",
	"false": "false", "no": "false", "n": "false", "off": "false", "0": "false",
}

var lengthWords = regexp.MustCompile(`char|length|too long|longer|letters|bytes|truncat`)

// lengthLimits find the longest length that a message allows.
var lengthLimits = []*regexp.Regexp{
	regexp.MustCompile(`(?:varchar|varying|char)\((\d{1,7})\)`),
	regexp.MustCompile(`between \d+ and (\d{1,7})`),
	regexp.MustCompile(`\d+ ?(?:-|–|to) ?(\d{1,7}) (?:char|letter|byte)`),
	regexp.MustCompile(`(?:at most|up to|longer than|no more than|more than|exceeds?|fewer than or equal to|less than or equal to) (?:the )?(?:maximum |max )?(?:allowed )?(?:length )?(?:of )?(\d[\d,]{0,8})`),
	regexp.MustCompile(`(?:maximum|max|limit)[ _-]?(?:allowed )?(?:length|characters|size)?(?: allowed)?(?: is| of|:|=)? ?\(?(\d[\d,]{0,8})`),
	regexp.MustCompile(`(\d[\d,]{0,8})[ -](?:characters?|chars?|letters?|bytes?)(?: or (?:less|fewer)| max| limit| allowed| long)`),
}

// lengthLimit is the limit that a message names, and whether it counts bytes.
func lengthLimit(message string) (limit int, inBytes, ok bool) {
	if !lengthWords.MatchString(message) {
		return 0, false, false
	}
	for _, re := range lengthLimits {
		if m := re.FindStringSubmatch(message); m != nil {
			n, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
			return n, strings.Contains(message, "byte"), err == nil && n > 0
		}
	}
	return 0, false, false
}

func aboutLength(r *repair) bool {
	_, _, ok := lengthLimit(r.message)
	return ok
}

// cutLength cuts a text to the limit, between characters.
func cutLength(r *repair, f Field) (string, bool) {
	limit, inBytes, ok := lengthLimit(r.message)
	if !ok || f.Kind != TextField {
		return "", false
	}
	text := decodeString(f.Raw)
	count, end := 0, len(text)
	for i, c := range text {
		size := 1
		if inBytes {
			size = utf8.RuneLen(c)
		}
		if count += size; count > limit {
			end = i
			break
		}
	}
	cut := strings.TrimRight(text[:end], " \t\r\n")
	return quoteJSON(cut), end < len(text)
}

var keyWords = regexp.MustCompile(`idempoten|request token|deduplication`)

func aboutKeys(r *repair) bool { return keyWords.MatchString(r.about) }
