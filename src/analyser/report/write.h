// Pieces of the two documents.
#ifndef OUTRIGGER_ANALYSER_REPORT_WRITE_H_
#define OUTRIGGER_ANALYSER_REPORT_WRITE_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "analyser/report.h"
#include "analyser/seen/seen.h"
#include "base/clock.h"
#include "base/json.h"

namespace outrigger::analyser {

inline double UnixSeconds(WallTime time) {
  return ToSeconds(time.time_since_epoch());
}

// null if it is unset.
inline void WriteKnown(absl::string_view name,
                       const std::optional<double>& value, JsonWriter& json) {
  json.Key(name);
  if (value.has_value()) {
    json.Value(*value);
  } else {
    json.Null();
  }
}

// An array of all values, oldest first.
template <typename Ring>
void WriteRing(absl::string_view name, const Ring& ring, JsonWriter& json) {
  json.BeginArray(name);
  for (size_t i = 0; i < ring.size(); ++i) json.Value(ring[i]);
  json.EndArray();
}

// "findings".
void WriteFindings(const Health& health, JsonWriter& json);
// "limits" and "limits_left_out".
void WriteLimits(const Seen& seen, JsonWriter& json);
// "caches", "breakers" and "pools".
void WriteParts(const Seen& seen, JsonWriter& json);
// "redis" and "methods".
void WriteOperations(const Seen& seen, JsonWriter& json);

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_REPORT_WRITE_H_
