// Where each signal goes, by `telemetry` and the OTEL_* variables.
#ifndef OUTRIGGER_CONFIG_OTEL_DESTINATIONS_H_
#define OUTRIGGER_CONFIG_OTEL_DESTINATIONS_H_

#include "config/config.h"
#include "config/otel/reader.h"
#include "otlp/options.h"

namespace outrigger::config {

// OTEL_<SIGNAL>_EXPORTER says whether: otlp, console, none or, for metrics,
// prometheus (which is /metrics, always there). Unset: otlp if there is an
// endpoint. With otlp and no endpoint it is the specification's, on localhost.
//
// The protocol, where OTEL_EXPORTER_OTLP_PROTOCOL and the signal's own do not
// say: gRPC for port 4317 and for an endpoint without http:// or https://, else
// HTTP, which is the specification's default; but for port 4318 that is a
// guess, see otlp::Destination::protocol_guessed.
otlp::Destination ReadDestination(otlp::Signal signal,
                                  const Telemetry& telemetry,
                                  OtelReader& reader);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_OTEL_DESTINATIONS_H_
