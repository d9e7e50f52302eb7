// What a bucket is called inside a pod: 128 bits instead of a string.
//
// The hash is seeded anew in each process, so that nobody can choose values
// that collide; two of a million keys do so with a probability of 10^-26, and
// would then share a bucket. XXH3 is xxHash's (github.com/Cyan4973/xxHash).
#ifndef OUTRIGGER_COORD_LIMIT_KEY_HASH_H_
#define OUTRIGGER_COORD_LIMIT_KEY_HASH_H_

#include <cstdint>

#include "absl/types/span.h"
#include "limit/matcher.h"

namespace outrigger::coord {

struct KeyHash {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const KeyHash&) const = default;
};

// The bucket of `limit_id` for the values that `match` picks of `attributes`.
// Different algorithms have different buckets.
KeyHash HashKey(uint64_t seed, uint16_t limit_id, const limit::Match& match,
                absl::Span<const limit::Attribute> attributes);

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_KEY_HASH_H_
