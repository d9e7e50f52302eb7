// A span's attributes on the wire.
#ifndef OUTRIGGER_OTLP_ENCODE_SPAN_ATTRIBUTES_H_
#define OUTRIGGER_OTLP_ENCODE_SPAN_ATTRIBUTES_H_

#include <cstdint>

#include "otlp/encode/wire.h"
#include "otlp/options.h"
#include "telemetry/trace/span.h"

namespace outrigger::otlp {

// Writes each as a KeyValue in `field`, at most limits.attributes of them;
// returns how many were left out. Of two with the same key the later one is
// sent.
uint32_t WriteAttributes(int field, const telemetry::SpanAttributes& attributes,
                         const ItemLimits& limits, WireWriter& out);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_ENCODE_SPAN_ATTRIBUTES_H_
