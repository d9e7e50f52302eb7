// Spans on the wire.
#ifndef OUTRIGGER_OTLP_ENCODE_SPANS_H_
#define OUTRIGGER_OTLP_ENCODE_SPANS_H_

#include <string>

#include "absl/types/span.h"
#include "otlp/encode/origin.h"
#include "otlp/options.h"
#include "telemetry/trace/span.h"

namespace outrigger::otlp {

// An ExportTraceServiceRequest. REQUIRES: there are spans.
std::string EncodeSpans(const Origin& origin, const SpanLimits& limits,
                        absl::Span<const telemetry::Span> spans);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_ENCODE_SPANS_H_
