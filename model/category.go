package model

import "slices"

// Category is the cause of a failure: one of ten, or Other.
type Category uint8

// The categories. None is the category of an item that has not failed.
const (
	None Category = iota
	Validation
	Permission
	RateLimited
	Conflict
	MissingDependency
	TypeMismatch
	PayloadTooLarge
	IdempotencyConflict
	Backend
	Timeout
	Other

	categoryCount
)

type categoryWords struct{ id, title, tab string }

var categoryTable = [categoryCount]categoryWords{
	None:                {"none", "None", "None"},
	Validation:          {"validation", "Validation", "Valid"},
	Permission:          {"permission", "Permission", "Perm"},
	RateLimited:         {"rate_limited", "Rate limit", "Rate"},
	Conflict:            {"conflict", "Conflict", "Confl"},
	MissingDependency:   {"missing_dependency", "Missing dependency", "Dep"},
	TypeMismatch:        {"type_mismatch", "Type mismatch", "Type"},
	PayloadTooLarge:     {"payload_too_large", "Too large", "Size"},
	IdempotencyConflict: {"idempotency_conflict", "Key conflict", "Key"},
	Backend:             {"backend", "Backend", "Srv"},
	Timeout:             {"timeout", "Timeout", "Time"},
	Other:               {"other", "Other", "Other"},
}

// Categories lists the ten causes and Other.
func Categories() []Category {
	var all []Category
	for c := Validation; c < categoryCount; c++ {
		all = append(all, c)
	}
	return all
}

// String is the category's id in files, JSON and queries, e.g. "rate_limited".
func (c Category) String() string { return categoryTable[c%categoryCount].id }

// Title is the category as a screen says it.
func (c Category) Title() string { return categoryTable[c%categoryCount].title }

// Tab is the short title, of at most five letters, for a narrow row of tabs.
func (c Category) Tab() string { return categoryTable[c%categoryCount].tab }

// ParseCategory finds a category by its id.
func ParseCategory(id string) (Category, bool) {
	i := slices.IndexFunc(categoryTable[:], func(w categoryWords) bool { return w.id == id })
	return Category(max(i, 0)), i >= 0
}

// MarshalText writes the id.
func (c Category) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads an id.
func (c *Category) UnmarshalText(b []byte) error {
	got, ok := ParseCategory(string(b))
	if !ok {
		return &UnknownWordError{Kind: "category", Word: Foreign(string(b))}
	}
	*c = got
	return nil
}

// RetryClass says what must happen before an item may be sent again.
type RetryClass uint8

// The retry classes.
const (
	// AfterEdit: the same payload fails again; it wants a change first.
	AfterEdit RetryClass = iota
	// Safe: surely not applied, or protected by a key; send as it is.
	Safe
	// AfterVerify: may have been applied; look it up first.
	AfterVerify
	// Never: no retry of ours can help.
	Never

	retryClassCount
)

var retryClassNames = [retryClassCount]string{"after_edit", "safe", "after_verify", "never"}

// String is the class's id.
func (r RetryClass) String() string { return retryClassNames[r%retryClassCount] }

// ParseRetryClass finds a class by its id.
func ParseRetryClass(id string) (RetryClass, bool) {
	i := slices.Index(retryClassNames[:], id)
	return RetryClass(max(i, 0)), i >= 0
}

// MarshalText writes the id.
func (r RetryClass) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads an id.
func (r *RetryClass) UnmarshalText(b []byte) error {
	got, ok := ParseRetryClass(string(b))
	if !ok {
		return &UnknownWordError{Kind: "retry class", Word: Foreign(string(b))}
	}
	*r = got
	return nil
}
