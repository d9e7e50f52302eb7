{{- /* The chart's values, from its own templates and from an application's. */ -}}
{{- define "outrigger.values" -}}
{{- if eq .Chart.Name "outrigger" }}{{ toYaml .Values }}{{ else }}{{ toYaml .Values.outrigger }}{{ end }}
{{- end -}}

{{- /* What all objects are called. */ -}}
{{- define "outrigger.name" -}}
{{- if contains "outrigger" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}{{ .Release.Name | trunc 42 | trimSuffix "-" }}-outrigger{{ end }}
{{- end -}}

{{- define "outrigger.labels" -}}
app.kubernetes.io/name: outrigger
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ include "outrigger.version" . | quote }}
{{- end -}}

{{- /* An application's chart has a version of its own. */ -}}
{{- define "outrigger.version" -}}
{{- $v := include "outrigger.values" . | fromYaml -}}
{{- $chart := .Chart -}}
{{- if ne .Chart.Name "outrigger" }}{{ $chart = .Subcharts.outrigger.Chart }}{{ end -}}
{{- $v.image.tag | default $chart.AppVersion -}}
{{- end -}}

{{- define "outrigger.image" -}}
{{- $image := (include "outrigger.values" . | fromYaml).image -}}
{{- $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ include "outrigger.version" . }}{{ end }}
{{- end -}}

{{- /* The Secret's name; empty: there is none. */ -}}
{{- define "outrigger.secret" -}}
{{- $secret := (include "outrigger.values" . | fromYaml).secret -}}
{{- if $secret.name }}{{ $secret.name }}{{ else if $secret.values }}{{ include "outrigger.name" . }}{{ end }}
{{- end -}}

{{- /*
Outrigger's configuration, without what a later file of values took out by null. Helm
adds such a file's Sentinel or Cluster to a profile's url; only one of them may be there.
*/ -}}
{{- define "outrigger.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- include "outrigger.dropNulls" $config -}}
{{- $redis := dig "store" "redis" dict $config -}}
{{- if and (kindIs "map" $redis) (or $redis.sentinel $redis.cluster) }}{{ $_ := unset $redis "url" }}{{ end -}}
{{- if not (or $config .Values.allowEmptyConfig) }}
{{- fail "config is empty: sidecars that follow it would lose their limits. Give it by --values (to helm upgrade too, or keep it by --reset-then-reuse-values), or set allowEmptyConfig=true" }}
{{- end }}
{{- toYaml $config }}
{{- end -}}

{{- /* Takes a map, and changes it. */ -}}
{{- define "outrigger.dropNulls" -}}
{{- $map := . -}}
{{- range $key, $value := . }}
{{- if kindIs "invalid" $value }}{{ $_ := unset $map $key }}
{{- else if kindIs "map" $value }}{{ include "outrigger.dropNulls" $value }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* A list, as YAML, under "in": where to make what pods mount. */ -}}
{{- define "outrigger.namespaces" -}}
in: {{ toJson ((include "outrigger.values" . | fromYaml).namespaces | default (list .Release.Namespace)) }}
{{- end -}}

{{- /* Where `helm test` asks: a pod of its can mount the configuration only where that is. */ -}}
{{- define "outrigger.testNamespace" -}}
{{- $in := (include "outrigger.namespaces" . | fromYaml).in -}}
{{- if has .Release.Namespace $in }}{{ .Release.Namespace }}{{ else }}{{ first $in }}{{ end }}
{{- end -}}

{{- /* Pods that have a sidecar: the injector's by its label, an application's chart's by its release. */ -}}
{{- define "outrigger.podSelector" -}}
{{- $v := include "outrigger.values" . | fromYaml -}}
matchLabels:
  {{- if .Chart.IsRoot }}
  outrigger.dev/inject: {{ $v.injector.labelValue | quote }}
  {{- else }}
  outrigger.dev/release: {{ .Release.Name }}
  {{- end }}
{{- end -}}
