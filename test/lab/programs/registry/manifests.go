package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

// manifestKeeper writes every manifest that the server accepted to disk and gives them back to a
// new server, because go-containerregistry keeps manifests in memory only.
type manifestKeeper struct {
	folder string
	next   http.Handler
	lock   sync.Mutex
	count  int
}

type keptManifest struct {
	Order       int
	Path        string
	ContentType string
	Body        []byte
}

func (keeper *manifestKeeper) file(path string) string {
	return filepath.Join(keeper.folder, url.PathEscape(path)+".json")
}

func (keeper *manifestKeeper) replay() error {
	if err := os.MkdirAll(keeper.folder, 0o755); err != nil {
		return err
	}
	var kept []keptManifest
	err := filepath.WalkDir(keeper.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var manifest keptManifest
		if err := json.Unmarshal(text, &manifest); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		kept = append(kept, manifest)
		return nil
	})
	if err != nil {
		return err
	}
	// An index is accepted only after the manifests that it names.
	sort.Slice(kept, func(a, b int) bool { return kept[a].Order < kept[b].Order })
	for _, manifest := range kept {
		request := httptest.NewRequest(http.MethodPut, manifest.Path, bytes.NewReader(manifest.Body))
		request.Header.Set("Content-Type", manifest.ContentType)
		keeper.next.ServeHTTP(httptest.NewRecorder(), request)
		keeper.count = max(keeper.count, manifest.Order)
	}
	return nil
}

func (keeper *manifestKeeper) save(manifest keptManifest) error {
	keeper.lock.Lock()
	defer keeper.lock.Unlock()
	keeper.count++
	manifest.Order = keeper.count
	text, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	final := keeper.file(manifest.Path)
	partial := final + ".partial"
	if err := os.WriteFile(partial, text, 0o644); err != nil {
		return err
	}
	return os.Rename(partial, final)
}

// statusRecorder remembers what the server answered.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (recorder *statusRecorder) WriteHeader(status int) {
	recorder.status = status
	recorder.ResponseWriter.WriteHeader(status)
}

func (keeper *manifestKeeper) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	if !strings.Contains(request.URL.Path, "/manifests/") {
		keeper.next.ServeHTTP(writer, request)
		return
	}
	recorder := &statusRecorder{writer, http.StatusOK}
	switch request.Method {
	case http.MethodPut:
		body, err := io.ReadAll(io.LimitReader(request.Body, 16<<20))
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		manifest := keptManifest{Path: request.URL.Path, ContentType: request.Header.Get("Content-Type"), Body: body}
		keeper.next.ServeHTTP(recorder, request)
		if recorder.status == http.StatusCreated {
			if err := keeper.save(manifest); err != nil {
				fmt.Fprintln(os.Stderr, "registry: a manifest will not outlive this process:", err)
			}
		}
	case http.MethodDelete:
		keeper.next.ServeHTTP(recorder, request)
		if err := os.Remove(keeper.file(request.URL.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintln(os.Stderr, "registry:", err)
		}
	default:
		keeper.next.ServeHTTP(writer, request)
	}
}
