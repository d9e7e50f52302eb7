// Which of a cluster's 16,384 slots a key belongs to.
#ifndef OUTRIGGER_REDIS_WIRE_SLOT_H_
#define OUTRIGGER_REDIS_WIRE_SLOT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace outrigger::redis {

inline constexpr int kSlots = 16'384;

// As CLUSTER KEYSLOT answers: CRC16 (XModem) of the key, or of what stands
// between its first '{' and the next '}' if that is not empty. 0 to kSlots - 1.
uint16_t KeySlot(absl::string_view key);

// A short decimal text without braces whose own slot is `slot`; so that the key
// "…{tag}" lives there. The first call builds a table (some 10 ms).
// Thread-safe. REQUIRES: slot < kSlots.
const std::string& TagOfSlot(uint16_t slot);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_WIRE_SLOT_H_
