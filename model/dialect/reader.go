package dialect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"retriage/model"
)

// File is one input.
type File struct {
	Name string // for the operator; not read from
	R    io.ReaderAt
	Size int64 // bytes; 0 = until R says that it ends
}

// Input is what belongs to one batch: the files of its response and, where they
// are at hand, of its request. Request files alone are a batch to be sent.
type Input struct {
	Responses []File
	Requests  []File
	Dialect   string // a name, "" = tell by the content
	// Catalog is what dialects there are, nil = those that ship with the program.
	Catalog *Catalog
}

// Reader reads one batch.
type Reader struct {
	in         Input
	d          *Dialect
	candidates []Candidate
	batch      *model.Batch
	bytes      atomic.Int64
	items      atomic.Int64
	steps      int // items of all inputs, for Read alone
	sections   sections
	sizes      sizes
	stretches  int // that a crew has passed
}

// headSize is how much of an input Detect looks at, and farHead how much when
// that shows nothing: something large may stand before the items.
const (
	headSize = 64 << 10
	farHead  = 8 << 20
)

// Open finds the dialect of an input and makes its batch, which is empty until
// Read runs. A response file that is a request is taken for one when no other
// request is given. Errors: ErrEmpty, *NotBatchError, *UnknownDialectError.
func Open(in Input) (*Reader, error) {
	if len(in.Responses)+len(in.Requests) == 0 {
		return nil, ErrEmpty
	}
	r := &Reader{in: in, sizes: usual}
	first := append(append([]File(nil), in.Responses...), in.Requests...)[0]
	if in.Catalog == nil {
		in.Catalog = BuiltIn()
	}
	found, head, why, err := inspect(in.Catalog, first)
	if err != nil {
		return nil, err
	}
	if found, err = in.supported(found); err != nil {
		return nil, err
	}
	r.candidates = candidates(found)
	name := in.name(found)
	if name == "" {
		return nil, &NotBatchError{Why: why}
	}
	if r.d, err = in.Catalog.ByName(name); err != nil {
		return nil, err
	}
	if len(in.Requests) == 0 && isRequest(found, name) && (in.Dialect == "" || !r.d.answers(head)) {
		r.in.Responses, r.in.Requests = nil, in.Responses
		err = unanswered(in, name)
	} else if in.Dialect == "" && len(in.Responses) > 1 {
		err = allAnswers(in, name)
	}
	if err != nil {
		return nil, err
	}
	return r, r.makeBatch()
}

// askedWeight is how much it weighs that the request is one of a dialect.
const askedWeight = 30

// supported lets the request say what the response may be in: an empty list looks
// alike everywhere.
func (in *Input) supported(found []finding) ([]finding, error) {
	if in.Dialect != "" || len(in.Responses) == 0 || len(in.Requests) == 0 {
		return found, nil
	}
	asks, _, _, err := inspect(in.Catalog, in.Requests[0])
	if err != nil && !errors.Is(err, ErrEmpty) {
		return nil, &FileError{Name: in.Requests[0].Name, Err: err}
	}
	for i := range found {
		if isRequest(asks, found[i].Name) {
			found[i].weight += askedWeight
		}
	}
	slices.SortStableFunc(found, func(a, b finding) int { return b.weight - a.weight })
	return found, nil
}

// name is the dialect that was asked for, or else the likeliest, "" = none.
func (in *Input) name(found []finding) string {
	if in.Dialect == "" && len(found) > 0 {
		return found[0].Name
	}
	return in.Dialect
}

// makeBatch makes the batch that Read fills.
func (r *Reader) makeBatch() error {
	var sources []io.ReaderAt
	for _, f := range r.files() {
		sources = append(sources, f.R)
	}
	if len(sources) > maxSources {
		return &NotBatchError{Why: fmt.Sprintf("it consists of more than %d files", maxSources)}
	}
	r.batch = model.NewBatch(sources, decoder{r.d, &r.sections})
	return nil
}

