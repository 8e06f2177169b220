package dialect_test

import "testing"

// TestFixturesOfHTTPDialects opens real responses of the dialects whose items
// are HTTP answers.
func TestFixturesOfHTTPDialects(t *testing.T) {
	checkSamples(t, fixtures(t), []sample{
		{name: "summary", response: []string{"generic-207/responses-summary.example.json"}, is: "generic-207"},
	})
}
