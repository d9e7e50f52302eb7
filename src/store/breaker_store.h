// What the fleet shares about breakers: each one's state, and what the pods
// have seen of it.
//
// Two stores implement this: MemoryBreakerStore, for one process, and
// redis::BreakerStore (with Lua scripts), for a fleet. Both pass
// tests/store/breaker_store_suite.h.
//
// A state is a record that only whoever has seen its latest revision can
// replace (compare and swap), so what changes it is written once, as pure
// functions in breaker/. What pods have seen are snapshots, not increments: one
// that is lost, doubled or repeated does no harm.
#ifndef OUTRIGGER_STORE_BREAKER_STORE_H_
#define OUTRIGGER_STORE_BREAKER_STORE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace outrigger::store {

// A breaker, or one of its methods'.
struct BreakerKey {
  std::string name;    // as configured
  std::string method;  // empty: of calls without one; at most 256 bytes

  bool operator==(const BreakerKey&) const = default;
  auto operator<=>(const BreakerKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const BreakerKey& k) {
    return H::combine(std::move(h), k.name, k.method);
  }
};

// Of a record's bytes; more is kInvalidArgument.
inline constexpr size_t kMaxBreakerRecordBytes = 64 * 1024;
// Of each of a snapshot's numbers; more counts as this.
inline constexpr uint64_t kMaxBreakerSeen = uint64_t{1} << 32;

struct BreakerRecord {
  // 0: there is none. Grows with each swap of the key, also across a loss of
  // the store's memory: max(last known + 1, the store's time in microseconds).
  uint64_t revision = 0;
  // breaker::Encode's. At most kMaxBreakerRecordBytes.
  std::string bytes;

  bool operator==(const BreakerRecord&) const = default;
};

// What one pod, or all together, have seen within the window.
struct BreakerSeen {
  uint64_t calls = 0;
  uint64_t failures = 0;
  uint64_t slow = 0;

  bool operator==(const BreakerSeen&) const = default;
};

struct BreakerReport {
  BreakerKey key;
  std::string pod;  // 1 to 64 bytes, the same in each report of this run
  // Of the state's generation that it was counted in. What was reported of
  // another generation is forgotten when the first of a greater one comes; one
  // of a smaller one is not taken.
  uint64_t generation = 0;
  // Since this generation began, or in the window.
  BreakerSeen seen;
  // By its own measure the service is bad.
  bool bad = false;
  // It holds for this long, > 0; then the pod counts as having seen nothing.
  int64_t keep_for_ms = 0;
};

// What the fleet has seen in one generation.
struct BreakerEvidence {
  BreakerSeen seen;
  // Pods that have seen a call, and those that say it is bad.
  uint32_t reporters = 0;
  uint32_t bad_reporters = 0;
  // The greatest that was reported of, which may be older than the record's: it
  // is evidence only against that one. 0: nothing was reported.
  uint64_t generation = 0;

  bool operator==(const BreakerEvidence&) const = default;
};

struct BreakerReply {
  BreakerRecord record;
  BreakerEvidence evidence;
  int64_t now_us = 0;  // the store's time, since 1970
};

struct BreakerSwap {
  BreakerKey key;
  // The revision that is replaced; 0: there must be none.
  uint64_t expected = 0;
  // The greatest revision that the swapper knows of, if the store may have
  // forgotten it. 0: `expected`.
  uint64_t above = 0;
  std::string bytes;
  // The record is forgotten after this; 0: never.
  int64_t keep_for_ms = 0;
};

struct BreakerSwapReply {
  bool swapped = false;
  // After the request: what was written, or what stands there.
  BreakerRecord record;
  int64_t now_us = 0;
};

// Hears of the records' changes, from this pod and others. Called on the
// store's thread, or within a call to the store; must not block. May call the
// store.
class BreakerListener {
 public:
  virtual ~BreakerListener() = default;
  // These records were swapped or forgotten: read them.
  virtual void OnChanged(const std::vector<BreakerKey>& keys) = 0;
  // From now on changes may be missed.
  virtual void OnUnheard() = 0;
  // From now on all changes are heard of; those before may have been missed,
  // and the store may have lost its last writes.
  virtual void OnHeard() = 0;
};

// Thread-safe. As with LimitStore, every callback runs exactly once, possibly
// before the call returns; call with no lock held that a callback or the
// listener takes. Errors: kUnavailable (not done), kDeadlineExceeded (unknown
// whether it was done), kInternal (the store answered nonsense). A store never
// repeats a swap whose outcome is unknown.
class BreakerStore {
 public:
  template <typename T>
  using Callback = absl::AnyInvocable<void(absl::StatusOr<T>)>;

  virtual ~BreakerStore() = default;

  // Once, before anything else. `listener` outlives the store.
  virtual void Listen(BreakerListener* listener) = 0;

  // Only looks.
  virtual void Read(BreakerKey key, Callback<BreakerReply> done) = 0;
  // Leaves what the pod has seen, and looks.
  virtual void Report(BreakerReport report, Callback<BreakerReply> done) = 0;
  virtual void Swap(BreakerSwap swap, Callback<BreakerSwapReply> done) = 0;

  // False while the store is known to be out of reach.
  virtual bool reachable() const = 0;
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_BREAKER_STORE_H_
