// One limit's part in one question.
#ifndef OUTRIGGER_COORD_LIMIT_PART_H_
#define OUTRIGGER_COORD_LIMIT_PART_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "coord/limit/held_lease.h"
#include "coord/limit/key_hash.h"
#include "coord/limit/limit_set.h"
#include "limit/matcher.h"

namespace outrigger::coord {

// Who decides a part; from the limit's configuration and what its algorithm
// can.
enum class Mode : uint8_t { kLocal, kLeased, kExact };

// What a part's tokens were taken from.
enum class Source : uint8_t { kNothing, kOwnBucket, kLease, kStore };

struct Part {
  const limit::LimitConfig* config = nullptr;
  const limit::Shape* shape = nullptr;
  LimitState* state = nullptr;
  KeyHash hash;
  Mode mode = Mode::kLocal;
  bool unlimited = false;

  // The outcome so far; `verdict` counts only if `decided`.
  bool decided = false;
  limit::Verdict verdict;
  Source taken_from = Source::kNothing;
  HeldLease::Payment payment;  // if taken_from is kLease
  bool degraded = false;
  // The lease runs low: ask for more in the background.
  bool runs_low = false;
  // Requests for a lease that this part has waited for.
  uint8_t asks = 0;
};

using Parts = absl::InlinedVector<Part, 4>;

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_PART_H_
