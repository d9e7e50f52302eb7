// All metrics as Prometheus reads them.
#ifndef OUTRIGGER_ADMIN_PROMETHEUS_EXPOSITION_H_
#define OUTRIGGER_ADMIN_PROMETHEUS_EXPOSITION_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "telemetry/snapshot.h"

namespace outrigger::admin {

enum class Format : uint8_t {
  kText,         // Prometheus' text format 0.0.4
  kOpenMetrics,  // 1.0.0: with units, exemplars and a final "# EOF"
};

// The value of Content-Type.
absl::string_view ContentTypeOf(Format format);

// `resource` becomes target_info's labels; `version` is the program's, for the
// label otel_scope_version of every series. Counters end with "_total";
// up-down counters are gauges. `expected_bytes`: about how long the result will
// be, e.g. as long as the last one; 0: not known.
std::string Expose(const telemetry::Snapshot& snapshot,
                   const telemetry::Attributes& resource,
                   absl::string_view version, Format format,
                   size_t expected_bytes = 0);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROMETHEUS_EXPOSITION_H_
