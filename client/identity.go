package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"retriage/model"
)

// identity is a credential that was loaded.
type identity struct {
	header string
	value  model.Secret
}

// identity gives the loaded credential, and loads it the first time.
func (c *Client) identity(ctx context.Context) (identity, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		if err := c.loadLocked(ctx); err != nil {
			return identity{}, err
		}
	}
	return *c.known, nil
}

// loadLocked reads the credential. The caller holds mu.
func (c *Client) loadLocked(ctx context.Context) error {
	secret, err := c.credential.Load(ctx)
	if err != nil {
		return err
	}
	header, value := c.credential.header(secret)
	c.known = &identity{header, value}
	if !slices.ContainsFunc(c.past, func(p model.Secret) bool { return p.Reveal() == secret.Reveal() }) {
		c.past = append(c.past, secret)
	}
	return nil
}

// maskFrom is the length from which a secret is looked for in replies: a shorter
// one would be found in text that has nothing to do with it.
const maskFrom = 8

// mask hides every secret of ours that a server repeats in its reply.
func (c *Client) mask(body []byte) []byte {
	for _, form := range c.secretForms() {
		if bytes.Contains(body, []byte(form)) {
			body = bytes.ReplaceAll(body, []byte(form), []byte(model.Secret{}.String()))
		}
	}
	return body
}

// maskText is mask for a header's value.
func (c *Client) maskText(s string) string { return string(c.mask([]byte(s))) }

// secretForms lists the spellings in which our secrets may come back.
func (c *Client) secretForms() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var forms []string
	add := func(s string) {
		if len(s) >= maskFrom {
			forms = append(forms, s)
		}
	}
	for _, secret := range c.past {
		plain := secret.Reveal()
		add(base64.StdEncoding.EncodeToString([]byte(plain)))
		add(plain)
		if quoted, err := json.Marshal(plain); err == nil && len(quoted) != len(plain)+2 {
			add(string(quoted[1 : len(quoted)-1]))
		}
		if escaped := url.QueryEscape(plain); escaped != plain {
			add(escaped)
		}
		if _, password, ok := strings.Cut(plain, ":"); ok && c.credential.Kind == Basic {
			add(password)
		}
	}
	return forms
}
