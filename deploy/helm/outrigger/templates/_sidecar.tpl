{{- /*
What an application's chart puts into its pods; deploy/helm/shop does so. All take
the chart's context (`.`), and read the values under `outrigger:`.

  metadata:
    labels:            {{- include "outrigger.podLabels" . | nindent 8 }}
    annotations:       {{- include "outrigger.podAnnotations" . | nindent 8 }}
  spec:
    initContainers:    {{- include "outrigger.sidecar" . | nindent 6 }}   first in the list
    containers:        {{- include "outrigger.plain" . | nindent 6 }}     only where sidecar.plain
      env:             {{- include "outrigger.env" . | nindent 8 }}       of each container that calls it
      volumeMounts:    {{- include "outrigger.mounts" . | nindent 8 }}
    volumes:           {{- include "outrigger.volumes" . | nindent 6 }}
*/ -}}

{{- define "outrigger.sidecar" -}}
{{- if not (include "outrigger.values" . | fromYaml).sidecar.plain -}}
{{- $container := include "outrigger.container" (include "outrigger.settings" . | fromYaml) | fromYaml -}}
{{- toYaml (list (set $container "restartPolicy" "Always")) }}
{{- end -}}
{{- end -}}

{{- define "outrigger.plain" -}}
{{- if (include "outrigger.values" . | fromYaml).sidecar.plain -}}
{{- $container := include "outrigger.container" (include "outrigger.settings" . | fromYaml) | fromYaml -}}
{{- /* Containers start in order, each once the one before it has run its hook: what comes after it finds it up. */ -}}
{{- $hook := dict "postStart" (dict "exec" (dict "command" (list "/outrigger" "probe" "--wait" "60s"))) -}}
{{- toYaml (list (set $container "lifecycle" $hook)) }}
{{- end -}}
{{- end -}}

{{- define "outrigger.env" -}}
- {name: OUTRIGGER_TARGET, value: "unix:///run/outrigger/outrigger.sock"}
{{- end -}}

{{- define "outrigger.mounts" -}}
- {name: outrigger-sock, mountPath: /run/outrigger, readOnly: true}
{{- end -}}

{{- define "outrigger.volumes" -}}
{{- toYaml (include "outrigger.volumeList" (include "outrigger.settings" . | fromYaml) | fromYaml).volumes }}
{{- end -}}

{{- define "outrigger.podLabels" -}}
outrigger.dev/release: {{ .Release.Name }}
{{- end -}}

{{- /* Limits, breakers and pools change while a sidecar runs; the rest at a restart, which this brings about. */ -}}
{{- define "outrigger.podAnnotations" -}}
{{- $v := include "outrigger.values" . | fromYaml -}}
outrigger.dev/restart: {{ omit $v.config "limits" "breakers" "pools" | toJson | sha256sum | trunc 16 | quote }}
{{- end -}}

{{- /* What the templates of _container.tpl need to know. */ -}}
{{- define "outrigger.settings" -}}
{{- $v := include "outrigger.values" . | fromYaml -}}
{{- dict "image" (include "outrigger.image" .) "pullPolicy" $v.image.pullPolicy
         "config" (include "outrigger.name" .) "secret" (include "outrigger.secret" .) "secretOptional" false
         "resources" $v.resources "env" $v.env "metrics" $v.metrics | toYaml }}
{{- end -}}
