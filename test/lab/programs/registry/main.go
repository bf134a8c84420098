// Command registry is the lab's OCI registry on loopback: go-containerregistry's server, whose blobs
// lie on disk, with manifests kept beside them so that a restart forgets nothing, and with token
// access (the distribution specification's 401 and Bearer exchange) for clients that are to log in.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

func serve(address, folder, secured string) error {
	blobs := filepath.Join(folder, "blobs")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		return err
	}
	quiet := registry.Logger(log.New(os.Stderr, "", log.LstdFlags))
	server := registry.New(registry.WithBlobHandler(registry.NewDiskBlobHandler(blobs)), quiet)
	kept := &manifestKeeper{folder: filepath.Join(folder, "manifests"), next: server}
	if err := kept.replay(); err != nil {
		return err
	}
	var handler http.Handler = kept
	if secured != "" {
		user, password, found := strings.Cut(secured, ":")
		if !found {
			return fmt.Errorf("--user wants NAME:PASSWORD")
		}
		handler = newTokenGate(user, password, kept)
	}
	listener := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	return listener.ListenAndServe()
}

func main() {
	address := flag.String("address", "127.0.0.1:5000", "where to listen")
	folder := flag.String("folder", "", "where blobs and manifests lie")
	secured := flag.String("user", "", "NAME:PASSWORD that clients must log in with; open without it")
	flag.Parse()
	if *folder == "" {
		fmt.Fprintln(os.Stderr, "usage: registry --folder FOLDER [--address HOST:PORT] [--user NAME:PASSWORD]")
		os.Exit(2)
	}
	if err := serve(*address, *folder, *secured); err != nil {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
}
