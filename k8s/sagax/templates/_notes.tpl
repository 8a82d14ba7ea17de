{{- define "sagax.notes" -}}
{{- $name := include "sagax.name" . -}}
{{- $namespace := .Release.Namespace -}}
Sagax {{ .Chart.AppVersion }} is being started as "{{ .Release.Name }}" in namespace {{ $namespace }}:
{{ range $service, $values := .Values.services }}{{ if $values.enabled }}
  {{ printf "%-11s" $service }} {{ $name }}-{{ $service }}.{{ $namespace }}.svc.{{ $.Values.clusterDomain }}:{{ int $values.port }}{{ end }}{{ end }}

Wait until every service is ready:

  helm test -n {{ $namespace }} {{ .Release.Name }}
{{ $asset := index .Values.services "asset-svc" }}{{ $order := index .Values.services "order-svc" -}}
{{- $tls := .Values.tls.existingSecret -}}
{{ if and $asset.enabled $order.enabled }}
The first calls. A token is signed with the key in the Secret {{ .Values.auth.existingSecret }}; ./sagax of the source tree does it:

  mkdir -p key && kubectl get secret -n {{ $namespace }} {{ .Values.auth.existingSecret }} -o jsonpath='{.data.{{ .Values.auth.keyKey | replace "." "\\." }}}' | base64 -d > key/dev-key.pem
  OPERATOR=$(./sagax token op --scope read,operator --data key) ALICE=$(./sagax token alice --data key); rm -r key
{{- if $tls }}
  kubectl get secret -n {{ $namespace }} {{ $tls | replace "{service}" "order-svc" }} -o jsonpath='{.data.ca\.crt}' | base64 -d > ca.crt
{{- end }}
  kubectl port-forward -n {{ $namespace }} svc/{{ $name }}-asset-svc {{ int $asset.port }} &
  kubectl port-forward -n {{ $namespace }} svc/{{ $name }}-order-svc {{ int $order.port }} &
  grpcurl {{ if $tls }}-cacert ca.crt -authority {{ $name }}-asset-svc.{{ $namespace }}.svc.{{ .Values.clusterDomain }}{{ else }}-plaintext{{ end }} -H "authorization: Bearer $OPERATOR" -d '{"account":"alice","asset":"USD","amount":"1000","request_id":"d-1"}' 127.0.0.1:{{ int $asset.port }} sagax.asset.v1.AssetService/Deposit
  grpcurl {{ if $tls }}-cacert ca.crt -authority {{ $name }}-order-svc.{{ $namespace }}.svc.{{ .Values.clusterDomain }}{{ else }}-plaintext{{ end }} -H "authorization: Bearer $ALICE" -d '{"market":"BTC-USD","client_order_id":"o-1","limit":{"side":"SIDE_BUY","price":"50000","quantity":"0.01"}}' 127.0.0.1:{{ int $order.port }} sagax.order.v1.OrderService/PlaceOrder
{{ end }}
{{- if or .Values.kafka.topics.allowUnreplicated (not .Values.redis.auth) (not .Values.networkPolicy.enabled) }}
This is a trial:
{{- if .Values.kafka.topics.allowUnreplicated }} records may be lost with one broker;{{ end }}
{{- if not .Values.redis.auth }} Redis has no password;{{ end }}
{{- if not .Values.networkPolicy.enabled }} anybody in the cluster may reach the services and their metrics;{{ end }} do not keep money in it.
{{ end }}
{{- end -}}
