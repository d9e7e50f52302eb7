// A breaker's state: what the fleet shares of it, or a pod keeps for itself.
//
//      0  'O' 'B' 1         what it is, and the version of this format
//      3  state, forced, reason    a byte each
//         generation, methods_reset, opened_at, until, recovering_since,
//         attempts, the cause's counts, the decided probes' counts   varints
//         opened_by         its length in a byte, then its bytes
//         probes            their number (varint); each: id and holder (8
//                           bytes, little-endian), deadline (varint)
//
// Anything else is not ours, or is damaged.
#ifndef OUTRIGGER_BREAKER_RECORD_H_
#define OUTRIGGER_BREAKER_RECORD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outrigger::breaker {

enum class State : uint8_t { kClosed = 1, kOpen = 2, kHalfOpen = 3 };

// By hand; dominates the state, which goes on below kMetricsOnly alone.
enum class Forced : uint8_t {
  kNone = 0,
  kOpen = 1,
  kClosed = 2,
  kMetricsOnly = 3,
};

// Why it opened.
enum class Reason : uint8_t {
  kNone = 0,
  kConsecutiveFailures = 1,
  kFailureRate = 2,
  kSlowRate = 3,
  kProbeFailed = 4,
};

// Numbers of calls. A call may be a failure and slow.
struct Tally {
  uint64_t calls = 0;
  uint64_t failures = 0;
  uint64_t slow = 0;

  bool operator==(const Tally&) const = default;
};

// Why it opened, with the numbers that people want to see.
struct Cause {
  Reason reason = Reason::kNone;
  // Of `of` calls or probes, so many were failures (or slow).
  uint64_t bad = 0;
  uint64_t of = 0;
  // Pods that say so, of those that have seen a call; 0 and 0: one for itself.
  uint32_t bad_pods = 0;
  uint32_t pods = 0;

  bool operator==(const Cause&) const = default;
};

// E.g. "7 of 20 calls failed, say 3 of 4 pods"; empty for kNone.
std::string Explain(const Cause& cause);

// A call that probes and has not been reported.
struct Probe {
  uint64_t id = 0;
  uint64_t holder = 0;  // the pod's own number
  int64_t deadline_us = 0;

  bool operator==(const Probe&) const = default;
};

// Times are in microseconds of the clock that the record goes by: the store's,
// or the pod's own. A value. The default is a breaker of which nothing is
// known: closed.
struct Record {
  // Grows with each change of state; probes alone do not change it. Below
  // kMaxGeneration.
  uint64_t generation = 0;
  // Of the breaker of calls without a method: what its methods' records of a
  // generation up to this say is over. 0: nothing is.
  uint64_t methods_reset = 0;
  State state = State::kClosed;
  Forced forced = Forced::kNone;
  // Of the latest opening; all stay until the next one, or Reset.
  Cause cause;
  int64_t opened_at_us = 0;
  std::string opened_by;  // at most kMaxPodBytes
  // kOpen: probes can be had from then on.
  int64_t until_us = 0;
  // kClosed: since when the admitted share grows; 0: it was never open.
  int64_t recovering_since_us = 0;
  // How often it opened since it was last whole.
  uint32_t attempts = 0;
  // kHalfOpen: those that are out, and how the others went.
  std::vector<Probe> probes;
  Tally decided;

  bool operator==(const Record&) const = default;
};

// 2^56 microseconds are 2,283 years.
inline constexpr uint64_t kMaxGeneration = 1ULL << 56;
inline constexpr size_t kMaxPodBytes = 64;
inline constexpr size_t kMaxProbes = 1000;

// At most 32 KiB. REQUIRES: the record keeps within the bounds above.
std::string Encode(const Record& record);

// kDataLoss for anything that Encode cannot have made.
absl::StatusOr<Record> Decode(absl::string_view bytes);

}  // namespace outrigger::breaker

#endif  // OUTRIGGER_BREAKER_RECORD_H_
