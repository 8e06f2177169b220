package widget

// Window is the part of a long list that is on the screen. It is a value; each
// method gives the changed one. Cursor stays within the list, and Top keeps the
// cursor on the screen and the screen full.
type Window struct {
	Top    int // first row shown
	Cursor int // row under the cursor
	Height int // rows that fit
	Len    int // rows there are
}

// Fit takes over a new height and length.
func (w Window) Fit(height, length int) Window {
	w.Height, w.Len = max(0, height), max(0, length)
	return w.To(w.Cursor)
}

// To puts the cursor on row i, or on the nearest one there is.
func (w Window) To(i int) Window {
	w.Cursor = max(0, min(i, w.Len-1))
	w.Top = min(w.Top, w.Cursor)
	w.Top = max(w.Top, w.Cursor-max(1, w.Height)+1)
	w.Top = max(0, min(w.Top, w.Len-w.Height))
	return w
}

// Move moves the cursor by d rows.
func (w Window) Move(d int) Window { return w.To(w.Cursor + d) }

// Page moves the cursor by d half pages.
func (w Window) Page(d int) Window { return w.Move(d * max(1, w.Height/2)) }

// Scroll moves what is shown by d rows, and the cursor only as far as it must.
func (w Window) Scroll(d int) Window {
	w.Top = max(0, min(w.Top+d, w.Len-w.Height))
	w.Cursor = max(w.Top, min(w.Cursor, w.Top+max(1, w.Height)-1))
	return w.To(w.Cursor)
}

// Rows is the range of rows that are shown: from <= row < to.
func (w Window) Rows() (from, to int) { return w.Top, min(w.Len, w.Top+w.Height) }
