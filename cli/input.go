package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	neturl "net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"retriage/client"
	"retriage/model"
	"retriage/model/dialect"
)

// inputFile is one input, open for reading back.
type inputFile struct {
	name    string // as the operator named it, safe
	request bool   // a request file
	file    *os.File
	size    int64
	sha     string // known once whole has returned
	spool   *spool // a private copy that goes away with the sitting, nil = the user's own file
	sums    *sums
}

// openInputs opens files, - and URLs, each readable at any offset. What is not a
// file is kept in a private copy first, so that it can be read back.
func (a *app) openInputs(ctx context.Context, responses, requests []string) ([]inputFile, error) {
	var files []inputFile
	for k, arg := range append(append([]string(nil), responses...), requests...) {
		f, err := a.openInput(ctx, arg)
		if err != nil {
			closeInputs(files)
			return nil, err
		}
		f.request = k >= len(responses)
		files = append(files, f)
	}
	return files, nil
}

func (a *app) openInput(ctx context.Context, arg string) (inputFile, error) {
	switch {
	case arg == "-":
		if a.w.InTTY {
			return inputFile{}, fail(exitUsage, "- reads a pipe, and there is none; name a file instead")
		}
		widen(a.w.In)
		return a.spool("stdin", io.NopCloser(a.w.In))
	case isURL(arg):
		return a.fetch(ctx, arg)
	}
	f, err := os.Open(arg)
	if err != nil {
		return inputFile{}, openFailed(arg, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder")
	}
	if err != nil {
		return inputFile{}, openFailed(arg, errors.Join(err, f.Close()))
	}
	if !info.Mode().IsRegular() {
		return a.spool(filepath.Base(arg), f)
	}
	return finishInput(inputFile{name: filepath.Base(arg), file: f})
}

// isURL says whether an argument is to be fetched.
func isURL(arg string) bool {
	low := strings.ToLower(arg)
	return strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://")
}

func openFailed(arg string, err error) error {
	name := model.Foreign(arg).Safe(model.SafeShort)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return &exitError{exitInput, fmt.Sprintf("no file %s. Nothing was opened; check the path.", name), err}
	case errors.Is(err, os.ErrPermission):
		return &exitError{exitInput, fmt.Sprintf("%s may not be read by you. Nothing was opened.", name), err}
	}
	return &exitError{exitInput, fmt.Sprintf("cannot read %s: %s. Nothing was opened.", name, model.Foreign(err.Error()).Safe(0)), err}
}

// fetch reads a URL into a private copy. The credential goes along only when
// the URL is at the target's origin.
func (a *app) fetch(ctx context.Context, url string) (inputFile, error) {
	parsed, err := neturl.Parse(url)
	if err != nil || parsed.User != nil {
		return inputFile{}, fail(exitUsage, "the URL must not hold a password, and must be one. Nothing was read; use --auth and --token-file.")
	}
	if parsed.Host == "" {
		return inputFile{}, fail(exitUsage, "%s names no server. Nothing was read; write it as https://HOST/PATH.", model.Foreign(url).Safe(model.SafeShort))
	}
	shown := model.Foreign(parsed.Scheme + "://" + parsed.Host + parsed.Path).Safe(model.SafeShort)
	t := a.target
	if !t.known() || model.Origin(url) != model.Origin(t.profile.BaseURL) {
		t = target{profile: model.Profile{BaseURL: model.Origin(url), Settings: a.target.profile.Settings}}
	}
	d, err := dialect.ByName("generic-207")
	if err != nil {
		return inputFile{}, err
	}
	c, err := client.New(client.Config{Profile: t.profile, Dialect: d, Credential: t.credential(), Now: a.w.Now})
	if err != nil {
		return inputFile{}, err
	}
	body, _, status, err := c.Fetch(ctx, url)
	if err != nil {
		return inputFile{}, &exitError{exitNetwork, fmt.Sprintf("cannot read %s: %s. Nothing was sent; check the address, or try again later.",
			shown, fetchWords(err)), err}
	}
	switch {
	case status == 401 || status == 403:
		err = fail(exitSignIn, "%s answers %d: it wants another sign-in. Nothing was read or sent; set auth and token_file in a profile, or --auth and --token-file.", shown, status)
	case status == 404 || status >= 500:
		err = fail(exitNetwork, "%s answers %d; there is nothing to read. Nothing was sent; check the URL, or try again later.", shown, status)
	}
	if err != nil {
		return inputFile{}, errors.Join(err, body.Close())
	}
	return a.spool(urlName(parsed), body)
}

