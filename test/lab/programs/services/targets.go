package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
)

type pod struct {
	Metadata struct {
		Name, Namespace, UID string
		Labels, Annotations  map[string]string
	}
	Spec   struct{ NodeName string }
	Status struct{ PodIP, Phase string }
}

type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

var notInLabelNames = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// targetsOf gives Prometheus's file_sd what its own kubernetes_sd (role pod) would find, under the
// same meta labels, because Debian builds Prometheus without kubernetes_sd. One target for each pod
// with an address.
func targetsOf(pods []pod) []targetGroup {
	groups := []targetGroup{}
	for _, pod := range pods {
		if pod.Status.PodIP == "" {
			continue
		}
		const meta = "__meta_kubernetes_"
		labels := map[string]string{
			meta + "namespace":     pod.Metadata.Namespace,
			meta + "pod_name":      pod.Metadata.Name,
			meta + "pod_uid":       pod.Metadata.UID,
			meta + "pod_ip":        pod.Status.PodIP,
			meta + "pod_phase":     pod.Status.Phase,
			meta + "pod_node_name": pod.Spec.NodeName,
		}
		for name, value := range pod.Metadata.Labels {
			labels[meta+"pod_label_"+notInLabelNames.ReplaceAllString(name, "_")] = value
		}
		for name, value := range pod.Metadata.Annotations {
			labels[meta+"pod_annotation_"+notInLabelNames.ReplaceAllString(name, "_")] = value
		}
		groups = append(groups, targetGroup{Targets: []string{pod.Status.PodIP}, Labels: labels})
	}
	return groups
}

// proxied leads each target through the pod proxy of the API server behind `server`, for a Prometheus
// that cannot reach pods by address. Scheme and path of the pod are in the path of the proxy.
func proxied(groups []targetGroup, server string) []targetGroup {
	const annotation = "__meta_kubernetes_pod_annotation_prometheus_io_"
	through := []targetGroup{}
	for _, group := range groups {
		labels := group.Labels
		port, path := labels[annotation+"port"], labels[annotation+"path"]
		if labels[annotation+"scrape"] != "true" || port == "" {
			continue
		}
		if path == "" {
			path = "/metrics"
		}
		name := labels["__meta_kubernetes_pod_name"] + ":" + port
		if labels[annotation+"scheme"] == "https" {
			name = "https:" + name
		}
		labels["__metrics_path__"] = "/api/v1/namespaces/" + labels["__meta_kubernetes_namespace"] + "/pods/" + name + "/proxy" + path
		labels["instance"] = group.Targets[0] + ":" + port
		for _, used := range []string{"port", "path", "scheme"} {
			delete(labels, annotation+used)
		}
		through = append(through, targetGroup{Targets: []string{strings.TrimPrefix(server, "http://")}, Labels: labels})
	}
	return through
}

// writeTargets replaces the file as a whole: Prometheus reads it as soon as it changes.
func writeTargets(path string, groups []targetGroup) error {
	text, err := json.MarshalIndent(groups, "", "  ")
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && string(old) == string(text) {
		return nil
	}
	partial := path + ".partial"
	if err := os.WriteFile(partial, text, 0o644); err != nil {
		return err
	}
	return os.Rename(partial, path)
}
