{{- define "chat-cluster.name" -}}
{{- .Values.name | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "chat-cluster.labels" -}}
app.kubernetes.io/name: chat-cluster
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* The series of this ChatCluster's servers, as its ServiceMonitor labels them. */}}
{{- define "chat-cluster.series" -}}
namespace="{{ .Release.Namespace }}",chatcluster_dev_cluster="{{ include "chat-cluster.name" . }}"
{{- end -}}
