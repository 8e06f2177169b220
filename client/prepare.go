package client

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"retriage/model"
)

// DefaultKeyHeader carries the call's idempotency key when the profile names no
// header (draft-ietf-httpapi-idempotency-key-header).
const DefaultKeyHeader = "Idempotency-Key"

// errMisuse marks mistakes of the program, which no retry can help.
var errMisuse = errors.New("misuse of the client")

// TooLargeError says that a chunk's body is larger than the API takes. Nothing
// was sent; a smaller chunk may fit.
type TooLargeError struct {
	Size, Max int // bytes
	Items     int // in the chunk
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("prepare request: %d bytes for %d items, and the API takes at most %d", e.Size, e.Items, e.Max)
}

// TooLarge gives the sizes in bytes; it is how a runner tells, without knowing
// this package, that a smaller chunk may fit.
func (e *TooLargeError) TooLarge() (size, limit int) { return e.Size, e.Max }

// Prepare makes the exact bytes of one request and sends nothing. The same chunk
// gives the same request, call key included. The errors are ErrNoTarget,
// *TooLargeError, *AddressError (an item's address cannot be used) and those of
// the dialect.
func (c *Client) Prepare(chunk model.Chunk) (model.Request, error) {
	if c.target == nil {
		return model.Request{}, fmt.Errorf("prepare request: %w", ErrNoTarget)
	}
	if c.wording == nil {
		return model.Request{}, fmt.Errorf("prepare request without a dialect: %w", errMisuse)
	}
	if len(chunk.Items) == 0 {
		return model.Request{}, fmt.Errorf("prepare request for no items: %w", errMisuse)
	}
	r := model.Request{Mode: chunk.Mode, Method: http.MethodPost, Header: map[string]string{}, Items: slices.Clone(chunk.Items)}
	write := c.prepareBatch
	if chunk.Mode == model.Alone {
		write = c.prepareAlone
	}
	if err := write(&r, chunk); err != nil {
		return model.Request{}, fmt.Errorf("prepare request: %w", err)
	}
	if limit := c.profile.MaxBytes; limit > 0 && len(r.Body) > limit {
		return model.Request{}, &TooLargeError{Size: len(r.Body), Max: limit, Items: len(chunk.Items)}
	}
	sum := sha256.Sum256(r.Body)
	r.SHA256 = hex.EncodeToString(sum[:])
	c.setKey(&r)
	return r, nil
}

func (c *Client) prepareBatch(r *model.Request, chunk model.Chunk) error {
	body, contentType, err := c.wording.Write(chunk, c.profile)
	if err != nil {
		return err
	}
	r.URL, r.Body = c.target.batch.String(), body
	setMedia(r, contentType)
	return nil
}

// prepareAlone makes the request of one item. Where the item's own URL is the
// endpoint ({request.url}), its method counts too; any other endpoint is posted
// to.
func (c *Client) prepareAlone(r *model.Request, chunk model.Chunk) error {
	if len(chunk.Items) != 1 {
		return fmt.Errorf("%d items for the individual endpoint: %w", len(chunk.Items), errMisuse)
	}
	if c.itemPath == nil {
		return badAddress("the profile has no individual endpoint (item_path)")
	}
	it := chunk.Items[0]
	u, own, err := c.itemPath.fill(c.target, subject{id: it.ID.Wire(), payload: it.Payload, writing: true})
	if err != nil {
		return err
	}
	body, contentType, err := c.wording.WriteOne(it, c.profile)
	if err != nil {
		return err
	}
	r.URL, r.Body = u.String(), body
	if own && it.Payload.Method != "" {
		if r.Method = strings.ToUpper(it.Payload.Method); !isToken(r.Method) {
			return badAddress("%s is not a method that HTTP allows", safe(it.Payload.Method))
		}
	}
	if err := ownItemHeaders(r.Header, it.Payload.Headers); err != nil {
		return err
	}
	setMedia(r, contentType)
	return nil
}

// notFromItems are headers that an item's request may name but that are ours to
// set: they carry credentials or steer the connection.
var notFromItems = []string{
	"Authorization", "Proxy-Authorization", "Cookie", "Host", "Content-Length", "Transfer-Encoding", "Connection",
	"Keep-Alive", "Upgrade", "Te", "Trailer", "Expect", "Accept-Encoding", "Content-Type", "User-Agent",
}

// ownItemHeaders copies the headers of an item's own request, e.g. If-Match,
// under their canonical names, of which the last spelling wins by name.
func ownItemHeaders(to, from map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(from)) {
		value := from[name]
		if !isToken(name) {
			return badAddress("the header name %s is not one that HTTP allows", safe(name))
		}
		if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
			return badAddress("the header %s holds a control character", safe(name))
		}
		if canonical := textproto.CanonicalMIMEHeaderKey(name); !slices.Contains(notFromItems, canonical) {
			to[canonical] = value
		}
	}
	return nil
}

func setMedia(r *model.Request, contentType string) {
	if contentType != "" && len(r.Body) > 0 {
		r.Header["Content-Type"] = contentType
	}
	accept := "application/json"
	base, _, _ := strings.Cut(contentType, ";")
	if strings.HasSuffix(base, "xml") || strings.HasPrefix(base, "multipart/") || base == "text/csv" {
		accept = base
	}
	if _, set := r.Header["Accept"]; !set {
		r.Header["Accept"] = accept + ", */*;q=0.1"
	}
}

// keySpace is the name space of call keys, so that they meet no other UUID.
var keySpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:retriage:call-key"))

// setKey adds the call's idempotency key. It follows from what is sent and for
// which items, so that the same request prepared again, after a crash too, has
// the same key, and two items with equal bodies have different ones. An item
// sent alone that has a key of its own takes that.
//
// The header's name is in lower case on purpose: net/http re-sends a POST by
// itself, on the wire and without a word, when the header map holds
// Idempotency-Key or X-Idempotency-Key in canonical spelling.
func (c *Client) setKey(r *model.Request) {
	header := strings.ToLower(c.profile.KeyHeader)
	switch {
	case c.profile.KeyScope == model.CallKey && header == "":
		header = strings.ToLower(DefaultKeyHeader)
	case c.profile.KeyScope == model.ItemKey && r.Mode == model.Alone && header != "" && r.Items[0].Key != "":
	case c.profile.KeyScope != model.CallKey:
		return
	}
	r.CallKey = r.Items[0].Key
	if r.Mode != model.Alone || r.CallKey == "" {
		name := fmt.Appendf(nil, "%s %s %s", r.Method, r.URL, r.SHA256)
		for _, it := range r.Items {
			name = fmt.Appendf(name, " %d", it.Index)
		}
		r.CallKey = uuid.NewSHA1(keySpace, name).String()
	}
	delete(r.Header, textproto.CanonicalMIMEHeaderKey(header))
	r.Header[header] = r.CallKey
}
