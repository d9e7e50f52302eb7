{{- /*
A value as an expression of CEL: how the injector's policy gets the very container
that _container.tpl makes. A string that starts with "CEL::" is one already.

In a JSONPatch plain maps will do. Kubernetes wants all values of a literal to be of
one type; dyn() takes the type away. JSON's strings are CEL's.
*/ -}}
{{- define "outrigger.cel" -}}
{{- if kindIs "map" . -}}
{ {{- $map := . }}{{ range $i, $key := keys . | sortAlpha }}{{ if $i }}, {{ end }}{{ toJson $key }}: dyn({{ include "outrigger.cel" (get $map $key) }}){{ end -}} }
{{- else if kindIs "slice" . -}}
[{{ range $i, $value := . }}{{ if $i }}, {{ end }}dyn({{ include "outrigger.cel" $value }}){{ end }}]
{{- else if and (kindIs "string" .) (hasPrefix "CEL::" .) -}}
{{ trimPrefix "CEL::" . }}
{{- else -}}
{{ toJson . }}
{{- end -}}
{{- end -}}

{{- /* The sidecar's parts, in pieces of one line each. */ -}}
{{- define "outrigger.celLines" -}}
{{- $map := . -}}
{{- range $i, $key := keys . | sortAlpha }}{{ if $i }},
{{ end }}{{ toJson $key }}: dyn({{ include "outrigger.cel" (get $map $key) }}){{ end -}}
{{- end -}}
