package triage

import "strings"

// The bounds of Templates. A server that words every failure anew must not eat
// the memory of the program that explains it.
const (
	clustersPerCode = 1000
	masksPerCode    = 20_000
)

// wild stands in a template for a word that varies.
const wild = "<*>"

// Templates groups messages: per error code, messages whose signatures are the
// same or differ in few words are one cluster. It is the tree of Drain (He et
// al., ICWS 2017) at depth one, run over the distinct signatures only, which
// keeps it exact and nearly free. It is for one goroutine.
type Templates struct {
	codes    map[string]*codeTemplates
	clusters []cluster
	buf      []byte
}

// codeTemplates is what is known of one code.
type codeTemplates struct {
	masks    map[string]int // signature -> cluster
	byLength map[int][]int  // clusters by their number of words
	count    int
	overflow int // cluster of what came after the bounds were reached, -1 = none yet
}

// cluster is a template: words, some of them wild. A cluster of one signature
// keeps it as it was written.
type cluster struct {
	text  string
	words []string
}

// NewTemplates makes an empty set.
func NewTemplates() *Templates {
	return &Templates{codes: make(map[string]*codeTemplates)}
}

// Add files a message under its cluster and gives the cluster's number, counted
// from 0 over all codes. The same code and message get the same number for the
// life of t. Beyond 1,000 clusters of one code, or 20,000 distinct signatures,
// what fits no cluster is put together in one.
func (t *Templates) Add(code, message string) int {
	ct := t.codes[code]
	if ct == nil {
		ct = &codeTemplates{masks: make(map[string]int), byLength: make(map[int][]int), overflow: -1}
		t.codes[code] = ct
	}
	t.buf = appendSignature(t.buf[:0], message)
	if n, ok := ct.masks[string(t.buf)]; ok {
		return n
	}
	mask := string(t.buf)
	if len(ct.masks) >= masksPerCode {
		return t.overflow(ct)
	}
	n := t.place(ct, mask)
	ct.masks[mask] = n
	return n
}

// Text is cluster n as a pattern: masks for values and <*> for words that vary.
// It is text from outside: show it through model.Foreign.
func (t *Templates) Text(n int) string {
	if n < 0 || n >= len(t.clusters) {
		return ""
	}
	return t.clusters[n].text
}

// Len is the number of clusters.
func (t *Templates) Len() int { return len(t.clusters) }

// place finds the nearest cluster for a new signature, or makes one.
func (t *Templates) place(ct *codeTemplates, mask string) int {
	words := strings.Fields(mask)
	best, most := -1, 0
	for _, n := range ct.byLength[len(words)] {
		if same := alike(t.clusters[n].words, words); same > most {
			best, most = n, same
		}
	}
	if best >= 0 {
		t.clusters[best].widen(words)
		return best
	}
	if ct.count >= clustersPerCode {
		return t.overflow(ct)
	}
	ct.count++
	n := t.add(cluster{text: mask, words: words})
	ct.byLength[len(words)] = append(ct.byLength[len(words)], n)
	return n
}

func (t *Templates) add(c cluster) int {
	t.clusters = append(t.clusters, c)
	return len(t.clusters) - 1
}

func (t *Templates) overflow(ct *codeTemplates) int {
	if ct.overflow < 0 {
		ct.overflow = t.add(cluster{text: wild})
	}
	return ct.overflow
}

// widen makes wild what differs in words.
func (c *cluster) widen(words []string) {
	changed := false
	for i, w := range words {
		if c.words[i] != w && c.words[i] != wild {
			c.words[i], changed = wild, true
		}
	}
	if changed {
		c.text = strings.Join(c.words, " ")
	}
}

// shortMessage is the number of words under which one differing word is half of
// what a message says.
const shortMessage = 4

// alike counts the words that a template and a message of the same length have
// in common, or gives 0 when they are not the same error: when more than half
// of the words differ, when a differing word carries the meaning ("required"
// against "invalid"), or when, in a short message, it does not look like data.
func alike(template, words []string) int {
	same := 0
	for i, w := range template {
		if w == words[i] {
			same++
		}
	}
	if 2*same <= len(words) {
		return 0
	}
	for i, w := range template {
		switch {
		case w == words[i]:
		case telling(w) || telling(words[i]):
			return 0
		case w != wild && len(words) < shortMessage && (!isData(w) || !isData(words[i])):
			return 0
		}
	}
	return same
}

// isData says whether a word looks like a value rather than like prose: it has
// a digit, a mask, a joint or a capital letter behind its first.
func isData(w string) bool {
	for i := range len(w) {
		c := w[i]
		if isDigit(c) || c == '<' || c == '_' || c == '@' || c == '/' || i > 0 && c >= 'A' && c <= 'Z' ||
			c == '-' && i > 0 && i+1 < len(w) {
			return true
		}
	}
	return false
}

// telling says whether a word is one of those that make one error another.
func telling(w string) bool {
	w = strings.Trim(w, `.,:;!?()[]{}"'`)
	if len(w) > 16 {
		return false
	}
	var low [16]byte
	for i := range len(w) {
		c := w[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		low[i] = c
	}
	_, ok := tellingWords[string(low[:len(w)])]
	return ok
}

var tellingWords = func() map[string]struct{} {
	set := make(map[string]struct{})
	for w := range strings.FieldsSeq(`
		not no never must should may cannot can can't mustn't isn't wasn't doesn't didn't without
		required missing empty blank null nil undefined invalid valid malformed unknown unsupported unexpected
		unique duplicate duplicated exists exist existing taken used reused found gone deleted removed archived
		allowed forbidden denied permitted authorized unauthorized insufficient disabled locked blocked suspended
		expired closed open full busy unavailable available overloaded throttled limited exceeded exceeds exceed
		long short large small big high low many few early late old new stale outdated
		greater less more fewer least most above below before after between equal maximum minimum max min
		positive negative zero past future
		number numeric integer int long float double decimal boolean bool string text date datetime timestamp time
		array list object map email e-mail url uri uuid phone
		timeout timed conflict mismatch changed modified failed refused rejected reset aborted cancelled canceled
		permission permissions funds stock quota credit license scope scopes
		read write create update delete insert`) {
		set[w] = struct{}{}
	}
	return set
}()
