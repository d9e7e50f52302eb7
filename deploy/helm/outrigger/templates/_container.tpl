{{- /*
The sidecar's container, and its volumes: the same for an application's chart and for
the injector. Takes the dict of "outrigger.settings"; the injector gives expressions
instead of values.
*/ -}}
{{- define "outrigger.container" -}}
name: outrigger
image: {{ .image | quote }}
imagePullPolicy: {{ .pullPolicy | quote }}
args: [serve, --config, /etc/outrigger/outrigger.yaml]
env:
# Only the pod's own containers can mount the folder, and they may run as anybody.
- {name: OUTRIGGER_LISTEN_UNIX_MODE, value: "0666"}
- {name: POD_NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}}
- {name: POD_NAMESPACE, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}}
- {name: OTEL_RESOURCE_ATTRIBUTES, value: "service.namespace=$(POD_NAMESPACE),k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME)"}
# Labels that are not there give an empty value, which counts as none.
- {name: OTEL_SERVICE_NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: "metadata.labels['app.kubernetes.io/name']"}}}
# Since 1.35 a pod gets its node's labels of topology.
- {name: OUTRIGGER_SERVER_ZONE, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: "metadata.labels['topology.kubernetes.io/zone']"}}}
{{- if .metrics.enabled }}
- {name: OUTRIGGER_LISTEN_ADMIN, value: {{ .metrics.address | quote }}}
- {name: OUTRIGGER_LISTEN_ADMIN_TOKEN_FILE, value: /run/secrets/outrigger/token}
{{- end }}
{{- range .env }}
- {{ toJson . }}
{{- end }}
{{- if .metrics.enabled }}
ports:
- {name: outrigger-admin, containerPort: {{ regexFind "[0-9]+$" .metrics.address }}, protocol: TCP}
{{- end }}
# What is asked is what the application uses: gRPC over the socket. That works wherever
# the admin port listens. Neither probe fails because Redis does.
startupProbe: {exec: {command: [/outrigger, probe]}, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 60}
livenessProbe: {exec: {command: [/outrigger, probe]}, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3}
readinessProbe: {exec: {command: [/outrigger, probe, --ready]}, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3}
resources: {{ toJson .resources }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  privileged: false
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
volumeMounts:
- {name: outrigger-sock, mountPath: /run/outrigger}
- {name: outrigger-config, mountPath: /etc/outrigger, readOnly: true}
{{- if .secret }}
- {name: outrigger-secret, mountPath: /run/secrets/outrigger, readOnly: true}
{{- end }}
# The sidecar needs no token of the service account: nothing is there instead.
- {name: outrigger-none, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- end -}}

{{- define "outrigger.volumeList" -}}
volumes:
- {name: outrigger-sock, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
# A pod does not start without it: a sidecar without limits would allow everything.
- {name: outrigger-config, configMap: {name: {{ .config | quote }}}}
{{- if .secret }}
- {name: outrigger-secret, secret: {secretName: {{ .secret | quote }}, optional: {{ .secretOptional }}}}
{{- end }}
- {name: outrigger-none, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
{{- end -}}
