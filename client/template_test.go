package client

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"retriage/model"
)

// want "" means refused, "-" means nothing to fill it with.
func TestItemURLs(t *testing.T) {
	body := func(json string) model.Payload {
		return model.Payload{Known: true, Method: "POST", Body: []byte(json)}
	}
	at := func(method, u string) model.Payload {
		return model.Payload{Known: true, Method: method, URL: model.Foreign(u)}
	}
	type probe struct {
		id       string
		serverID string
		location string
		payload  model.Payload
	}
	const byLocation = "{response.headers.location}"
	for _, row := range []struct {
		name, base, batch, template string
		item                        probe
		want                        string
	}{
		{"plain", "https://h/api", "/batch", "/items/{id}", probe{id: "a-1"}, "https://h/api/items/a-1"},
		{"no leading slash", "https://h/api", "/batch", "items/{id}", probe{id: "1"}, "https://h/api/items/1"},
		{"absolute template", "https://h/api", "/batch", "https://h/api/items/{id}", probe{id: "1"}, "https://h/api/items/1"},
		{"slash", "https://h/api", "/batch", "/items/{id}", probe{id: "a/b"}, "https://h/api/items/a%2Fb"},
		{"dot", "https://h/api", "/batch", "/items/{id}", probe{id: "."}, ""},
		{"dots", "https://h/api", "/batch", "/items/{id}", probe{id: ".."}, ""},
		{"dots deeper, for proxies that decode", "https://h/api", "/batch", "/items/{id}", probe{id: "../../admin"}, ""},
		{"encoded dots", "https://h/api", "/batch", "/items/{id}", probe{id: "%2e%2e"}, "https://h/api/items/%252e%252e"},
		{"dots around a value", "https://h/api", "/batch", "/items/.{id}", probe{id: "."}, ""},
		{"dots made by a template", "https://h/api", "/batch", "/items/{id}{response.id}", probe{id: "a", serverID: "b"}, "https://h/api/items/ab"},
		{"empty", "https://h/api", "/batch", "/items/{id}", probe{}, "-"},
		{"question mark", "https://h/api", "/batch", "/items/{id}", probe{id: "a?admin=1"}, "https://h/api/items/a%3Fadmin=1"},
		{"hash", "https://h/api", "/batch", "/items/{id}", probe{id: "a#b"}, "https://h/api/items/a%23b"},
		{"backslash", "https://h/api", "/batch", "/items/{id}", probe{id: `..\..`}, ""},
		{"line end", "https://h/api", "/batch", "/items/{id}", probe{id: "a\r\nX: y"}, ""},
		{"NUL", "https://h/api", "/batch", "/items/{id}", probe{id: "a\x00"}, ""},
		{"C1 control", "https://h/api", "/batch", "/items/{id}", probe{id: "a\u009b"}, ""},
		{"at sign and colon", "https://h/api", "/batch", "/items/{id}", probe{id: "@evil:80"}, "https://h/api/items/@evil:80"},
		{"scheme", "https://h/api", "/batch", "/items/{id}", probe{id: "http://evil/"}, "https://h/api/items/http:%2F%2Fevil%2F"},
		{"umlaut and emoji", "https://h/api", "/batch", "/items/{id}", probe{id: "ä🙂"}, "https://h/api/items/%C3%A4%F0%9F%99%82"},
		{"invalid UTF-8", "https://h/api", "/batch", "/items/{id}", probe{id: "\xff"}, "https://h/api/items/%FF"},
		{"512 bytes", "https://h/api", "/batch", "/items/{id}", probe{id: strings.Repeat("a", 512)}, "https://h/api/items/" + strings.Repeat("a", 512)},
		{"513 bytes", "https://h/api", "/batch", "/items/{id}", probe{id: strings.Repeat("a", 513)}, ""},
		{"in a query", "https://h/api", "/batch", "/items?ref={id}&x=1", probe{id: "a&x=2/.."}, "https://h/api/items?ref=a%26x%3D2%2F..&x=1"},
		{"OData key", "https://h/api", "/batch", "/Products('{id}')", probe{id: "O'Neil"}, "https://h/api/Products('O%27%27Neil')"},
		{"from the body", "https://h/api", "/batch", "/items/{request.body./ID}", probe{id: "1", payload: body(`{"ID":12345678901234567890}`)}, "https://h/api/items/12345678901234567890"},
		{"deep in the body", "https://h/api", "/batch", "/items/{request.body./a~1b/0/c~0d}", probe{payload: body(`{"a/b":[{"c~d":"x"}]}`)}, "https://h/api/items/x"},
		{"an object in the body", "https://h/api", "/batch", "/items/{request.body./a}", probe{payload: body(`{"a":{}}`)}, "-"},
		{"null in the body", "https://h/api", "/batch", "/items/{request.body./a}", probe{payload: body(`{"a":null}`)}, "-"},
		{"no such index", "https://h/api", "/batch", "/items/{request.body./a/7}", probe{payload: body(`{"a":[1]}`)}, "-"},
		{"no body", "https://h/api", "/batch", "/items/{request.body./a}", probe{id: "1"}, "-"},

		{"location absolute", "https://h/api", "/batch", byLocation, probe{location: "https://h/api/items/9?v=1"}, "https://h/api/items/9?v=1"},
		{"location with the port spelled out", "https://h/api", "/batch", byLocation, probe{location: "HTTPS://H:443/api/items/9"}, "https://H:443/api/items/9"},
		{"location by path", "https://h/api", "/batch", byLocation, probe{location: "/api/items/9"}, "https://h/api/items/9"},
		{"location relative to the service root", "https://h/odata", "/v4/$batch", byLocation, probe{location: "Products(1)"}, "https://h/odata/v4/Products(1)"},
		{"location relative to the base", "https://h/fhir", "", byLocation, probe{location: "Patient/1/_history/2"}, "https://h/fhir/Patient/1/_history/2"},
		{"location on another host", "https://h/api", "/batch", byLocation, probe{location: "https://evil/api/items/9"}, ""},
		{"location without a scheme", "https://h/api", "/batch", byLocation, probe{location: "//evil/api/items/9"}, ""},
		{"location on another port", "https://h/api", "/batch", byLocation, probe{location: "https://h:8443/api/items/9"}, ""},
		{"location by http", "https://h/api", "/batch", byLocation, probe{location: "http://h/api/items/9"}, ""},
		{"location with a user", "https://h/api", "/batch", byLocation, probe{location: "https://me@h/api/items/9"}, ""},
		{"location with a host as user", "https://h/api", "/batch", byLocation, probe{location: "https://h@evil/api/items/9"}, ""},
		{"location outside the base path", "https://h/api", "/batch", byLocation, probe{location: "/admin"}, ""},
		{"location next to the base path", "https://h/api", "/batch", byLocation, probe{location: "/apiary/1"}, ""},
		{"location climbing out", "https://h/api", "/batch", byLocation, probe{location: "/api/../admin"}, ""},
		{"location climbing out encoded", "https://h/api", "/batch", byLocation, probe{location: "/api/%2e%2e/admin"}, ""},
		{"location with backslashes", "https://h/api", "/batch", byLocation, probe{location: `https:\\evil\x`}, ""},
		{"location with encoded backslash", "https://h/api", "/batch", byLocation, probe{location: `/api/%5C..%5Cadmin`}, ""},
		{"location opaque", "https://h/api", "/batch", byLocation, probe{location: "https:evil"}, ""},
		{"location file", "https://h/api", "/batch", byLocation, probe{location: "file:///etc/passwd"}, ""},
		{"location IPv6-mapped", "https://127.0.0.1/api", "/batch", byLocation, probe{location: "https://[::ffff:127.0.0.1]/api/1"}, ""},
		{"location of metadata", "https://h/api", "/batch", byLocation, probe{location: "http://169.254.169.254/latest"}, ""},
		{"location punycode twin", "https://hä/api", "/batch", byLocation, probe{location: "https://xn--h-0fa/api/1"}, ""},
		{"location too long", "https://h/api", "/batch", byLocation, probe{location: "/api/" + strings.Repeat("a", maxURL)}, ""},
		{"no location, then the body", "https://h/api", "/batch", byLocation + " | /items/{request.body./ID}", probe{payload: body(`{"ID":"7"}`)}, "https://h/api/items/7"},
		{"bad location, then the body", "https://h/api", "/batch", byLocation + " | /items/{request.body./ID}", probe{location: "//evil/", payload: body(`{"ID":"7"}`)}, "https://h/api/items/7"},
		{"bad location, nothing else", "https://h/api", "/batch", byLocation + " | /items/{request.body./ID}", probe{location: "//evil/"}, ""},
		{"no location, nothing else", "https://h/api", "/batch", byLocation, probe{id: "1"}, "-"},
		{"location first", "https://h/api", "/batch", byLocation + " | /items/{id}", probe{id: "1", location: "/api/items/9"}, "https://h/api/items/9"},
		{"the server's id", "https://h/api", "/batch", "/items/{response.id}", probe{id: "1", serverID: "srv-1"}, "https://h/api/items/srv-1"},

		{"request URL of a PATCH", "https://h/api", "/batch", "{request.url}", probe{payload: at("PATCH", "/api/items/1")}, "https://h/api/items/1"},
		{"request URL below the service root", "https://g/v1.0", "/$batch", "{request.url}", probe{payload: at("delete", "/users/1")}, "https://g/v1.0/users/1"},
		{"request URL of a POST names a collection", "https://h/api", "/batch", "{request.url}", probe{payload: at("POST", "/api/items")}, "-"},
		{"request URL without a method", "https://h/api", "/batch", "{request.url}", probe{payload: at("", "/api/items")}, "-"},
		{"request URL elsewhere", "https://h/api", "/batch", "{request.url}", probe{payload: at("PUT", "https://evil/api/1")}, ""},
		{"request URL of another item", "https://h/api", "/batch", "{request.url}", probe{payload: at("PUT", "$1/orders")}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			target, err := newTarget(row.base, row.batch)
			if err != nil {
				t.Fatal(err)
			}
			tp, err := parseTemplate(target, row.template)
			if err != nil {
				t.Fatal(err)
			}
			u, _, err := tp.fill(target, subject{id: row.item.id, responseID: row.item.serverID, location: row.item.location, payload: row.item.payload})
			var bad *AddressError
			switch {
			case row.want == "-":
				if !errors.Is(err, errUnfilled) {
					t.Errorf("got %v, %v, want nothing to fill it with", u, err)
				}
			case row.want == "":
				if !errors.As(err, &bad) {
					t.Errorf("got %v, %v, want a refusal", u, err)
				}
			case err != nil || u.String() != row.want:
				t.Errorf("got %v, %v, want %s", u, err, row.want)
			}
		})
	}
}

