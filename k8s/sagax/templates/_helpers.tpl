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

{{/* The name of a Secret, of each service its own where it says {service}: (dict "name" NAME "service" "order-svc") */}}
{{- define "sagax.secretOf" -}}
{{- .name | replace "{service}" .service -}}
{{- end -}}

{{/* A redis:// or postgresql:// URI whose user and password come from variables. */}}
{{/* (dict "root" $ "login" "ledger") or "limits" */}}
{{- define "sagax.redisUri" -}}
{{- $redis := .root.Values.redis -}}
{{- $login := "" -}}
{{- if eq .login "limits" }}{{ $login = printf "%s:$(REDIS_LIMITS_PASSWORD)@" $redis.limits.username -}}
{{- else if $redis.auth }}{{ $login = printf "%s:$(REDIS_PASSWORD)@" $redis.username }}{{ end -}}
{{ ternary "rediss" "redis" $redis.tls }}://{{ $login }}{{ required "redis.host is needed." $redis.host }}:{{ int $redis.port }}
{{- if $redis.tls }}?cacert=/etc/sagax/redis/{{ $redis.caKey }}{{ end -}}
{{- end -}}

{{/* Which user of Redis a service is. */}}
{{- define "sagax.redisLogin" -}}
{{- if and .root.Values.redis.limits.username (ne .service "settle-svc") }}limits{{ else }}ledger{{ end -}}
{{- end -}}

{{/* (dict "root" $ "login" "POSTGRES") */}}
{{- define "sagax.postgresUri" -}}
{{- $postgres := .root.Values.postgres -}}
postgresql://$({{ .login }}_USER):$({{ .login }}_PASSWORD)@{{ required "postgres.host is needed." $postgres.host }}:{{ int $postgres.port }}/{{ $postgres.database }}
{{- if $postgres.caSecret }}?sslmode=verify-full&sslrootcert=/etc/sagax/postgres/{{ $postgres.caKey }}{{ end -}}
{{- end -}}

{{/* Variables with the user and password of a Secret: (dict "login" "POSTGRES" "secret" NAME "of" values) */}}
{{- define "sagax.login" -}}
- name: {{ .login }}_USER
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .of.usernameKey }}
- name: {{ .login }}_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .of.passwordKey }}
{{- end -}}

{{/* How to log in to Kafka: (dict "root" $ "service" "order-svc") */}}
{{- define "sagax.kafkaSecurity" -}}
{{- $security := .root.Values.kafka.security -}}
- name: SAGAX_KAFKA_SECURITY_PROTOCOL
  value: {{ $security.protocol }}
{{- if hasPrefix "SASL" $security.protocol }}
- name: SAGAX_KAFKA_SASL_MECHANISM
  value: {{ $security.mechanism }}
- name: SAGAX_KAFKA_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ include "sagax.secretOf" (dict "name" (required "kafka.security.existingSecret is needed with SASL." $security.existingSecret) "service" .service) }}
      key: {{ $security.usernameKey }}
- name: SAGAX_KAFKA_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "sagax.secretOf" (dict "name" $security.existingSecret "service" .service) }}
      key: {{ $security.passwordKey }}
{{- end }}
{{- if $security.caSecret }}
- name: SAGAX_KAFKA_CA
  value: /etc/sagax/kafka/{{ $security.caKey }}
{{- end }}
{{- if $security.certificateSecret }}
- name: SAGAX_KAFKA_CERTIFICATE
  value: /etc/sagax/kafka-certificate/tls.crt
- name: SAGAX_KAFKA_KEY
  value: /etc/sagax/kafka-certificate/tls.key
{{- end }}
{{- end -}}

{{/* The Secrets with certificates, as a YAML map of mount to Secret: (dict "root" $ "service" "order-svc") */}}
{{- define "sagax.certificates" -}}
{{- $values := .root.Values -}}
{{- with $values.kafka.security.caSecret }}
kafka: {{ . }}
{{- end }}
{{- with $values.kafka.security.certificateSecret }}
kafka-certificate: {{ include "sagax.secretOf" (dict "name" . "service" $.service) }}
{{- end }}
{{- if $values.redis.tls }}
redis: {{ required "redis.caSecret is needed with redis.tls." $values.redis.caSecret }}
{{- end }}
{{- with $values.postgres.caSecret }}
postgres: {{ . }}
{{- end }}
{{- with $values.tls.existingSecret }}
tls: {{ include "sagax.secretOf" (dict "name" . "service" $.service) }}
{{- end }}
{{- end -}}

{{- define "sagax.kafkaCertificates" -}}
{{- pick (include "sagax.certificates" . | fromYaml) "kafka" "kafka-certificate" | toYaml -}}
{{- end -}}

{{/* Of a YAML map of mount to Secret. */}}
{{- define "sagax.mounts" -}}
{{- range $mount, $secret := fromYaml . }}
- name: {{ $mount }}
  mountPath: /etc/sagax/{{ $mount }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "sagax.volumes" -}}
{{- range $mount, $secret := fromYaml . }}
- name: {{ $mount }}
  secret:
    secretName: {{ $secret }}
    defaultMode: 288 # 0440
{{- end }}
{{- end -}}

{{/* Where probes ask: a kubelet knows no TLS. */}}
{{- define "sagax.probePort" -}}
{{- if .root.Values.tls.existingSecret }}{{ int .root.Values.tls.healthPort }}{{ else }}{{ int .values.port }}{{ end -}}
{{- end -}}

{{/* User and password of a service's role, as variables: (dict "root" $ "service" "order-svc") */}}
{{- define "sagax.role" -}}
{{- $postgres := .root.Values.postgres -}}
{{ include "sagax.login" (dict "login" "POSTGRES" "secret" (include "sagax.secretOf" (dict "name" (required "postgres.existingSecret is needed." $postgres.existingSecret) "service" .service)) "of" $postgres) }}
{{- end -}}

{{/* Whoever owns the schemas, where the services' roles do not. */}}
{{- define "sagax.owner" -}}
{{- $migrations := .Values.postgres.migrations -}}
{{- if $migrations.existingSecret }}
{{ include "sagax.login" (dict "login" "POSTGRES_OWNER" "secret" $migrations.existingSecret "of" $migrations) }}
- name: SAGAX_POSTGRES_OWNER_URI
  value: {{ include "sagax.postgresUri" (dict "root" . "login" "POSTGRES_OWNER") | quote }}
{{- end }}
{{- end -}}

{{- define "sagax.postgresCertificates" -}}
{{- pick (include "sagax.certificates" . | fromYaml) "postgres" | toYaml -}}
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
