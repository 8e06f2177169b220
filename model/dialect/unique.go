package dialect

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// uniqueKeys are what no other item of a batch may have in common with this one:
// what the dialect's file says, and the members that name it, names being those
// that do so in its list.
func (d *Dialect) uniqueKeys(item []byte, list string, names []string) (keys []string) {
	if len(d.spec.Request.Unique) == 0 {
		return nil
	}
	e, f := d.asks.element(item, &section{key: list})
	if f != sound {
		return nil
	}
	if key := text(d.first(&e, d.spec.Request.Unique)); key != "" {
		keys = append(keys, key)
	}
	if key := d.named(&e, names); key != "" && !slices.Contains(keys, key) {
		keys = append(keys, key)
	}
	return keys
}

// keyNames are the members that name the items of a list, as one of them says
// that holds nothing else; none where no item does.
func (d *Dialect) keyNames(items []model.SendItem) (names []string) {
	if d.spec.Request.Key.text == "" {
		return nil
	}
	for _, it := range items {
		e, f := d.asks.element(it.Payload.Body, &section{key: it.Payload.List})
		if f != sound {
			continue
		}
		d.spec.Request.Key.in(&e, "").ForEach(func(name, _ gjson.Result) bool {
			names = append(names, name.Str)
			return true
		})
		if names != nil {
			slices.Sort(names)
			return names
		}
	}
	return nil
}

// named is what names an item among those of its list, "" = that is not known.
func (d *Dialect) named(e *element, names []string) string {
	if len(names) == 0 {
		return ""
	}
	holder := d.spec.Request.Key.in(e, "")
	if !holder.IsObject() {
		holder = d.spec.Request.KeyIn.in(e, "")
	}
	var key strings.Builder
	for _, name := range names {
		v := holder.Get(gjson.Escape(name))
		if !v.Exists() {
			return ""
		}
		key.WriteString(name + "=" + v.Get("@ugly").Raw + "\n")
	}
	return key.String()
}
