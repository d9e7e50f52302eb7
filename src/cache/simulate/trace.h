// Reads recordings of which keys were asked for.
#ifndef OUTRIGGER_CACHE_SIMULATE_TRACE_H_
#define OUTRIGGER_CACHE_SIMULATE_TRACE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cache/simulate/simulation.h"

namespace outrigger::cache {

enum class TraceFormat : uint8_t {
  kKeys,    // text: a key a line, or a key, blanks or a tab, and its size in
            // bytes; empty lines and lines that start with '#' do not count
  kOracle,  // libCacheSim's oracleGeneral: records of 24 bytes, little-endian:
            // u32 time, u64 key, u32 size, i64 next
  kInt32,   // keys as big-endian int32
};

// "keys", "oracle", "int32". Null: none of them.
std::optional<TraceFormat> TraceFormatOf(absl::string_view name);

// What a file of this name with these bytes is likely to be.
TraceFormat GuessTraceFormat(absl::string_view file_name,
                             absl::string_view bytes);

// Sizes are 1 where the trace has none (or 0). kInvalidArgument says at which
// line or byte it is wrong, or that there is no request in it.
absl::StatusOr<std::vector<TraceRequest>> ReadTrace(absl::string_view bytes,
                                                    TraceFormat format);

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_SIMULATE_TRACE_H_
