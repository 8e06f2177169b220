package dialect

import (
	"strings"
	"testing"
)

// soundFile is a dialect's file with nothing wrong in it.
const soundFile = `name = "x"
title = "X"
medium = "json"
send = "batch"
[items]
at = ["a"]
ordered = true
[verdict]
rule = [
  { path = "b", verdict = "failed" },
]
[failure]
code = ["c"]
[request]
at = ["d"]
default = '{"d":[ITEMS]}'
separator = ","
[unanswered]
means = "ok"
[profile]
maxItems = 10
itemURL = "/rows/{id} | {request.url}"
[[rule]]
codes = ["Z"]
category = "validation"
class = "after_edit"
[[rule]]
statuses = [429]
category = "rate_limited"
class = "safe"
`

// TestWhatIsWrongInAFileIsToldWithItsLine breaks a file in one place each time.
func TestWhatIsWrongInAFileIsToldWithItsLine(t *testing.T) {
	if _, err := BuiltIn().WithText("x", []byte(soundFile)); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct{ was, is, says string }{
		"a key that is not known":           {"ordered = true", "orderd = true", "line 7: there is no key items.orderd"},
		"a table that is not known":         {"[failure]", "[faliure]", "line 12: there is no key faliure"},
		"a text for a list":                 {`at = ["a"]`, `at = "a"`, "line 6: items.at is a text, and has to be a list of texts"},
		"a text for a number":               {"maxItems = 10", `maxItems = "10"`, "line 21: profile.maxItems is a text, and has to be a whole number"},
		"a number for a text":               {`separator = ","`, "separator = 5", "line 17: request.separator is a number, and has to be a text"},
		"a text that is not closed":         {`title = "X"`, `title = "X`, "line 2: "},
		"no equals sign":                    {`title = "X"`, `title`, "line 2: "},
		"a table twice":                     {"[failure]", "[verdict]", "line 12: table verdict already exists"},
		"a key twice":                       {"ordered = true", `at = ["b"]`, "line 7: key at is already defined"},
		"a verdict that is none":            {`verdict = "failed"`, `verdict = "fail"`, `line 10: verdict.rule 1 gives "fail"`},
		"a medium that is none":             {`medium = "json"`, `medium = "yaml"`, "line 3: medium is json"},
		"a way to send that is none":        {`send = "batch"`, `send = "maybe"`, "line 4: send is batch"},
		"no list of items":                  {`at = ["a"]`, "", "line 5: items.at is missing"},
		"a meaning that is none":            {`means = "ok"`, `means = "nope"`, `line 19: unanswered means "nope"`},
		"a limit below nothing":             {"maxItems = 10", "maxItems = -1", "line 21: profile.maxItems is -1"},
		"nowhere to put items":              {"[ITEMS]", "[]", "line 16: request.default has no ITEMS"},
		"a placeholder that is none":        {"{id}", "{nope}", "line 22: profile.itemURL: there is no {nope}"},
		"an address in an address":          {"| {request.url}", "| {request.url}/x", "line 22: profile.itemURL: {request.url} is an address of its own"},
		"a path that is none":               {`code = ["c"]`, `code = ["#((b"]`, "line 13: failure.code: "},
		"an expression that is none":        {`code = ["c"]`, `code = ["c | match ("]`, "line 13: failure.code: "},
		"a rule that says nothing":          {"statuses = [429]", "codes = []", "line 27: rule 2 fits every failure"},
		"a rule without a category":         {"category = \"rate_limited\"\n", "", "line 27: rule 2 has no category"},
		"a rule whose pattern is none":      {"statuses = [429]", `code = "("`, "line 28: rule 2: its code is no expression"},
		"like a dialect that is not there":  {`title = "X"`, `like = "nosuch"`, "line 2: it is like nosuch, and there is no dialect nosuch"},
		"like itself":                       {`title = "X"`, `like = "x"`, "line 2: it is like itself"},
		"a name that is none":               {`name = "x"`, `name = "X y"`, "line 1: name has to be"},
		"the key of a rule it is like with": {`title = "X"`, "title = 5", "line 2: title is a number, and has to be a text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := BuiltIn().WithText("x", []byte(strings.Replace(soundFile, row.was, row.is, 1)))
			if err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%v, want %s", err, row.says)
			}
			if err != nil && (strings.Contains(err.Error(), "struct") || strings.Contains(err.Error(), "toml:")) {
				t.Errorf("in the words of a library: %v", err)
			}
		})
	}
}

// TestLikeOfLike takes all that a dialect says which is like another itself.
func TestLikeOfLike(t *testing.T) {
	c, err := BuiltIn().WithText("mine", []byte("name = \"mine\"\nlike = \"ms-graph\"\n[profile]\nmaxItems = 7\n"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.ByName("mine")
	equal(t, "error", err, nil)
	equal(t, "of its own", d.spec.Profile.MaxItems, 7)
	equal(t, "of the one it is like", d.spec.Items.FoldID, true)
	equal(t, "of the one that is like", d.spec.Request.Group, "atomicityGroup")
}
