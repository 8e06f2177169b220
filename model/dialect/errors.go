package dialect

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"retriage/model"
)

// ErrEmpty says that an input has no bytes at all.
var ErrEmpty = errors.New("the input is empty")

// ErrBroken says that an item cannot be taken apart: reading an input looks at
// what tells a yes from a no, and finds out only here that the rest is not sound.
var ErrBroken = errors.New("the item is broken inside; what it says beside its status cannot be read")

// TruncatedError says that an input ends before its end: what came before it is
// in the batch.
type TruncatedError struct {
	Line, Column int   // of the last byte, from 1; Column counts bytes
	Offset       int64 // bytes that are there
	Items        int   // items that were read whole
}

func (e *TruncatedError) Error() string {
	return fmt.Sprintf("the input is cut off at line %s, column %s, after %s",
		model.Number(e.Line), model.Number(e.Column), model.Plural(e.Items, "item"))
}

// SyntaxError says that an input is broken in its middle: what came before it
// is in the batch.
type SyntaxError struct {
	Line, Column int   // from 1; Column counts bytes
	Offset       int64 // from 0
	Items        int   // items that were read whole
	Why          string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("the input is broken at line %s, column %s, after %s: %s",
		model.Number(e.Line), model.Number(e.Column), model.Plural(e.Items, "item"), e.Why)
}

// NotBatchError says that an input is something else than a batch.
type NotBatchError struct{ Why string } // a safe sentence part

func (e *NotBatchError) Error() string { return "this is no batch that is known here: " + e.Why }

// FileError says which of several files an error is about. Its text is that of
// the error alone.
type FileError struct {
	Name string // as it was given, foreign
	Err  error
}

func (e *FileError) Error() string { return e.Err.Error() }

// Unwrap gives the error.
func (e *FileError) Unwrap() error { return e.Err }

// RefusedError says that the server refused the batch as a whole, so that there
// are no items. It is a finding, not a fault of the input.
type RefusedError struct {
	Status  int // as the body says it, 0 = not said
	Code    model.Untrusted
	Message model.Untrusted
}

func (e *RefusedError) Error() string {
	var b strings.Builder
	b.WriteString("the server refused the whole batch")
	switch words := e.words(); {
	case words == "":
	case e.Status == 0 && e.Code.IsZero():
		b.WriteString(": " + words)
	case e.Status == 0:
		b.WriteString(", " + words)
	default:
		b.WriteString(" with " + words)
	}
	return b.String()
}

// words are status, code and message, as far as they are there.
func (e *RefusedError) words() string {
	var parts []string
	if e.Status > 0 {
		parts = append(parts, "status "+strconv.Itoa(e.Status))
	}
	if !e.Code.IsZero() {
		parts = append(parts, "code "+e.Code.Safe(model.SafeShort))
	}
	words := strings.Join(parts, ", ")
	if !e.Message.IsZero() {
		words = strings.TrimPrefix(words+": ", ": ") + e.Message.Safe(model.SafeShort)
	}
	return words
}

// LimitError says that an input goes beyond what is read at all.
type LimitError struct {
	What   string // e.g. "one item is larger than 16 MiB"
	Offset int64  // where it was noticed
	Items  int    // items that were read whole
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the input goes beyond a limit after %s: %s", model.Plural(e.Items, "item"), e.What)
}

// ReferenceError says that an item speaks of the result of another one that is
// not in the same batch, so that the server could not resolve it, and of which
// it is not known what has become of it.
type ReferenceError struct{ Item, Missing model.ID }

func (e *ReferenceError) Error() string {
	return "item " + e.Item.Safe() + " refers to " + e.Missing.Safe() + ", which is not sent with it"
}

// ItemError says that one item of a batch cannot be written; the others can.
type ItemError struct {
	Index int // its place in the batch
	Err   error
}

func (e *ItemError) Error() string { return e.Err.Error() }

// Unwrap gives what is wrong with the item.
func (e *ItemError) Unwrap() error { return e.Err }

// Item is the item's place in the batch.
func (e *ItemError) Item() int { return e.Index }

// ColumnError says that the rows of a batch do not fit under one header.
type ColumnError struct{ Column model.Untrusted }

func (e *ColumnError) Error() string {
	return "a row has no column " + e.Column.Safe(model.SafeShort) + ", which the others have"
}

// ErrStopped is the cause (context.Cause) of a reading that an operator stopped:
// what was read is kept, and the rest is told to be missing.
var ErrStopped = errors.New("reading was stopped")

// ClashError says that two items may not travel in one batch of this API. A
// smaller batch may hold each.
type ClashError struct{ Item, Other model.ID }

func (e *ClashError) Error() string {
	return "items " + e.Other.Safe() + " and " + e.Item.Safe() + " may not travel in one batch: they have the same key"
}

// UnknownDialectError says that there is no dialect of that name.
type UnknownDialectError struct {
	Asked model.Untrusted
	Near  string   // the known name that is most like it, "" = none is
	Known []string // all names
}

func (e *UnknownDialectError) Error() string {
	text := "unknown dialect " + e.Asked.Safe(model.SafeShort)
	if e.Near != "" {
		text += ", did you mean " + e.Near + "?"
	}
	return text + " (known: " + strings.Join(e.Known, ", ") + ")"
}
