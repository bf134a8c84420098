package main

import (
	"fmt"
	"slices"
	"strings"
)

type service struct {
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		ClusterIP string
		Ports     []struct {
			Name, Protocol string
			Port           int
		}
	}
}

type endpointSlice struct {
	Metadata struct {
		Namespace string
		Labels    map[string]string
	}
	AddressType string
	Ports       []struct {
		Name, Protocol string
		Port           int
	}
	Endpoints []struct {
		Addresses  []string
		Conditions struct{ Ready *bool }
	}
}

// route is one port of one ClusterIP and where it leads; nowhere when no pod is ready.
type route struct {
	address, protocol string
	port              int
	targets           []string
}

func (service service) isHeadless() bool {
	return service.Spec.ClusterIP == "" || service.Spec.ClusterIP == "None"
}

func (slice endpointSlice) belongsTo(service service) bool {
	return slice.AddressType == "IPv4" && slice.Metadata.Namespace == service.Metadata.Namespace &&
		slice.Metadata.Labels["kubernetes.io/service-name"] == service.Metadata.Name
}

func (slice endpointSlice) readyAddresses() []string {
	var addresses []string
	for _, endpoint := range slice.Endpoints {
		// An absent condition means ready, by the API's own definition.
		if endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready {
			addresses = append(addresses, endpoint.Addresses...)
		}
	}
	return addresses
}

func routesOf(services []service, endpoints []endpointSlice) []route {
	var routes []route
	for _, service := range services {
		if service.isHeadless() {
			continue
		}
		for _, port := range service.Spec.Ports {
			found := route{address: service.Spec.ClusterIP, protocol: strings.ToLower(port.Protocol), port: port.Port}
			for _, slice := range endpoints {
				if !slice.belongsTo(service) {
					continue
				}
				for _, target := range slice.Ports {
					if target.Name != port.Name {
						continue
					}
					for _, address := range slice.readyAddresses() {
						found.targets = append(found.targets, fmt.Sprintf("%s:%d", address, target.Port))
					}
				}
			}
			slices.Sort(found.targets)
			found.targets = slices.Compact(found.targets)
			routes = append(routes, found)
		}
	}
	return routes
}
