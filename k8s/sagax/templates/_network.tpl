{{/* Egress to one kind of server: (dict "ports" <YAML list> "to" <peers>) */}}
{{- define "sagax.egress" -}}
- ports:
    {{- range .ports }}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "sagax.dns" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- end -}}

{{/* Of what a hook's job needs. It stays until the next one. */}}
{{- define "sagax.beforeTheJobs" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: "-5"
helm.sh/hook-delete-policy: before-hook-creation
{{- end -}}

{{- define "sagax.kafkaEgress" -}}
{{- include "sagax.egress" (dict "ports" (include "sagax.ports" .Values.kafka.bootstrap | fromYamlArray) "to" .Values.networkPolicy.destinations.kafka) -}}
{{- end -}}

{{- define "sagax.network" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $policy := $values.networkPolicy -}}
{{- $facts := include "sagax.facts" $root | fromYaml -}}
{{- $service := .service -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "sagax.serviceLabels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "sagax.serviceSelector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports:
        - {port: grpc, protocol: TCP}
      from:
        # those who call it, and `helm test`
        {{- range $caller, $fact := $facts }}
        {{- if has $service $fact.calls }}
        - podSelector:
            matchLabels:
              {{- include "sagax.selector" $root | nindent 14 }}
              app.kubernetes.io/component: {{ $caller }}
        {{- end }}
        {{- end }}
        - podSelector:
            matchLabels:
              {{- include "sagax.selector" $root | nindent 14 }}
              app.kubernetes.io/component: test
        {{- with $policy.operators }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- if .values.clients }}
        {{- if $policy.clients }}
        {{- toYaml $policy.clients | nindent 8 }}
        {{- else }}
        - podSelector: {}
        {{- end }}
        {{- end }}
    {{- if $values.tls.existingSecret }}
    - ports:
        - {port: health, protocol: TCP}
      from:
        - podSelector:
            matchLabels:
              {{- include "sagax.selector" $root | nindent 14 }}
              app.kubernetes.io/component: test
    {{- end }}
    {{- with $policy.prometheus }}
    - ports:
        - {port: metrics, protocol: TCP}
      from:
        {{- toYaml . | nindent 8 }}
    {{- end }}
  egress:
    {{- include "sagax.dns" $root | nindent 4 }}
    {{- include "sagax.kafkaEgress" $root | nindent 4 }}
    {{- include "sagax.egress" (dict "ports" (list $values.redis.port) "to" $policy.destinations.redis) | nindent 4 }}
    {{- include "sagax.egress" (dict "ports" (list $values.postgres.port) "to" $policy.destinations.postgres) | nindent 4 }}
    {{- with index $values.settings "ratelimit.redis.uri" }}
    {{- include "sagax.egress" (dict "ports" (list (include "sagax.uriPort" (dict "uri" . "default" 6379))) "to" $policy.destinations.redis) | nindent 4 }}
    {{- end }}
    {{- if hasPrefix "http" $values.auth.jwks }}
    {{- $default := ternary 443 80 (hasPrefix "https:" $values.auth.jwks) }}
    {{- include "sagax.egress" (dict "ports" (list (include "sagax.uriPort" (dict "uri" $values.auth.jwks "default" $default))) "to" $policy.destinations.jwks) | nindent 4 }}
    {{- end }}
    {{- with $values.traces.endpoint }}
    {{- $default := ternary 443 80 (hasPrefix "https:" .) }}
    {{- include "sagax.egress" (dict "ports" (list (include "sagax.uriPort" (dict "uri" . "default" $default))) "to" $policy.destinations.collector) | nindent 4 }}
    {{- end }}
    {{- range .facts.calls }}
    {{- $peer := ternary "ledger" "match" (eq . "settle-svc") }}
    {{- if index $values.peers $peer }}
    {{- include "sagax.egress" (dict "ports" (include "sagax.ports" (index $values.peers $peer) | fromYamlArray) "to" list) | nindent 4 }}
    {{- else }}
    - ports:
        - {port: {{ int (index $values.services .).port }}, protocol: TCP}
      to:
        - podSelector:
            matchLabels:
              {{- include "sagax.selector" $root | nindent 14 }}
              app.kubernetes.io/component: {{ . }}
    {{- end }}
    {{- end }}
{{- end -}}

{{/* The port of a URI: (dict "uri" URI "default" PORT) */}}
{{- define "sagax.uriPort" -}}
{{- $host := (urlParse .uri).host -}}
{{- if contains ":" $host }}{{ splitList ":" $host | last }}{{ else }}{{ .default }}{{ end -}}
{{- end -}}