// urlName is what an input from a URL is called: its file, or the address where
// that has no file's name. A query is left out, since it may hold a signature.
func urlName(u *neturl.URL) string {
	if base := path.Base(u.Path); path.Ext(base) != "" && !strings.HasSuffix(u.Path, "/") {
		return base
	}
	return u.Host + strings.TrimSuffix(u.Path, "/")
}

// fetchWords is why a URL could not be read, without the URL again.
func fetchWords(err error) string {
	var failed *client.FetchError
	if errors.As(err, &failed) {
		return failed.Why
	}
	return model.Foreign(err.Error()).Safe(0)
}

// finishInput measures an input.
func finishInput(in inputFile) (inputFile, error) {
	in.name = model.Foreign(in.name).Safe(model.SafeShort)
	info, err := in.file.Stat()
	if err != nil {
		return in, openFailed(in.name, err)
	}
	in.size = info.Size()
	return in, nil
}

// bytes is how long an input is, negative as long as that is not known.
func (in *inputFile) bytes() int64 {
	switch {
	case in.spool == nil:
		return in.size
	case in.spool.ended():
		return in.spool.Available()
	}
	return -1
}

// source is what an input is read from.
func (in *inputFile) source() io.ReaderAt {
	if in.spool != nil {
		return in.spool
	}
	return in.file
}

// sumUp begins to take the checksums of inputs beside their reading.
func sumUp(ctx context.Context, files []inputFile) {
	for i := range files {
		if f := &files[i]; f.sha == "" && f.sums == nil {
			var r io.ReaderAt = f.spool
			if f.spool == nil {
				r = io.NewSectionReader(f.file, 0, f.size) // what may have been added since is not read either
			}
			f.sums = sumOf(ctx, r)
		}
	}
}

// abandon ends the wait for streams that nobody wants more of.
func abandon(files []inputFile, why error) {
	for _, f := range files {
		if f.spool != nil {
			f.spool.end(why)
		}
	}
}

// whole waits for the end of all inputs and for their checksums.
func whole(files []inputFile) (err error) {
	for i := range files {
		f := &files[i]
		if f.spool != nil {
			if f.size, err = f.spool.result(); err != nil {
				return spoolFailed(f.name, err)
			}
		}
		if f.sha != "" || f.sums == nil {
			continue
		}
		if <-f.sums.done; f.sums.err != nil {
			return openFailed(f.name, f.sums.err)
		}
		f.sha = f.sums.sha
	}
	return nil
}

func closeInputs(files []inputFile) {
	for _, f := range files {
		if f.file == nil {
			continue
		}
		if f.spool != nil {
			f.spool.end(context.Canceled) // nobody waits for more
		}
		if f.sums != nil {
			<-f.sums.done
		}
		// Nothing was written through these files, so closing cannot lose anything.
		_ = f.file.Close()
		if f.spool != nil {
			_ = os.Remove(f.file.Name())
		}
	}
}

// inputSHA is the identity of all inputs together: a request file is a part of
// it, since it decides which items there are.
func inputSHA(files []inputFile) string {
	if len(files) == 1 {
		return files[0].sha
	}
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s %t\n", f.sha, f.request)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// dialectInput is what a reader wants.
func dialectInput(files []inputFile, name string) dialect.Input {
	in := dialect.Input{Dialect: name}
	for i := range files {
		f := &files[i]
		df := dialect.File{Name: f.name, R: f.source(), Size: f.size}
		if f.request {
			in.Requests = append(in.Requests, df)
		} else {
			in.Responses = append(in.Responses, df)
		}
	}
	return in
}
