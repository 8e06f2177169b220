package model

// Rule files failures: the first rule whose conditions all hold decides. An
// empty condition holds always.
type Rule struct {
	Name     string     // shown next to an item, e.g. "code RATE_LIMITED"
	Codes    []string   // exact codes, upper and lower case alike
	Code     string     // RE2 on the code
	Message  string     // RE2 on the message, case folded
	Statuses []int      // statuses; 5 means 500 to 599, 4 means 400 to 499
	Reasons  []Reason   // collateral
	Category Category   // where the item goes
	Class    RetryClass // what must happen before it is sent again
}
