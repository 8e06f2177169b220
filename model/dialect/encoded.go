package dialect

import (
	"bytes"
	"strings"
)

// packed are the first bytes of files that hold another, and what to do.
var packed = []struct{ magic, why string }{
	{"\x1f\x8b", "it is compressed with gzip; unpack it first (gunzip -c FILE | retriage -)"},
	{"PK\x03\x04", "it is a zip archive; unpack it first"},
	{"BZh", "it is compressed with bzip2; unpack it first (bunzip2 -c FILE | retriage -)"},
	{"\xfd7zXZ\x00", "it is compressed with xz; unpack it first (unxz -c FILE | retriage -)"},
	{"\x28\xb5\x2f\xfd", "it is compressed with zstd; unpack it first (unzstd -c FILE | retriage -)"},
}

// encoded says why the bytes of an input are no text in UTF-8, "" = they may be.
func encoded(head []byte) string {
	for _, p := range packed {
		if bytes.HasPrefix(head, []byte(p.magic)) {
			return p.why
		}
	}
	first := head[:min(len(head), 64)]
	switch n := bytes.Count(first, []byte{0}); {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}), n > 1 && everySecond(first):
		return "it is text in UTF-16; save it as UTF-8"
	case n > 0:
		return "it is no text: there are bytes of 0 in it"
	}
	return ""
}

// everySecond says whether half of the bytes are 0, in turn with others, as they
// are in UTF-16 of what is mostly ASCII.
func everySecond(b []byte) bool {
	var zero [2]int
	for i, c := range b {
		if c == 0 {
			zero[i%2]++
		}
	}
	return min(zero[0], zero[1]) == 0 && 8*max(zero[0], zero[1]) >= 3*len(b)
}

// describeXML says what XML is that nothing fits.
func describeXML(head []byte) string {
	if why := foreignEncoding(head); why != "" {
		return why
	}
	upper := strings.ToUpper(string(head[:min(len(head), 4096)]))
	switch at := strings.Index(upper, "<!DOCTYPE"); {
	case strings.HasPrefix(upper, "<HTML"), at >= 0 && strings.HasPrefix(strings.TrimSpace(upper[at+len("<!DOCTYPE"):]), "HTML"):
		return "it is HTML, a page for people and no answer of an API"
	case at >= 0:
		return dtd.words()
	}
	return "it is XML without a list of items that is known" + nameIt
}
