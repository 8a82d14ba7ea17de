{{- define "sagax.scaling" -}}
{{- $root := .root -}}
{{- $values := .values -}}
{{- $kind := ternary "StatefulSet" "Deployment" $values.stable -}}
{{- if and $values.hpa.enabled $values.keda.enabled }}
{{- fail (printf "services.%s: either hpa or keda, since KEDA makes an HPA of its own." .service) }}
{{- end }}
{{- if $values.hpa.enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "sagax.serviceLabels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ $kind }}
    name: {{ .name }}
  minReplicas: {{ int $values.hpa.minReplicas }}
  maxReplicas: {{ int $values.hpa.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ int $values.hpa.targetCPUPercent }}
  behavior:
    # Each change of the number moves partitions from one replica to another.
    scaleDown:
      stabilizationWindowSeconds: 600
      policies:
        - type: Pods
          value: 1
          periodSeconds: 120
{{- end }}
{{- if $values.keda.enabled }}
{{- if gt (int $values.keda.maxReplicas) (int $root.Values.kafka.topics.partitions) }}
{{- fail (printf "services.%s.keda.maxReplicas is %d, but there are %d partitions to share: more replicas do not shorten a lag." .service (int $values.keda.maxReplicas) (int $root.Values.kafka.topics.partitions)) }}
{{- end }}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "sagax.serviceLabels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ $kind }}
    name: {{ .name }}
  minReplicaCount: {{ int $values.keda.minReplicas }}
  maxReplicaCount: {{ int $values.keda.maxReplicas }}
  cooldownPeriod: 600
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown:
          stabilizationWindowSeconds: 600
          policies:
            - type: Pods
              value: 1
              periodSeconds: 120
  triggers:
    # A step commits what it has applied to its group, so that the lag shows; without a topic, that of all its topics counts.
    {{- range .facts.groups }}
    - type: kafka
      metadata:
        bootstrapServers: {{ $root.Values.kafka.bootstrap | quote }}
        consumerGroup: {{ . }}
        lagThreshold: {{ int $values.keda.lag | quote }}
    {{- end }}
{{- end }}
{{- end -}}
