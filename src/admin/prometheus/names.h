// OpenTelemetry's names as Prometheus wants them.
#ifndef OUTRIGGER_ADMIN_PROMETHEUS_NAMES_H_
#define OUTRIGGER_ADMIN_PROMETHEUS_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "telemetry/metrics.h"

namespace outrigger::admin {

// The word that stands for a UCUM unit at a name's end: "s" is "seconds"; "1"
// is "ratio" for a gauge, else nothing; what stands in braces is nothing;
// "By/s" is "bytes_per_second". A unit that is not known stays, as far as a
// name may have it.
std::string UnitWord(absl::string_view unit, telemetry::MetricKind kind);

// The family's name with its unit, without "_total":
// "process_cpu_time_seconds".
std::string FamilyName(const telemetry::MetricInfo& info);

// "http.method" is "http_method". Names that the format itself uses ("le",
// "otel_scope_…") begin with "attribute_".
std::string LabelName(absl::string_view attribute);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROMETHEUS_NAMES_H_
