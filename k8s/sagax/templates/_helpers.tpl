{{/* Everything of a release begins with this, for instance "sagax" or "prod-sagax"; at most 40 characters. */}}
{{- define "sagax.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sagax.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sagax.labels" -}}
{{ include "sagax.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* What the code says and no value can change: who calls whom, the consumer groups, who writes which topic. Tests compare it with the code. */}}
{{- define "sagax.facts" -}}
order-svc:
  calls: [settle-svc, match-svc]
  groups: [order-svc]
  writes: [order.requested, match.requested, order.updated, order.dlq]
match-svc:
  calls: []
  groups: [match-svc, match-svc-market-data]
  writes: [settle.requested, order.cancel.requested, book.updated, match.dlq]
settle-svc:
  calls: []
  groups: [settle-svc]
  writes: [settle.completed, match.cancel.requested, transfer.completed, transfer.rejected, transfer.requested, settle.dlq, transfer.dlq]
asset-svc:
  calls: [settle-svc]
  groups: [asset-svc]
  writes: [transfer.requested]
{{- end -}}

{{- define "sagax.topics" -}}
[order.requested, match.requested, settle.requested, settle.completed, book.updated, match.cancel.requested, order.cancel.requested, order.updated, transfer.requested, transfer.completed, transfer.rejected, order.dlq, match.dlq, settle.dlq, transfer.dlq]
{{- end -}}

{{/* (dict "root" $ "service" "order-svc") */}}
{{- define "sagax.image" -}}
{{- $image := .root.Values.image -}}
{{- printf "%s/%s:%s" (required "image.repository is needed: the chart has no images of its own." $image.repository) .service (default .root.Chart.AppVersion $image.tag) -}}
{{- end -}}

{{/* Where all replicas of a service of this release are: (dict "root" $ "service" "settle-svc") */}}
{{- define "sagax.addresses" -}}
{{- $root := .root -}}
{{- $service := index $root.Values.services .service -}}
{{- $name := printf "%s-%s" (include "sagax.name" $root) .service -}}
{{- $domain := printf "%s.svc.%s" $root.Release.Namespace $root.Values.clusterDomain -}}
{{- if $service.stable -}}
{{- $replicas := $service.replicas -}}
{{- if $service.hpa.enabled }}{{ $replicas = $service.hpa.minReplicas }}{{ end -}}
{{- if $service.keda.enabled }}{{ $replicas = $service.keda.minReplicas }}{{ end -}}
{{- $addresses := list -}}
{{- range $i := until (int $replicas) -}}
{{- $addresses = append $addresses (printf "%s-%d.%s-pods.%s:%d" $name $i $name $domain (int $service.port)) -}}
{{- end -}}
{{- join "," $addresses -}}
{{- else -}}
{{- printf "%s.%s:%d" $name $domain (int $service.port) -}}
{{- end -}}
{{- end -}}

{{/* As above, or what peers says: (dict "root" $ "service" "settle-svc" "peer" "ledger") */}}
{{- define "sagax.peer" -}}
{{- $given := index .root.Values.peers .peer -}}
{{- if $given -}}
{{- $given -}}
{{- else if (index .root.Values.services .service).enabled -}}
{{- include "sagax.addresses" . -}}
{{- else -}}
{{- fail (printf "peers.%s is needed: %s is not of this release." .peer .service) -}}
{{- end -}}
{{- end -}}

{{/* The ports that a list of host:port names, as a YAML list. */}}
{{- define "sagax.ports" -}}
{{- $ports := list -}}
{{- range splitList "," . -}}
{{- $ports = append $ports (trim . | splitList ":" | last | int) -}}
{{- end -}}
{{- toYaml ($ports | uniq | sortAlpha) -}}
{{- end -}}

{{/* A redis:// or postgresql:// URI whose user and password come from variables. */}}
{{- define "sagax.redisUri" -}}
{{- $login := "" -}}
{{- if .Values.redis.auth }}{{ $login = printf "%s:$(REDIS_PASSWORD)@" .Values.redis.username }}{{ end -}}
redis://{{ $login }}{{ required "redis.host is needed." .Values.redis.host }}:{{ int .Values.redis.port }}
{{- end -}}

{{- define "sagax.postgresUri" -}}
postgresql://$(POSTGRES_USER):$(POSTGRES_PASSWORD)@{{ required "postgres.host is needed." .Values.postgres.host }}:{{ int .Values.postgres.port }}/{{ .Values.postgres.database }}
{{- end -}}

{{/* User and password of whoever may change the schemas, as variables. */}}
{{- define "sagax.ownerLogin" -}}
{{- $postgres := .Values.postgres -}}
{{- $secret := default $postgres.existingSecret $postgres.migrations.existingSecret -}}
- name: POSTGRES_USER
  valueFrom:
    secretKeyRef:
      name: {{ required "postgres.existingSecret is needed." $secret }}
      key: {{ ternary $postgres.migrations.usernameKey $postgres.usernameKey (ne $postgres.migrations.existingSecret "") }}
- name: POSTGRES_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ ternary $postgres.migrations.passwordKey $postgres.passwordKey (ne $postgres.migrations.existingSecret "") }}
{{- end -}}

{{- define "sagax.topicSettings" -}}
- name: SAGAX_KAFKA_BOOTSTRAP
  value: {{ required "kafka.bootstrap is needed." .Values.kafka.bootstrap | quote }}
- name: SAGAX_TOPICS_PARTITIONS
  value: {{ int .Values.kafka.topics.partitions | quote }}
- name: SAGAX_TOPICS_REPLICATION
  value: {{ int .Values.kafka.topics.replication | quote }}
- name: SAGAX_TOPICS_ALLOW_UNREPLICATED
  value: {{ .Values.kafka.topics.allowUnreplicated | quote }}
{{- end -}}

{{- define "sagax.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ int .Values.pods.user }}
runAsGroup: {{ int .Values.pods.user }}
fsGroup: {{ int .Values.pods.user }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "sagax.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "sagax.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "sagax.marketsConfigMap" -}}
{{- default (printf "%s-markets" (include "sagax.name" .)) .Values.markets.existingConfigMap -}}
{{- end -}}
{{- define "sagax.marketsText" -}}
{{- default (.Files.Get "files/markets.yaml") .Values.markets.text -}}
{{- end -}}
