// Command hello is a pod of the lab's own tests: it answers on port 8080, shows metrics, and tells
// what it can see of the cluster from where it runs.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "crash" {
		fmt.Fprintln(os.Stderr, "told to crash")
		os.Exit(3)
	}
	var served atomic.Int64
	host, _ := os.Hostname()
	client := &http.Client{Timeout: 3 * time.Second}
	http.HandleFunc("/", func(writer http.ResponseWriter, _ *http.Request) {
		served.Add(1)
		fmt.Fprintf(writer, "hello from %s\n", host)
	})
	http.HandleFunc("/metrics", func(writer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(writer, "# TYPE hello_served_total counter\nhello_served_total %d\n", served.Load())
	})
	http.HandleFunc("/lookup", func(writer http.ResponseWriter, request *http.Request) {
		addresses, err := net.LookupHost(request.URL.Query().Get("name"))
		fmt.Fprintln(writer, addresses, err)
	})
	http.HandleFunc("/fetch", func(writer http.ResponseWriter, request *http.Request) {
		response, err := client.Get(request.URL.Query().Get("url"))
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		writer.WriteHeader(response.StatusCode)
		_, _ = io.Copy(writer, response.Body)
	})
	server := &http.Server{Addr: ":8080", ReadHeaderTimeout: 5 * time.Second}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
	os.Exit(1)
}
