package triage

// Advice says in a few words what is left to do for the items of a tab.
func Advice(t Tab) string {
	return advice[t]
}

// Ease says how much an operator has to do for a tab: the colour of its advice.
type Ease uint8

// The degrees of ease.
const (
	AsIs   Ease = iota // retry, nothing else
	Hand               // an edit or a decision
	Danger             // look first, or it may be done twice
)

// EaseOf is the ease of a tab.
func EaseOf(t Tab) Ease {
	switch t {
	case "rate_limited", "backend", "missing_dependency", ReadyTab:
		return AsIs
	case UnknownTab, "timeout", CheckTab:
		return Danger
	}
	return Hand
}

var advice = map[Tab]string{
	"validation":           "edit first",
	"permission":           "ask for access, or change the token",
	"rate_limited":         "retry as is",
	"conflict":             "decide: keep theirs or change ours",
	"missing_dependency":   "retry once what they need is there",
	"type_mismatch":        "edit first: wrong type",
	"payload_too_large":    "edit first: make it smaller",
	"idempotency_conflict": "give it a new key, then retry",
	"backend":              "retry as is; looked up first where it may be applied",
	"timeout":              "looked up first, then retried: may have been applied",
	"other":                "look at each",
	CheckTab:               "compare: not as it was sent",
	UnknownTab:             "verify before retry: may have been applied",
	ReadyTab:               "send",
}
