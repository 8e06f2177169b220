package sandbox

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// access is who may do what. The server's lock guards it.
type access struct {
	user    string
	token   [32]byte // SHA-256, so that the state file holds no secret
	expired bool
	all     bool // every resource
	granted map[string]bool
}

func newAccess(o Options) access {
	a := access{user: o.User, token: sha256.Sum256([]byte(o.Token)), all: o.Resources == nil, granted: map[string]bool{}}
	for _, r := range o.Resources {
		a.granted[r] = true
	}
	return a
}

func (a *access) allows(resource string) bool { return a.all || a.granted[resource] }

// check gives nil if the call carries the valid token, else a 401 with the
// challenge of RFC 6750, section 3.
func (a *access) check(h http.Header) *reply {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	challenge := `Bearer realm="sandbox"`
	var rep *reply
	switch {
	case h.Get("Authorization") == "":
		rep = problem(401, codeUnauthorized, "A bearer token is required")
	case !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], a.token[:]) != 1:
		rep = problem(401, codeUnauthorized, "The bearer token is not valid")
		challenge += `, error="invalid_token"`
	case a.expired:
		rep = problem(401, codeExpired, "The bearer token has expired")
		challenge += `, error="invalid_token", error_description="The token has expired"`
	default:
		return nil
	}
	rep.header.Set("WWW-Authenticate", challenge)
	return rep
}

func (a *access) record() record {
	saved := &savedAccess{Token: hex.EncodeToString(a.token[:]), Expired: a.expired, All: a.all, Granted: slices.Sorted(maps.Keys(a.granted))}
	return record{T: recAccess, Access: saved}
}

func (a *access) restore(saved *savedAccess) {
	if saved == nil {
		return
	}
	a.token, a.expired, a.all, a.granted = unhex(saved.Token), saved.Expired, saved.All, map[string]bool{}
	for _, r := range saved.Granted {
		a.granted[r] = true
	}
}

// Renew makes token the valid one and ends an expiry. It fails if the state
// file can not be written.
func (s *Server) Renew(token string) error {
	return s.change(func(a *access) { a.token, a.expired = sha256.Sum256([]byte(token)), false })
}

// Grant gives the token access to more resources.
func (s *Server) Grant(resources ...string) error {
	return s.change(func(a *access) {
		for _, r := range resources {
			a.granted[r] = true
		}
	})
}

// Revoke takes access to resources away. It has no effect on a server that
// grants every resource (Options.Resources nil).
func (s *Server) Revoke(resources ...string) error {
	return s.change(func(a *access) {
		for _, r := range resources {
			delete(a.granted, r)
		}
	})
}

func (s *Server) change(f func(*access)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.access)
	s.journal.add(s.access.record())
	return s.journal.flush()
}

// encode words an answer of the sandbox's own making; unlike items it may be
// written by the JSON package.
func encode(status int, v any) reply {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return *problem(500, codeInternal, "The answer could not be written")
	}
	return jsonReply(status, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// permissions answers GET /auth/permissions.
func (s *Server) permissions(*request) reply {
	resources := slices.Sorted(maps.Keys(s.access.granted))
	if s.access.all {
		resources = []string{"*"}
	}
	if resources == nil {
		resources = []string{}
	}
	return encode(200, map[string]any{
		"user": s.access.user, "scopes": []string{"items:read", "items:write"}, "resources": resources,
	})
}

// resourcePermissions answers GET /resources/{id}/permissions.
func (s *Server) resourcePermissions(req *request) reply {
	allowed, may := s.access.allows(req.arg), []string{}
	if allowed {
		may = []string{"read", "write"}
	}
	return encode(200, map[string]any{
		"resource": req.arg, "user": s.access.user, "allowed": allowed, "permissions": may,
	})
}

// checkAccess answers GET /resources/{id}/check-access: 200 or 403.
func (s *Server) checkAccess(req *request) reply {
	if !s.access.allows(req.arg) {
		return failureReply(&failure{status: 403, code: codePermission, message: "Insufficient permissions for resource " + string(quote(req.arg))})
	}
	return encode(200, map[string]any{"resource": req.arg, "allowed": true})
}

// checkBatch answers POST /auth/check-batch: every resource asked about, in
// the order asked, and the two lists a caller wants.
func (s *Server) checkBatch(req *request) reply {
	type verdict struct {
		Resource string `json:"resource"`
		Allowed  bool   `json:"allowed"`
	}
	answer := struct {
		Results []verdict `json:"results"`
		Allowed []string  `json:"allowed"`
		Denied  []string  `json:"denied"`
	}{[]verdict{}, []string{}, []string{}}
	raws, refused := s.envelope(req.body, "resources")
	if refused != nil {
		return *refused
	}
	for _, raw := range raws {
		var name string
		if json.Unmarshal(raw, &name) != nil || string(raw) == "null" {
			return *problem(400, codeMalformed, `Every one of "resources" must be a string`)
		}
		ok := s.access.allows(name)
		answer.Results = append(answer.Results, verdict{name, ok})
		if ok {
			answer.Allowed = append(answer.Allowed, name)
		} else {
			answer.Denied = append(answer.Denied, name)
		}
	}
	return encode(200, answer)
}

// userRules answers GET /docs/validation/users.
func (s *Server) userRules(*request) reply {
	rep := jsonReply(200, bytes.TrimSpace(Schema()))
	rep.header.Set("Content-Type", "application/schema+json")
	return rep
}

// validateUser answers POST /users/validate: the checks of the payload, all
// of them, and none of the store.
func (s *Server) validateUser(req *request) reply {
	if err := checkJSON(req.body); err != nil {
		return *problem(400, codeMalformed, sentence(err))
	}
	type fault struct {
		Field   string `json:"field"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	faults := []fault{}
	it := readItem(bytes.TrimSpace(req.body), s.schema, s.opt.MaxItemBytes)
	if f := it.refusal; f != nil {
		faults = append(faults, fault{f.field, f.code, f.message})
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(req.body))
	if err == nil {
		for _, v := range violations(s.schema, doc) {
			f := fault{v.failure.field, v.failure.code, v.failure.message}
			if !slices.Contains(faults, f) {
				faults = append(faults, f)
			}
		}
	}
	if len(faults) == 0 {
		return encode(200, map[string]any{"valid": true})
	}
	return encode(422, map[string]any{"valid": false, "errors": faults})
}
