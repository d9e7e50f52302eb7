// Sizes in bytes as people write them.
#ifndef OUTRIGGER_CONFIG_TEXT_BYTE_SIZE_H_
#define OUTRIGGER_CONFIG_TEXT_BYTE_SIZE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outrigger::config {

// A whole number and a unit: "512B", "64MiB", "1GiB". Units: B, KiB, MiB, GiB,
// TiB (powers of 1024), kB, MB, GB, TB (powers of 1000). "0" needs no unit. At
// most 1024TiB. kInvalidArgument else, saying what to write.
absl::StatusOr<int64_t> ParseByteSize(absl::string_view text);

// The text with the largest unit of 1024s that divides it. REQUIRES: bytes >=
// 0.
std::string FormatByteSize(int64_t bytes);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_BYTE_SIZE_H_
