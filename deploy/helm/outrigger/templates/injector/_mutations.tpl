{{- /* Adds the socket and OUTRIGGER_TARGET to a container; takes "containers" or "initContainers". */ -}}
{{- define "outrigger.celContainer" -}}
Object.spec.{{ . }}{name: c.name,
  env: has(c.env) && c.env.exists(e, e.name == "OUTRIGGER_TARGET") ? [] :
    [Object.spec.{{ . }}.env{name: "OUTRIGGER_TARGET", value: "unix:///run/outrigger/outrigger.sock"}],
  volumeMounts: [Object.spec.{{ . }}.volumeMounts{
    name: "outrigger-sock", mountPath: "/run/outrigger", readOnly: true}]}
{{- end -}}

{{- /* What the sidecar's container and volumes are made of, as expressions of the policy. */ -}}
{{- define "outrigger.celSettings" -}}
{{- $resources := dict
    "requests" (dict "cpu" "CEL::variables.cpuRequest" "memory" "CEL::variables.memoryRequest")
    "limits" (dict "memory" "CEL::variables.memoryLimit") -}}
{{- dict "image" "CEL::variables.image" "pullPolicy" .Values.image.pullPolicy
         "config" "CEL::variables.config" "secret" "CEL::variables.secret"
         "secretOptional" (not .Values.metrics.enabled)
         "resources" $resources "env" .Values.env "metrics" .Values.metrics | toYaml }}
{{- end -}}
