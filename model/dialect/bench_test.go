package dialect

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"testing"
)

// generic makes a response of about size bytes: every eighth item failed, and
// items are of about 300 bytes.
func generic(size int) []byte {
	var b bytes.Buffer
	b.Grow(size + 1024)
	b.WriteString(`{"responses":[`)
	n, failed := 0, 0
	for b.Len() < size {
		if n > 0 {
			b.WriteByte(',')
		}
		if n%8 == 7 {
			failed++
			fmt.Fprintf(&b, `{"id":"item-%06d","status":422,"error":{"code":"VALIDATION_ERROR","message":"Invalid email format: \"user%d@\"","field":"email"},"request":`, n, n)
		} else {
			fmt.Fprintf(&b, `{"id":"item-%06d","status":201,"data":`, n)
		}
		fmt.Fprintf(&b, `{"customer":"5d1c2f0e-8a3b-4c77-9f1e-%012d","email":"user%d@example.com","status":"on \"hold\"","created":"2025-03-04T05:06:07Z","lines":[{"sku":"crate-%d","qty":%d,"price":1999},{"sku":"lamp-%d","qty":1,"price":250}],"note":"ship to oak [dock %d]"}}`,
			n, n, n%9999, n%99, n%777, n%13)
		n++
	}
	fmt.Fprintf(&b, `],"summary":{"total":%d,"succeeded":%d,"failed":%d}}`, n, n-failed, failed)
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	text := generic(50 << 20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(Input{Responses: []File{{R: bytes.NewReader(text), Size: int64(len(text))}}})
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Read(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadXML(b *testing.B) {
	var t bytes.Buffer
	t.WriteString("<BatchResponse>\n")
	for i := 0; t.Len() < 20<<20; i++ {
		fmt.Fprintf(&t, `  <CreateResponse id="item-%06d" status="success"><Payload><Customer>%d</Customer><Note>ship to oak &lt;dock %d&gt;</Note></Payload></CreateResponse>`+"\n", i, i, i%7)
	}
	t.WriteString("</BatchResponse>\n")
	b.SetBytes(int64(t.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(Input{Responses: []File{{R: bytes.NewReader(t.Bytes()), Size: int64(t.Len())}}})
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Read(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkXMLTokens is what encoding/xml takes for the tokens alone of what
// BenchmarkReadXML reads: the ratio of the two is what counts.
func BenchmarkXMLTokens(b *testing.B) {
	var t bytes.Buffer
	t.WriteString("<BatchResponse>\n")
	for i := 0; t.Len() < 20<<20; i++ {
		fmt.Fprintf(&t, `  <CreateResponse id="item-%06d" status="success"><Payload><Customer>%d</Customer><Note>ship to oak &lt;dock %d&gt;</Note></Payload></CreateResponse>`+"\n", i, i, i%7)
	}
	t.WriteString("</BatchResponse>\n")
	b.SetBytes(int64(t.Len()))
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(t.Bytes()))
		for {
			if _, err := d.Token(); err != nil {
				break
			}
		}
	}
}
