// Command services gives the lab's cluster what kube-proxy and a cluster DNS give others: ClusterIPs
// that lead to ready pods, by iptables rules in chains of this lab alone (kube-proxy's chain names
// are fixed, so two clusters on one machine would fight), names of services, and for Prometheus the
// list of pods.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// discovery is the group of the API that holds endpoint slices.
const discovery = "/apis/discovery.k8s.io/v1/endpointslices"

func main() {
	server := flag.String("server", "", "URL of the API server")
	certificates := flag.String("certificates", "", "folder with ca.crt, admin.crt and admin.key")
	iptables := flag.String("iptables", "iptables", "path of iptables; iptables-restore lies beside it")
	chain := flag.String("chain", "", "name of this lab's chains")
	bridge := flag.String("bridge", "", "the pods' bridge")
	network := flag.String("network", "", "pods and services in CIDR notation")
	dns := flag.String("dns", "", "address to answer DNS on")
	targets := flag.String("targets", "", "file to write the pods to, for Prometheus's file_sd")
	proxied := flag.Bool("proxied", false, "do nothing but write the pods, as paths of the API server's pod proxy")
	flag.Parse()
	log.SetFlags(log.LstdFlags | log.LUTC)
	client, err := newClient(*server, *certificates)
	if err != nil {
		log.Fatalf("services: %v", err)
	}
	if *proxied {
		log.Fatalf("services: %v", runProxied(context.Background(), client, *targets))
	}
	rules := &ruleset{iptables: *iptables, chain: *chain, bridge: *bridge, network: *network}
	if err := run(context.Background(), client, rules, *dns, *targets); err != nil {
		log.Printf("services: %v", err)
		os.Exit(1)
	}
}

// runProxied is for a cluster that is somebody else's: it changes nothing, neither there nor here.
func runProxied(ctx context.Context, client *client, targets string) error {
	changed := make(chan struct{}, 1)
	pods := newMirror[pod](client, "/api/v1/pods", changed)
	go pods.follow(ctx)
	for range changed {
		known, _ := pods.snapshot()
		if err := writeTargets(targets, proxied(targetsOf(known), client.server)); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, client *client, rules *ruleset, address, targets string) error {
	if err := rules.install(); err != nil {
		return fmt.Errorf("the lab's chains could not be made: %w", err)
	}
	changed := make(chan struct{}, 1)
	services := newMirror[service](client, "/api/v1/services", changed)
	slices := newMirror[endpointSlice](client, discovery, changed)
	go services.follow(ctx)
	go slices.follow(ctx)
	pods := newMirror[pod](client, "/api/v1/pods", changed)
	go pods.follow(ctx)

	var names atomic.Pointer[zone]
	names.Store(&zone{})
	if err := serveDNS(net.JoinHostPort(address, "53"), &names); err != nil {
		return fmt.Errorf("DNS: %w", err)
	}
	var ready atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("/ready", func(writer http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			writer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	health := &http.Server{Addr: net.JoinHostPort(address, "10400"), Handler: mux, ReadHeaderTimeout: time.Second}
	failed := make(chan error, 1)
	go func() { failed <- health.ListenAndServe() }()

	for {
		select {
		case err := <-failed:
			return err
		case <-changed:
		}
		knownServices, gotServices := services.snapshot()
		knownSlices, gotSlices := slices.snapshot()
		knownPods, gotPods := pods.snapshot()
		if !gotServices || !gotSlices || !gotPods {
			continue
		}
		if err := writeTargets(targets, targetsOf(knownPods)); err != nil {
			return err
		}
		routes := routesOf(knownServices, knownSlices)
		if err := rules.apply(routes); err != nil {
			// The next change tries again; so does a second from now.
			log.Printf("iptables: %v", err)
			time.AfterFunc(time.Second, func() { notify(changed) })
			continue
		}
		names.Store(zoneOf(knownServices, knownSlices))
		ready.Store(true)
	}
}