// unanswered sees to it that files of which the first is a request are all
// requests: what was answered must not be taken for what is still to be sent.
func unanswered(in Input, name string) error {
	for _, f := range in.Responses[1:] {
		found, _, _, err := inspect(in.Catalog, f)
		if err != nil && !errors.Is(err, ErrEmpty) {
			return err
		}
		if slices.ContainsFunc(found, func(one finding) bool { return one.Name == name && one.kind != isRequested }) {
			return &NotBatchError{Why: fmt.Sprintf("%s looks like a request and %s like an answer; give the request with --request, or name the format with --dialect where all are answers",
				model.Foreign(in.Responses[0].Name).Safe(model.SafeShort), model.Foreign(f.Name).Safe(model.SafeShort))}
		}
	}
	return nil
}

// allAnswers sees to it that of several files none looks like a request: what it
// holds would be taken for what was never tried, and sent a second time.
func allAnswers(in Input, name string) error {
	for _, f := range in.Responses[1:] {
		found, _, _, err := inspect(in.Catalog, f)
		first, other := model.Foreign(in.Responses[0].Name).Safe(model.SafeShort), model.Foreign(f.Name).Safe(model.SafeShort)
		switch {
		case err != nil:
		case isRequest(found, name):
			err = &NotBatchError{Why: fmt.Sprintf("%s looks like an answer and %s like a request; give the request with --request, or name the format with --dialect %s where all are answers",
				first, other, name)}
		case !slices.ContainsFunc(found, func(one finding) bool { return one.Name == name }):
			err = &NotBatchError{Why: fmt.Sprintf("%s looks like %s and %s does not; where all of them are answers, name the format with --dialect %s, and give what is a request with --request",
				first, name, other, name)}
		default:
			continue
		}
		if err != nil && !errors.Is(err, ErrEmpty) {
			return &FileError{Name: f.Name, Err: err}
		}
	}
	return nil
}

// maxSources is how many files a batch can tell apart (model.Batch keeps a
// source in a byte).
const maxSources = 256

// inspect tells by the beginning of a file what it may be.
func inspect(c *Catalog, f File) (found []finding, head []byte, why string, err error) {
	for _, size := range []int{headSize, farHead} {
		if head, err = headOf(f, size); err != nil {
			return nil, nil, "", err
		}
		if found, why = c.detect(head); len(found) > 0 || len(head) < size {
			break
		}
	}
	return found, head, why, nil
}

// headOf reads the beginning of a file.
func headOf(f File, size int) ([]byte, error) {
	if f.Size > 0 {
		size = int(min(int64(size), f.Size))
	}
	head := make([]byte, size)
	n, err := 0, error(nil)
	for n < size && err == nil { // a stream may give less at once
		var m int
		m, err = f.R.ReadAt(head[n:], int64(n))
		n += m
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the beginning of the input: %w", err)
	}
	if n == 0 {
		return nil, ErrEmpty
	}
	return head[:n], nil
}

// files lists the batch's sources: responses first.
func (r *Reader) files() []File {
	return append(r.in.Responses[:len(r.in.Responses):len(r.in.Responses)], r.in.Requests...)
}

// Dialect is the dialect that was found or asked for. It knows the shape of the
// request once Read has passed it, so Write puts a retry into the same.
func (r *Reader) Dialect() *Dialect { return r.d }

// Candidates lists what the content looks like, best first.
func (r *Reader) Candidates() []Candidate { return r.candidates }

// Batch is the batch; it grows while Read runs.
func (r *Reader) Batch() *model.Batch { return r.batch }

// Progress says how many bytes of all inputs were read, and how many answers
// (or, without a response, requests) were found in them. It may be called from
// any goroutine.
func (r *Reader) Progress() (bytesRead int64, items int) {
	return r.bytes.Load(), int(r.items.Load())
}

// Read reads to the end. What was read stays in the batch whatever the error:
// ctx's own, ErrEmpty, *TruncatedError, *SyntaxError, *NotBatchError,
// *RefusedError, *LimitError, or a failing read. Unless ctx stopped it, the
// batch is complete afterwards, and what a response that broke off should have
// answered is unanswered.
func (r *Reader) Read(ctx context.Context) error {
	j := newJoin(r.d, r.batch, len(r.in.Responses) == 0)
	j.text = r.textOf
	err := r.requests(ctx, j)
	if err == nil {
		err = r.responses(ctx, j)
	}
	if err != nil {
		return r.stop(ctx, j, err)
	}
	j.finish()
	return nil
}

