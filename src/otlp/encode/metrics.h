// Metrics on the wire.
#ifndef OUTRIGGER_OTLP_ENCODE_METRICS_H_
#define OUTRIGGER_OTLP_ENCODE_METRICS_H_

#include <string>

#include "absl/types/span.h"
#include "otlp/encode/origin.h"
#include "otlp/encode/readings.h"

namespace outrigger::otlp {

// An ExportMetricsServiceRequest with `points`, which are of `reading`, a
// metric's own side by side. REQUIRES: there are points.
std::string EncodeMetrics(const Origin& origin, const Reading& reading,
                          bool exemplars, absl::Span<const PointToSend> points);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_ENCODE_METRICS_H_