func FuzzItemURL(f *testing.F) {
	target, err := newTarget("https://h:8443/api/v1", "/batch")
	if err != nil {
		f.Fatal(err)
	}
	tp, err := parseTemplate(target, "{response.headers.location} | /items/{id}/detail?x={response.id}")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"a", "..", "%2e%2e", "//evil", `\\evil`, "a/../../b", "https://h:8443/api/v1/x", "a?b#c", "\x00", "@evil"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, id, location string) {
		u, _, err := tp.fill(target, subject{id: id, responseID: id, location: location})
		if err != nil {
			return
		}
		again, err := url.Parse(u.String())
		if err != nil {
			t.Fatalf("%q: %v", u, err)
		}
		if origin(again) != "https://h:8443" || !under(again.EscapedPath(), "/api/v1") || again.User != nil || hasDots(again) {
			t.Errorf("%q and %q lead to %s", id, location, again)
		}
	})
}

func TestNewRefusesAddresses(t *testing.T) {
	for _, row := range []struct{ name, base, batch, item, want string }{
		{"no scheme", "api.example.com", "/b", "", "must begin with"},
		{"file", "file:///etc", "/b", "", "must begin with"},
		{"no host", "https:///x", "/b", "", "names no host"},
		{"password", "https://me:" + canary + "@h", "/b", "", "holds a user or password"},
		{"token in the base", "https://h/?token=" + canary, "/b", "", "must end with its path"},
		{"token in the path", "https://h", "/b?access_token=" + canary, "", "carries a secret as ?access_token="},
		{"batch path climbs", "https://h/api", "/../b", "", "has ., .."},
		{"unknown word", "https://h", "/b", "/items/{key}", "knows no {key}"},
		{"no brace", "https://h", "/b", "/items/{id", "without }"},
		{"address in an address", "https://h", "/b", "/x{request.url}", "must stand alone"},
		{"template elsewhere", "https://h", "/b", "https://evil/{id}", "another server"},
		{"control character", "https://h\x1b", "/b", "", "cannot be read"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := New(Config{Profile: model.Profile{BaseURL: row.base, BatchPath: row.batch, ItemURL: row.item}})
			if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	for base, want := range map[string]int{"https://api.example.com": 0, "http://127.0.0.1:8080": 0, "http://[::1]": 0, "http://localhost": 0, "http://api.example.com": 1, "": 0} {
		cfg := at(base)
		if base == "" {
			cfg.Profile = model.Profile{}
		}
		if got := open(t, cfg).Warnings(); len(got) != want {
			t.Errorf("%s: %q", base, got)
		}
	}
}