// requests reads what was asked for.
func (r *Reader) requests(ctx context.Context, j *join) error {
	for i, f := range r.in.Requests {
		j.file = i
		source := len(r.in.Responses) + i
		ask := &r.d.spec.Request
		q := query{at: ask.At, many: ask.Many, drop: ask.Drop, pair: ask.Pair, enter: r.enter(source)}
		o, err := r.d.asks.walk(r.window(f), q, func(off int64, n int, e element) error {
			j.ask(model.Span{Source: source, Off: off, Len: n}, &e)
			return r.step(ctx, len(r.in.Responses) == 0)
		})
		if err == nil && !o.found {
			err = &NotBatchError{Why: "the request has no list of items"}
		}
		if err != nil {
			return r.blame(f, fmt.Errorf("read request: %w", err))
		}
		j.request = append(j.request, parse(o.top))
		if i == 0 {
			r.d.shape.Store(&shape{o.frame, o.top})
		}
	}
	return nil
}

// responses reads what was answered.
func (r *Reader) responses(ctx context.Context, j *join) error {
	if len(j.asked) == 0 {
		j.index.again = j.hashAgain
	}
	for i, f := range r.in.Responses {
		j.file = i
		if f.Size > 0 && f.Size <= headSize {
			if refused := r.d.refusalIn(newWindow(f)); refused != nil {
				return r.blame(f, refused)
			}
		}
		before := j.answers
		o, err := r.walkResponse(ctx, f, j, i)
		j.say(o.top)
		if err == nil {
			err = r.d.refusal(o, j.answers-before)
		}
		if err != nil {
			return r.blame(f, err)
		}
	}
	return nil
}

// blame puts the name of a file to an error, where there are several.
func (r *Reader) blame(f File, err error) error {
	if len(r.files()) < 2 || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &FileError{Name: f.Name, Err: err}
}

// walkResponse passes one response file and joins what it answers.
func (r *Reader) walkResponse(ctx context.Context, f File, j *join, source int) (outline, error) {
	items := &r.d.spec.Items
	t := &teller{d: r.d, source: source, names: len(j.asked) > 0, order: j.told}
	defer func() { j.told = t.order }()
	q := query{at: items.At, many: items.Many, lists: items.Lists, beside: items.Beside, want: r.d.want, wrap: items.Wrap, enter: r.enter(source)}
	q.crew = newCrew(ctx, f, t, r.sizes, func(s *stretch) error {
		j.stretch(source, s)
		r.stretches++
		r.items.Add(int64(len(s.spots)))
		return ctx.Err()
	})
	return r.d.medium.walk(r.window(f), q, func(off int64, length int, e element) error {
		var one told
		t.tell(off, length, &e, &one)
		j.answer(&one)
		return r.step(ctx, true)
	})
}

// enter notes where the lists of a source begin.
func (r *Reader) enter(source int) func(section) *section {
	return func(sec section) *section {
		sec.source = source
		return r.sections.enter(sec)
	}
}

// window opens a file and counts what is read of it.
func (r *Reader) window(f File) *window {
	w, last := newWindow(f), int64(0)
	w.moved = func(n int64) {
		if n > last {
			r.bytes.Add(n - last)
			last = n
		}
	}
	return w
}

// step is called for each item that was read; counts says whether it is one
// that Progress counts.
func (r *Reader) step(ctx context.Context, counts bool) error {
	if counts {
		r.items.Add(1)
	}
	if r.steps++; r.steps%queueSize != 0 {
		return nil
	}
	return ctx.Err()
}

// stop ends a reading that met an error. A refusal has no items: what was
// requested is not in the batch then.
func (r *Reader) stop(ctx context.Context, j *join, err error) error {
	var refused *RefusedError
	switch {
	case ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrStopped):
		j.flush()
		return ctx.Err()
	case ctx.Err() != nil:
		err = ErrStopped
		j.found.tops = nil // the walk may have been ahead, and what a summary adds up was not all looked at
		j.found.broken = "Reading was stopped after " + model.Plural(j.answers, "answer") + "; the rest of the input was not looked at."
	case errors.As(err, &refused) && j.answers == 0:
		j.asked, j.found.tops = nil, nil
	default:
		j.found.broken = "Reading ended early: " + err.Error() + "."
	}
	j.finish()
	return err
}
