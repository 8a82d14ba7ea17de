{{/* Where clients find a service: any of its ready pods. */}}
{{- define "sagax.front" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "sagax.serviceLabels" . | nindent 4 }}
  {{- with .values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .values.service.type }}
  selector:
    {{- include "sagax.serviceSelector" . | nindent 4 }}
  ports:
    - name: grpc
      port: {{ int .values.port }}
      targetPort: grpc
      appProtocol: {{ include "sagax.protocol" .root }}
{{- end -}}

{{- define "sagax.protocol" -}}
{{- if .Values.tls.existingSecret }}https{{ else }}kubernetes.io/h2c{{ end -}}
{{- end -}}

{{/* A name for each pod: for the other services and for Prometheus. */}}
{{- define "sagax.podsService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}-pods
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "sagax.serviceLabels" . | nindent 4 }}
    sagax.dev/metrics: "true"
spec:
  clusterIP: None
  # Also one that is not ready says what it measures, and tells its peers so itself.
  publishNotReadyAddresses: true
  selector:
    {{- include "sagax.serviceSelector" . | nindent 4 }}
  ports:
    - name: grpc
      port: {{ int .values.port }}
      targetPort: grpc
      appProtocol: {{ include "sagax.protocol" .root }}
    - name: metrics
      port: {{ int .root.Values.metrics.port }}
      targetPort: metrics
    {{- if .root.Values.tls.existingSecret }}
    - name: health
      port: {{ int .root.Values.tls.healthPort }}
      targetPort: health
      appProtocol: kubernetes.io/h2c
    {{- end }}
{{- end -}}

{{/* One pod at a time; one that is not ready anyway may always go. */}}
{{- define "sagax.disruption" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "sagax.serviceLabels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "sagax.serviceSelector" . | nindent 6 }}
{{- end -}}
