package sandbox

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// The state file is a list of what happened, one JSON object a line, written
// before the reply leaves. Payloads are JSON strings in it, so that their
// bytes survive. It is not synced: it outlives the process, not the machine.

// recordKind says what a line of the state file tells.
type recordKind string

const (
	recPut    recordKind = "put"    // an item was stored
	recSeed   recordKind = "seed"   // an item was stored by Server.Put
	recDelete recordKind = "delete" // an item was deleted
	recItem   recordKind = "key"    // an item's key was used
	recCall   recordKind = "call"   // a call's key was used
	recBatch  recordKind = "batch"  // a batch was answered
	recSeen   recordKind = "seen"   // how many calls the faults have counted
	recMet    recordKind = "met"    // how often an item met its faults
	recAccess recordKind = "access" // token and grants
)

// record is one line of the state file.
type record struct {
	T      recordKind        `json:"t"`
	ID     string            `json:"id,omitempty"`
	Key    string            `json:"key,omitempty"`
	Sum    string            `json:"sum,omitempty"`
	Status int               `json:"status,omitempty"`
	Body   string            `json:"body,omitempty"`
	Fail   *savedFailure     `json:"fail,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Final  bool              `json:"final,omitempty"`
	Effect bool              `json:"effect,omitempty"`
	N      int               `json:"n,omitempty"`
	Seen   map[string]int    `json:"seen,omitempty"`
	Access *savedAccess      `json:"access,omitempty"`
}

type savedFailure struct {
	Code, Message, Field string
}

type savedAccess struct {
	Token   string // SHA-256 in hex
	Expired bool
	All     bool
	Granted []string
}

// journal appends records; a nil file keeps nothing. The server's lock guards it.
type journal struct {
	file    *os.File
	pending bytes.Buffer
	err     error // the first failure to write; nothing is written after it
}

// openJournal opens or creates the state file (mode 0600) and hands every
// record in it to recall. A last line that was not written to its end is cut off.
func openJournal(path string, recall func(record)) (*journal, error) {
	if path == "" {
		return &journal{}, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the sandbox state: %w", err)
	}
	whole, err := replay(f, recall)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the sandbox state %s: %w", path, err), f.Close())
	}
	return &journal{file: f}, nil
}

// replay reads records until the end or a torn last line, and gives the
// length of what is whole.
func replay(f *os.File, recall func(record)) (whole int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errors.New("it is not a regular file")
	}
	all, err := io.ReadAll(f)
	if err != nil {
		return 0, err
	}
	for n := 1; len(all) > 0; n++ {
		line, rest, ended := bytes.Cut(all, []byte("\n"))
		var r record
		if err := json.Unmarshal(line, &r); err != nil || !ended {
			if len(rest) == 0 {
				return whole, nil
			}
			return 0, fmt.Errorf("line %d is damaged", n)
		}
		recall(r)
		whole += int64(len(line)) + 1
		all = rest
	}
	return whole, nil
}

func (j *journal) add(r record) {
	if j == nil || j.file == nil {
		return
	}
	line, err := json.Marshal(r)
	if err != nil {
		j.err = errors.Join(j.err, err)
		return
	}
	j.pending.Write(append(line, '\n'))
}

// flush writes what was added. Once it failed it fails for ever: a gap in the
// file would be a lie.
func (j *journal) flush() error {
	if j.err == nil && j.file != nil && j.pending.Len() > 0 {
		_, j.err = j.file.Write(j.pending.Bytes())
	}
	j.pending.Reset()
	return j.err
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return errors.Join(j.flush(), j.file.Close())
}

func (j *journal) addItemKey(key string, kept keptItem) {
	r := record{T: recItem, Key: key, Sum: hex.EncodeToString(kept.sum[:])}
	if res := kept.result; res != nil {
		r.Final, r.Status, r.Body = true, res.status, string(res.data)
		if f := res.failure; f != nil {
			r.Fail = &savedFailure{f.code, f.message, f.field}
		}
	}
	j.add(r)
}

func (j *journal) addCall(key string, kept *keptCall) {
	r := record{T: recCall, Key: key, Sum: kept.sum}
	if rep := kept.reply; rep != nil {
		r.Final, r.Status, r.Body, r.Header = true, rep.status, string(rep.body), map[string]string{}
		for name := range rep.header {
			r.Header[name] = rep.header.Get(name)
		}
	}
	j.add(r)
}

// recall does again what a record tells.
func (s *Server) recall(r record) {
	switch r.T {
	case recPut:
		s.store.put(readItem([]byte(r.Body), s.schema, s.opt.MaxItemBytes))
	case recSeed:
		_ = s.seed([]byte(r.Body)) // it was seeded once, so it can be again
	case recDelete:
		s.store.remove(r.ID)
	case recItem:
		s.itemKeys[r.Key] = r.item()
	case recCall:
		s.callKeys[r.Key] = r.call()
	case recBatch:
		s.batches.recall(r.N, []byte(r.Body))
	case recSeen:
		for on := range s.script.seen {
			s.script.seen[on] = r.Seen[on]
		}
	case recMet:
		s.script.met[r.ID] = r.N
	case recAccess:
		s.access.restore(r.Access)
	}
	if r.Effect {
		s.tally.applied(r.ID, r.Key)
	}
}

func (r record) item() keptItem {
	kept := keptItem{sum: unhex(r.Sum)}
	if !r.Final {
		return kept
	}
	kept.result = &result{status: r.Status, data: []byte(r.Body)}
	if f := r.Fail; f != nil {
		kept.result.failure = &failure{status: r.Status, code: f.Code, message: f.Message, field: f.Field, final: true}
	}
	return kept
}

func (r record) call() *keptCall {
	kept := &keptCall{sum: r.Sum}
	if r.Final {
		kept.reply = &reply{status: r.Status, body: []byte(r.Body), header: http.Header{}, final: true}
		for name, value := range r.Header {
			kept.reply.header.Set(name, value)
		}
	}
	return kept
}
