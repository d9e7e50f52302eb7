// OpenTelemetry's own variables: what they say beside, and instead of, the
// section `telemetry`.
//
// Those that have an option in the file are put into its place:
//   OTEL_SDK_DISABLED                                  telemetry.enabled: false
//   OTEL_SERVICE_NAME, or else service.name in
//   OTEL_RESOURCE_ATTRIBUTES                           telemetry.service_name
//   OTEL_EXPORTER_OTLP_ENDPOINT                        telemetry.otlp
//   OTEL_EXPORTER_OTLP_HEADERS                         telemetry.headers
//   OTEL_EXPORTER_OTLP_COMPRESSION                     telemetry.compression
//   OTEL_EXPORTER_OTLP_CERTIFICATE                     telemetry.ca_file
//   OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, …_KEY       …cert_file, …key_file
//   OTEL_METRIC_EXPORT_INTERVAL                        …metrics_interval
//   OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE  telemetry.temporality
//   OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION  …histograms
// All others have only the variable: OTEL_EXPORTER_OTLP_{PROTOCOL, INSECURE,
// TIMEOUT} and the signals' own forms of all OTEL_EXPORTER_OTLP_ ones,
// OTEL_{TRACES, METRICS, LOGS}_EXPORTER, OTEL_PROPAGATORS,
// OTEL_TRACES_SAMPLER and _ARG, OTEL_BSP_*, OTEL_BLRP_*,
// OTEL_METRIC_EXPORT_TIMEOUT, OTEL_METRICS_EXEMPLAR_FILTER, OTEL_ATTRIBUTE_*,
// OTEL_SPAN_*, OTEL_EVENT_*, OTEL_LOGRECORD_*, OTEL_RESOURCE_ATTRIBUTES.
//
// POD_NAME, POD_NAMESPACE, POD_UID and NODE_NAME, if the pod's manifest sets
// them, become k8s.* attributes of the resource.
#ifndef OUTRIGGER_CONFIG_OTEL_VARIABLES_H_
#define OUTRIGGER_CONFIG_OTEL_VARIABLES_H_

#include "config/config.h"
#include "config/environment.h"
#include "config/text/node.h"
#include "config/text/problem.h"

namespace outrigger::config {

// Puts those that have an option into the tree, in place of what the file says.
// Call before OverlayEnvironment, whose variables are stronger.
void OverlayOtel(const Environment& environment, Node& root,
                 Problems& problems);

// What `telemetry`, when it was read, and the other variables come to.
OpenTelemetry ReadOtel(const Telemetry& telemetry,
                       const Environment& environment, Problems& problems);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_OTEL_VARIABLES_H_
