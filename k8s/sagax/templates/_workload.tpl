{{- define "sagax.serviceSelector" -}}
{{ include "sagax.selector" .root }}
app.kubernetes.io/component: {{ .service }}
{{- end -}}

{{- define "sagax.serviceLabels" -}}
{{ include "sagax.labels" .root }}
app.kubernetes.io/component: {{ .service }}
{{- end -}}

{{- define "sagax.workload" -}}
{{- $root := .root -}}
{{- $values := .values -}}
apiVersion: apps/v1
kind: {{ ternary "StatefulSet" "Deployment" $values.stable }}
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "sagax.serviceLabels" . | nindent 4 }}
spec:
  {{- if not (or $values.hpa.enabled $values.keda.enabled) }}
  replicas: {{ int $values.replicas }}
  {{- end }}
  {{- if $values.stable }}
  serviceName: {{ .name }}-pods
  # A replica that waits for a dependency must not keep the others from starting.
  podManagementPolicy: Parallel
  updateStrategy:
    type: RollingUpdate
  {{- else }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  {{- end }}
  minReadySeconds: 5
  selector:
    matchLabels:
      {{- include "sagax.serviceSelector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "sagax.serviceLabels" . | nindent 8 }}
      annotations:
        {{- if not $root.Values.markets.existingConfigMap }}
        sagax.dev/markets: {{ include "sagax.marketsText" $root | sha256sum }}
        {{- end }}
        {{- with $root.Values.pods.annotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "sagax.name" $root }}
      automountServiceAccountToken: false
      # Else variables of Services could be taken for settings.
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ int $root.Values.pods.terminationGraceSeconds }}
      {{- include "sagax.pullSecrets" $root | nindent 6 }}
      securityContext:
        {{- include "sagax.podSecurity" $root | nindent 8 }}
      {{- with $root.Values.pods.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $root.Values.pods.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.pods.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: {{ $root.Values.pods.spreadOverZones }}
          labelSelector:
            matchLabels:
              {{- include "sagax.serviceSelector" . | nindent 14 }}
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: {{ $root.Values.pods.spreadOverNodes }}
          labelSelector:
            matchLabels:
              {{- include "sagax.serviceSelector" . | nindent 14 }}
      containers:
        - name: {{ .service }}
          image: {{ include "sagax.image" . }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          securityContext:
            {{- include "sagax.containerSecurity" $root | nindent 12 }}
          env:
            {{- include "sagax.environment" . | nindent 12 }}
          ports:
            - name: grpc
              containerPort: {{ int $values.port }}
            - name: metrics
              containerPort: {{ int $root.Values.metrics.port }}
            {{- if $root.Values.tls.existingSecret }}
            - name: health
              containerPort: {{ int $root.Values.tls.healthPort }}
            {{- end }}
          {{- include "sagax.probes" . | nindent 10 }}
          lifecycle:
            preStop:
              sleep:
                seconds: {{ int $root.Values.pods.pauseBeforeStopSeconds }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - name: markets
              mountPath: /etc/sagax/markets
              readOnly: true
            - name: key
              mountPath: /etc/sagax/key
              readOnly: true
            {{- include "sagax.mounts" (include "sagax.certificates" .) | nindent 12 }}
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: markets
          configMap:
            name: {{ include "sagax.marketsConfigMap" $root }}
        - name: key
          secret:
            secretName: {{ required "auth.existingSecret is needed: all services check tokens with the same key." $root.Values.auth.existingSecret }}
            defaultMode: 288 # 0440
            items:
              - key: {{ $root.Values.auth.keyKey }}
                path: key.pem
        {{- include "sagax.volumes" (include "sagax.certificates" .) | nindent 8 }}
        - name: tmp
          emptyDir:
            sizeLimit: 256Mi
{{- end -}}

{{/* Startup and liveness ask whether an event loop is stuck, and no more: a restart brings back no store that is away. */}}
{{- define "sagax.probes" -}}
startupProbe:
  grpc:
    port: {{ include "sagax.probePort" . }}
    service: liveness
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: {{ div (int .root.Values.probes.startSeconds) 2 }}
readinessProbe:
  grpc:
    port: {{ include "sagax.probePort" . }}
    service: readiness
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  grpc:
    port: {{ include "sagax.probePort" . }}
    service: liveness
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{/* The environment is all of a service's configuration. */}}
{{- define "sagax.environment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- with $values.pods.javaOptions -}}
- name: JAVA_TOOL_OPTIONS
  value: {{ . | quote }}
{{ end -}}
{{- if and $values.redis.auth (eq (include "sagax.redisLogin" .) "ledger") -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ required "redis.existingSecret is needed, or redis.auth=false for a trial." $values.redis.existingSecret }}
      key: {{ $values.redis.passwordKey }}
{{ end -}}
{{- if $values.redis.limits.username -}}
- name: REDIS_LIMITS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ required "redis.limits.existingSecret is needed with redis.limits.username." $values.redis.limits.existingSecret }}
      key: {{ $values.redis.limits.passwordKey }}
{{ end -}}
{{ include "sagax.role" . }}
- name: SAGAX_POSTGRES_URI
  value: {{ include "sagax.postgresUri" (dict "root" $root "login" "POSTGRES") | quote }}
{{- if eq $values.postgres.migrations.runBy "services" }}
{{- include "sagax.owner" $root }}
{{- end }}
- name: SAGAX_MIGRATIONS_RUN
  value: {{ eq $values.postgres.migrations.runBy "services" | quote }}
- name: SAGAX_REDIS_URI
  value: {{ include "sagax.redisUri" (dict "root" $root "login" (include "sagax.redisLogin" .)) | quote }}
{{- if and $values.redis.limits.username (not (hasKey $values.settings "ratelimit.redis.uri")) }}
- name: SAGAX_RATELIMIT_REDIS_URI
  value: {{ include "sagax.redisUri" (dict "root" $root "login" "limits") | quote }}
{{- end }}
{{ include "sagax.topicSettings" $root }}
{{ include "sagax.kafkaSecurity" . }}
{{- if $values.tls.existingSecret }}
- name: SAGAX_TLS_CERTIFICATE
  value: /etc/sagax/tls/tls.crt
- name: SAGAX_TLS_KEY
  value: /etc/sagax/tls/tls.key
- name: SAGAX_TLS_CA
  value: /etc/sagax/tls/ca.crt
- name: SAGAX_HEALTH_PORT
  value: {{ int $values.tls.healthPort | quote }}
{{- end }}
- name: SAGAX_GRPC_HOST
  value: 0.0.0.0
- name: SAGAX_GRPC_PORT
  value: {{ int .values.port | quote }}
- name: SAGAX_METRICS_PORT
  value: {{ int $values.metrics.port | quote }}
- name: SAGAX_MARKETS_FILE
  value: /etc/sagax/markets/markets.yaml
- name: SAGAX_AUTH_KEY_FILE
  value: /etc/sagax/key/key.pem
{{- if .values.stable }}
- name: SAGAX_INSTANCE_ID
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}
{{- if has "settle-svc" .facts.calls }}
- name: SAGAX_LEDGER_ADDRESS
  value: {{ include "sagax.peer" (dict "root" $root "service" "settle-svc" "peer" "ledger") | quote }}
{{- end }}
{{- if has "match-svc" .facts.calls }}
- name: SAGAX_MATCH_ADDRESS
  value: {{ include "sagax.peer" (dict "root" $root "service" "match-svc" "peer" "match") | quote }}
{{- end }}
{{- if $values.auth.jwks }}
- name: SAGAX_AUTH_JWKS
  value: {{ $values.auth.jwks | quote }}
- name: SAGAX_AUTH_ISSUER
  value: {{ required "auth.issuer is needed with auth.jwks." $values.auth.issuer | quote }}
- name: SAGAX_AUTH_AUDIENCE
  value: {{ $values.auth.audience | quote }}
{{- end }}
{{- with $values.traces.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $values.traces.ratio | quote }}
{{- end }}
{{- range $key, $value := $values.settings }}
- name: SAGAX_{{ $key | upper | replace "." "_" }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}
