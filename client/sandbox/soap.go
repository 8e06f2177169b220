package sandbox

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// soapEnvelope is the namespace of SOAP 1.1; answers are wrapped in it if the
// call was.
const soapEnvelope = "http://schemas.xmlsoap.org/soap/envelope/"

var errNotSOAP = errors.New("the body is not a BatchRequest with CreateRequest elements")

// prepareSOAP reads <BatchRequest><CreateRequest id="..">..</CreateRequest>
// </BatchRequest>, in an Envelope and a Body or bare.
func (s *Server) prepareSOAP(req *request) {
	raws, err := readSOAP(req.body, s.opt.MaxItems)
	switch {
	case err != nil:
		rep := soapFault(400, sentence(err))
		req.prepared = &rep
	case len(raws) > s.opt.MaxItems:
		rep := soapFault(413, fmt.Sprintf("The batch holds more than %d items", s.opt.MaxItems))
		req.prepared = &rep
	}
	if req.prepared != nil {
		return
	}
	for _, raw := range raws {
		req.items = append(req.items, readItem(raw, s.schema, s.opt.MaxItemBytes))
	}
}

// readSOAP gives each CreateRequest as the JSON object it stands for; it stops
// after one more than limit.
func readSOAP(body []byte, limit int) (raws [][]byte, err error) {
	d := xml.NewDecoder(bytes.NewReader(body)) // strict: it knows no entities but the five
	inside := false
	for depth := 0; len(raws) <= limit; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) && len(raws) > 0 {
			return raws, nil
		}
		if err != nil {
			return nil, errNotSOAP
		}
		switch t := tok.(type) {
		case xml.Directive:
			return nil, errNotSOAP // no document type, hence no entities
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			if inside && t.Name.Local == "CreateRequest" {
				raw, err := readCreate(d, t)
				if err != nil {
					return nil, err
				}
				raws = append(raws, raw)
				depth--
				continue
			}
			inside = inside || t.Name.Local == "BatchRequest"
			if depth > 4 {
				return nil, errNotSOAP
			}
		}
	}
	return raws, nil
}

// readCreate reads the fields of one CreateRequest: the id from its attribute,
// the rest from its child elements, in their order.
func readCreate(d *xml.Decoder, start xml.StartElement) ([]byte, error) {
	out := []byte{'{'}
	add := func(name string, value []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(out, quote(name)...), ':')
		out = append(out, value...)
	}
	for _, a := range start.Attr {
		if a.Name.Local == "id" {
			add("id", quote(a.Value))
		}
	}
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, errNotSOAP
		}
		switch t := tok.(type) {
		case xml.EndElement:
			return append(out, '}'), nil
		case xml.StartElement:
			text, err := readText(d)
			if err != nil {
				return nil, err
			}
			add(t.Name.Local, typed(t.Name.Local, text))
		}
	}
}

// readText gives the text of the element just opened; elements in it are refused.
func readText(d *xml.Decoder) (string, error) {
	var b strings.Builder
	for {
		tok, err := d.Token()
		if err != nil {
			return "", errNotSOAP
		}
		switch t := tok.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			return b.String(), nil
		case xml.StartElement:
			return "", errNotSOAP
		}
	}
}

// typed gives the JSON value of a field: a number or a boolean where the
// schema wants one and the text is one, else a string.
func typed(name, text string) []byte {
	word := []byte(strings.TrimSpace(text))
	switch schemaType(name) {
	case "integer", "number":
		if len(word) > 0 && (word[0] == '-' || (word[0] >= '0' && word[0] <= '9')) && checkJSON(word) == nil {
			return word
		}
	case "boolean":
		if string(word) == "true" || string(word) == "false" {
			return word
		}
	}
	return quote(text)
}

// schemaType gives the type the users schema has for a field, or "".
func schemaType(name string) string {
	var t string
	_ = json.Unmarshal(lookup(lookup(lookup(usersSchema, "properties"), name), "type"), &t) // absent: ""
	return t
}

// soap answers POST /soap: 200, whatever became of the items.
func (s *Server) soap(req *request) reply {
	if req.prepared != nil {
		return *req.prepared
	}
	t := &turn{at: req.at}
	b := []byte("<BatchResponse>\n")
	final := true
	for _, it := range req.items {
		r := s.settle(it, t)
		final = final && r.final()
		b = appendCreate(b, it, r)
	}
	b = append(b, "</BatchResponse>\n"...)
	if bytes.Contains(req.body, []byte(soapEnvelope)) {
		b = slices.Concat([]byte(`<soap:Envelope xmlns:soap="`+soapEnvelope+"\"><soap:Body>\n"), b, []byte("</soap:Body></soap:Envelope>\n"))
	}
	rep := xmlReply(200, b)
	rep.final = final
	return rep
}

// appendCreate appends one CreateResponse.
func appendCreate(b []byte, it *item, r result) []byte {
	b = append(b, `<CreateResponse id="`+escapeXML(it.id)+`" status="`...)
	if r.ok() {
		return append(b, "success\"/>\n"...)
	}
	message := r.failure.message
	if r.failure.code == codeValidation {
		message = "Validation failed: " + message
	}
	b = append(b, `failure"><Error code="`+r.failure.code+`"`...)
	if r.failure.retryAfter > 0 {
		b = append(b, ` retryAfter="`+strconv.FormatFloat(r.failure.retryAfter.Seconds(), 'f', -1, 64)+`"`...)
	}
	return append(b, ">"+escapeXML(message)+"</Error></CreateResponse>\n"...)
}

func escapeXML(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer does not fail
	return b.String()
}

func xmlReply(status int, body []byte) reply {
	body = append([]byte(xml.Header), body...)
	return reply{status: status, header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}}, body: body}
}

func soapFault(status int, message string) reply {
	return xmlReply(status, []byte(`<soap:Envelope xmlns:soap="`+soapEnvelope+`"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode><faultstring>`+
		escapeXML(message)+"</faultstring></soap:Fault></soap:Body></soap:Envelope>\n"))
}
