package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// client talks to the API server as the lab's administrator, or through a proxy that logs in for it.
type client struct {
	server string
	http   *http.Client
}

func newClient(server, certificates string) (*client, error) {
	if certificates == "" {
		return &client{server: server, http: &http.Client{}}, nil
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(certificates, "admin.crt"), filepath.Join(certificates, "admin.key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(filepath.Join(certificates, "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{Certificates: []tls.Certificate{own}, RootCAs: pool},
		ForceAttemptHTTP2: true,
	}
	return &client{server: server, http: &http.Client{Transport: transport}}, nil
}

func (client *client) get(ctx context.Context, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, client.server+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("GET %s: %s", path, response.Status)
	}
	return response, nil
}

// mirror keeps a copy of all objects of one kind: it lists, waits for the first change, and lists
// again. That costs more than following every change and has no way of missing one.
type mirror[T any] struct {
	client  *client
	path    string
	changed chan struct{}
	lock    sync.Mutex
	items   []T
	listed  bool
}

func newMirror[T any](client *client, path string, changed chan struct{}) *mirror[T] {
	return &mirror[T]{client: client, path: path, changed: changed}
}

func notify(changed chan struct{}) {
	select {
	case changed <- struct{}{}:
	default:
	}
}

func (mirror *mirror[T]) snapshot() ([]T, bool) {
	mirror.lock.Lock()
	defer mirror.lock.Unlock()
	return mirror.items, mirror.listed
}

func (mirror *mirror[T]) list(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	response, err := mirror.client.get(ctx, mirror.path)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var list struct {
		Metadata struct{ ResourceVersion string }
		Items    []T
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return "", err
	}
	mirror.lock.Lock()
	mirror.items, mirror.listed = list.Items, true
	mirror.lock.Unlock()
	return list.Metadata.ResourceVersion, nil
}

// awaitChange returns at the first event after the version, or when the server ends the watch.
func (mirror *mirror[T]) awaitChange(ctx context.Context, version string) error {
	response, err := mirror.client.get(ctx, mirror.path+"?watch=1&timeoutSeconds=240&resourceVersion="+version)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = response.Body.Read(make([]byte, 1))
	return err
}

func (mirror *mirror[T]) follow(ctx context.Context) {
	for {
		version, err := mirror.list(ctx)
		if err == nil {
			notify(mirror.changed)
			_ = mirror.awaitChange(ctx, version)
			// Several changes in a row are one.
			time.Sleep(50 * time.Millisecond)
			continue
		}
		log.Printf("%v", err)
		time.Sleep(500 * time.Millisecond)
	}
}
