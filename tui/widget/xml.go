package widget

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"

	"retriage/model"
	"retriage/themes"
)

// XML writes an XML element over several lines of at most that width, like
// JSON. Pointers in mark start below the root element: /address/city is an
// element, /@id an attribute of the root, /item/1 the second of several item
// elements. What is no XML is shown as safe text.
func XML(raw []byte, mark map[string]string, width int, th themes.Theme) []string {
	root := parseXML(raw)
	if root == nil {
		return plainLines(raw, width, th)
	}
	p := xmlPrinter{width: width, th: th, mark: mark}
	p.element("", root, 0)
	return p.lines
}

type xmlElement struct {
	name     string
	attrs    []xml.Attr
	children []*xmlElement
	text     string
}

// parseXML gives the root element, or nil for what is none. Nothing is expanded
// and nothing is loaded: encoding/xml knows the five entities of XML only.
func parseXML(raw []byte) *xmlElement {
	d := xml.NewDecoder(bytes.NewReader(raw))
	var root *xmlElement
	var open []*xmlElement
	for range 4 * maxLines {
		tok, err := d.RawToken()
		if err != nil {
			break
		}
		switch t := tok.(type) {
		case xml.StartElement:
			n := &xmlElement{name: xmlName(t.Name), attrs: t.Copy().Attr}
			if len(open) > 0 {
				up := open[len(open)-1]
				up.children = append(up.children, n)
			} else if root == nil {
				root = n
			}
			open = append(open, n)
		case xml.EndElement:
			if len(open) == 0 {
				return nil
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(t)
			}
		}
	}
	if len(open) > 0 {
		return nil
	}
	return root
}

func xmlName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

type xmlPrinter struct {
	width int
	th    themes.Theme
	mark  map[string]string
	lines []string
}

func (p *xmlPrinter) element(ptr string, n *xmlElement, depth int) {
	name := model.Foreign(n.name).Safe(model.SafeShort)
	tag, note, lit := p.th.Field.Render("<"+name), "", false
	if s, ok := p.mark[ptr]; ok {
		note, lit = s, true
	}
	for _, a := range n.attrs {
		an := xmlName(a.Name)
		if s, ok := p.mark[ptr+"/@"+an]; ok {
			note, lit = s, true
		}
		tag += " " + p.th.Field.Render(model.Foreign(an).Safe(model.SafeShort)+"=") +
			`"` + model.Foreign(a.Value).Safe(max(32, 12*p.width)) + `"`
	}
	text := model.Foreign(strings.TrimSpace(n.text)).Safe(max(32, 12*p.width))
	closing := p.th.Field.Render("</" + name + ">")
	switch {
	case len(n.children) == 0 && text == "":
		p.line(depth, tag+p.th.Field.Render("/>"), note, lit)
		return
	case len(n.children) == 0:
		p.line(depth, tag+p.th.Field.Render(">")+text+closing, note, lit)
		return
	case depth >= maxDepth:
		p.line(depth, tag+p.th.Field.Render(">")+ellipsis+closing, note, lit)
		return
	}
	p.line(depth, tag+p.th.Field.Render(">")+text, note, lit)
	for i, at := range childPointers(ptr, n) {
		p.element(at, n.children[i], depth+1)
	}
	p.line(depth, closing, "", false)
}

// childPointers numbers the children that share a name.
func childPointers(ptr string, n *xmlElement) []string {
	count, seen := map[string]int{}, map[string]int{}
	for _, c := range n.children {
		count[c.name]++
	}
	out := make([]string, len(n.children))
	for i, c := range n.children {
		out[i] = ptr + "/" + c.name
		if count[c.name] > 1 {
			out[i] += "/" + strconv.Itoa(seen[c.name])
		}
		seen[c.name]++
	}
	return out
}

func (p *xmlPrinter) line(depth int, text, note string, lit bool) {
	text = blank(min(2*depth, p.width/2)) + text
	switch {
	case len(p.lines) > maxLines:
	case len(p.lines) == maxLines:
		p.lines = append(p.lines, p.th.Faint.Render(Clip("… more than is shown here", p.width)))
	case lit:
		p.lines = append(p.lines, noted(text, note, p.width, p.th))
	default:
		p.lines = append(p.lines, Clip(text, p.width))
	}
}
