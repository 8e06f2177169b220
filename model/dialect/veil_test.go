package dialect

import (
	"strings"
	"testing"
)

// TestVeilShowsNoName keeps what is wrong and hides whom it is about.
func TestVeilShowsNoName(t *testing.T) {
	for message, want := range map[string]string{
		"Patient John Smith SSN 123-45-6789 is invalid":        "Patient … SSN # is invalid",
		"boom for John Smith":                                  "… for …",
		"Transaction failed for john smith":                    "Transaction failed for …",
		"May Field is missing":                                 "… is missing",
		"Observation.code for 'Ann Oak' born 1970 is missing":  "Observation.code for '…' born # is missing",
		"'Ann Oak', 1970, is a duplicate":                      "'…', #, is a duplicate",
		"Zoë O'Neil-Łukasz: can't resolve Patient/12":          "…: … resolve Patient/#",
		"Missing required element \"Müller\", and don't retry": "Missing required element \"…\", and don't …",
		"HAPI-0550: the resource 佐藤 was deleted":               "HAPI-#: the resource … was deleted",
		"":  "",
		"'": "'…",
		"Value x1 of ann@example.com (Ann) is not valid": "Value … of …@….… (…) is not valid",
	} {
		equal(t, message, veiled(message), want)
	}
}

// TestNoNameIsAWordThatIsShown keeps common names out of what is shown with a
// capital.
func TestNoNameIsAWordThatIsShown(t *testing.T) {
	for _, name := range strings.Fields("May Will Grant Mark Bill Field Page Long Short Young Read Day Key Case Base Price Rose Grace Hope Faith Joy Dean Best Small Park Rich Art Guy Gene Jean Pat Sue Rob Chase Order Parent Name") {
		if isHarmless(name) {
			t.Errorf("%s may be a person's", name)
		}
	}
}
