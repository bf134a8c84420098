import { describe, expect, test } from '@jest/globals';
import { dataNeeds, templateNeeds } from '../../src/fingerprint/template-needs.ts';

const closed = { open: false, kubeVersion: false, kinds: false, tpl: false };

describe('a template that renders to the same from the same', () => {
  test.each([
    'name: {{ .Release.Name }}-{{ $.Release.Namespace }}',
    '{{- with .Values.strategy }}strategy: {{- toYaml . | nindent 4 }}{{- end }}',
    '{{- range $key, $value := .Values.env }}{{ $key | quote }}: {{ $value }}{{- end -}}',
    '{{/* now it\'s "open */}}{{- /* lookup */ -}}x: {{ "}}" | quote }}',
    '{{- define "app.name" -}}{{ default .Chart.Name .Values.name | trunc 63 | trimSuffix "-" }}{{- end }}',
    '{{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}',
    '{{- if and (gt (int .Values.n) -1) (ne .Values.mode `a"b`) }}{{ add1 -5 }}{{ printf "%d" 0x1F }}{{ end }}',
    "{{ if eq .x 'a' }}{{ .y }}{{ end }}",
    'A text that has now and lookup in it, and { single } brackets.',
    '{{ .Capabilities.HelmVersion.Version }}',
    '{{ .Files.Get "conf/app.toml" | indent 2 }}',
  ])('%s', (source) => {
    expect(templateNeeds(source)).toEqual(closed);
  });
});

describe('a template that may render to something else next time', () => {
  test.each([
    ['chance', 'rollme: {{ randAlphaNum 5 | quote }}'],
    ['chance', '{{ uuidv4 }}'],
    ['chance', '{{- $ca := genCA "ca" 365 -}}{{ $ca.Cert }}'],
    ['chance', '{{ htpasswd "a" "b" }}'],
    ['the clock', '{{ now | date "2006-01-02" }}'],
    ['the clock', '{{ dateInZone "2006" .Values.day "UTC" }}'],
    ['the cluster', '{{ (lookup "v1" "Secret" .Release.Namespace "x").data }}'],
    ['the network', '{{ getHostByName "example.com" }}'],
    ['the revision', '{{ .Release.Revision }}'],
    ['whether it is new', '{{ if $.Release.IsInstall }}a{{ end }}'],
    ['all of the release', '{{ $release := .Release }}{{ $release.Revision }}'],
    ['all of the release', '{{ toYaml .Release }}'],
    ['all of the release', '{{ index . "Release" "Revision" }}'],
    ['all there is', '{{ toYaml $ | sha256sum }}'],
    ['all there is', '{{ . | toJson }}'],
    ['all there is', 'all: {{ . }}'],
    ['keys in no order', '{{ keys .Values.x | first }}'],
    ['a function of a later Helm', '{{ frobnicate 1 }}'],
    ['a template in a text', `{{ tpl "{{ now }}" . }}`],
    ['a template that is put together', '{{ tpl (printf "{{ %s }}" "now") . }}'],
    ['a broken text', '{{ "a | now }}'],
    ['no end', '{{ .Values.x'],
    ['chance behind brackets in a text', '{{ "}}" | randAlpha }}'],
    ['chance behind a comment', '{{/* }} */}}{{ randAlpha 3 }}'],
  ])('%s: %s', (_, source) => {
    expect(templateNeeds(source).open).toBe(true);
  });
});

test('what a template asks of the cluster is told apart: its version, and its kinds', () => {
  expect(templateNeeds('{{ .Capabilities.KubeVersion.GitVersion }}')).toEqual({
    ...closed,
    kubeVersion: true,
  });
  expect(templateNeeds('{{ if .Capabilities.APIVersions.Has "batch/v1" }}{{ end }}')).toEqual({
    ...closed,
    kubeVersion: true,
    kinds: true,
  });
  expect(templateNeeds('{{ $c := .Capabilities }}').kinds).toBe(true);
  expect(templateNeeds('{{ index . "Capabilities" }}').open).toBe(true);
});

test('values are templates where a template makes them one', () => {
  expect(templateNeeds('{{ tpl .Values.note . }}')).toEqual({ ...closed, tpl: true });
  expect(dataNeeds("note: '{{ .Release.Name }}'")).toEqual(closed);
  expect(dataNeeds("note: '{{ now }}'").open).toBe(true);
  expect(dataNeeds('note: "{{ include \\"x\\" . }}"').open).toBe(true);
  expect(dataNeeds('note: "\\u007b\\u007b now }}"').open).toBe(true);
});
