package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"retriage/model"
	"retriage/triage"
)

// keyBatch is how many keys one journal event holds.
const keyBatch = 1000

// makeKeys gives an idempotency key to each item that has none for its payload,
// before anything of the plan is sent. An item that cannot be read is told when
// its turn comes.
func (r *Runner) makeKeys(ctx context.Context, indexes []int) error {
	if !r.keyed() {
		return nil
	}
	for part := range slices.Chunk(indexes, keyBatch) {
		var made []model.ItemKeyed
		for _, i := range part {
			it, p, edited, err := r.cfg.Desk.Payload(i)
			if err != nil || !p.Known {
				continue
			}
			if k, fresh := r.key(it, p, edited); fresh {
				made = append(made, k)
			}
		}
		if len(made) == 0 {
			continue
		}
		if err := r.commit(ctx, model.Event{Type: model.EvKey, Keys: made}); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (r *Runner) keyed() bool {
	s := r.cfg.Profile.KeyScope
	return s == model.ItemKey || s == model.CallKey
}

// key gives the key of an item for the payload it is to be sent with; fresh says
// that the journal does not know it yet. The same payload keeps its key, so that
// a server that honours keys applies it once; another payload gets another key,
// since reusing one is an error (draft-ietf-httpapi-idempotency-key-header). An
// item that was never changed goes on with the key that its request came with.
func (r *Runner) key(it model.Item, p model.Payload, edited bool) (k model.ItemKeyed, fresh bool) {
	k = model.ItemKeyed{Index: it.Index, SHA256: payloadSum(p, r.cfg.Profile.KeyField)}
	var key, sum string
	r.cfg.Desk.Look(func(s *triage.Session) { key, sum = s.Key(it.Index) })
	switch own := ownKey(p, r.cfg.Profile.KeyField); {
	case key != "" && sum == k.SHA256:
		k.Key = key
		return k, false
	case !edited && own != "":
		k.Key = own
	default:
		k.Key = r.cfg.NewKey()
	}
	return k, true
}

// keyPath is the field that carries a key as gjson and sjson want it. The
// profile names it plainly or as a JSON Pointer.
func keyPath(field string) string {
	return strings.ReplaceAll(strings.TrimPrefix(field, "/"), "/", ".")
}

// ownKey is the key in the request as it came, or "".
func ownKey(p model.Payload, field string) string {
	if field == "" || p.Medium != model.JSON {
		return ""
	}
	for _, where := range [][]byte{p.Body, p.Envelope} {
		if got := gjson.GetBytes(where, keyPath(field)); got.Type == gjson.String && got.Str != "" {
			return got.Str
		}
	}
	return ""
}

// payloadSum is the SHA-256 of all that an operator can change in a payload. The
// field that carries the key does not count.
func payloadSum(p model.Payload, field string) string {
	body := p.Body
	if field != "" && p.Medium == model.JSON && gjson.GetBytes(body, keyPath(field)).Exists() {
		if rest, err := sjson.DeleteBytes(slices.Clone(body), keyPath(field)); err == nil {
			body = rest
		}
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", p.Method, p.URL.Wire())
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		fmt.Fprintf(h, "%q %q\n", name, p.Headers[name])
	}
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
