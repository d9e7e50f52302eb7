// Attributes on the wire.
#ifndef OUTRIGGER_OTLP_ENCODE_ATTRIBUTES_H_
#define OUTRIGGER_OTLP_ENCODE_ATTRIBUTES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "opentelemetry/proto/common/v1/common.pb.h"
#include "otlp/options.h"
#include "telemetry/snapshot.h"

namespace outrigger::otlp {

using KeyValues = google::protobuf::RepeatedPtrField<
    opentelemetry::proto::common::v1::KeyValue>;

// The first bytes of `text`, at most `most`, without half a character. Bytes
// that are not UTF-8 become '?': proto3 has no other strings, and one bad text
// would lose the whole request. The result is a part of `text` or of `scratch`.
absl::string_view Clean(absl::string_view text, size_t most,
                        std::string& scratch);
std::string Clean(absl::string_view text, size_t most);

void AddText(absl::string_view key, absl::string_view value, KeyValues& out);

// Those of a series.
void AddAttributes(const telemetry::Attributes& attributes, KeyValues& out);

// As OTLP counts it; 0 if it is before 1970.
inline uint64_t UnixNanos(WallTime time) {
  const int64_t nanos = time.time_since_epoch().count();
  return nanos < 0 ? 0 : static_cast<uint64_t>(nanos);
}

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_ENCODE_ATTRIBUTES_H_
