package dialect

import "retriage/model"

type xmlMedium struct{}

func (xmlMedium) walk(w *window, q query, visit visitor) (outline, error) {
	return outline{}, &NotBatchError{Why: "it is XML"}
}
func (xmlMedium) element(item []byte) (element, fault)              { return element{}, broken }
func (xmlMedium) payload(d *Dialect, item []byte) (p model.Payload) { return p }
func (xmlMedium) problem([]byte) string                             { return "" }
func (xmlMedium) empty(d *Dialect, calls bool) *frame               { return nil }
func (xmlMedium) write(d *Dialect, it model.SendItem, field string, gone func(model.ID) bool) ([]byte, error) {
	return it.Payload.Body, nil
}
