// Circuit breakers as a pod sees them: its own evidence joined to the fleet's.
//
//     calls' outcomes → this pod's window ─ snapshots → the store: the fleet's
//     the fleet's evidence or, with none to share it, the pod's own → a swap of
//     the shared record → all pods hear of it
//
// Which state counts: what was forced by hand; else the shared record's, if
// that is not closed; else this pod's own (isolated: its calls fail, the
// fleet's do not; or degraded: the store is out of reach). The two kinds of
// record are the same, and go by the same pure functions (breaker/).
//
// A pod that stops at any point leaves nothing to clean: its snapshot expires,
// its probes fail at their deadline, and whoever is asked next moves the record
// on.
#ifndef OUTRIGGER_COORD_BREAKER_BREAKERS_H_
#define OUTRIGGER_COORD_BREAKER_BREAKERS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "breaker/options.h"
#include "store/breaker_store.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

inline constexpr size_t kMaxBreakerOutcomes = 1000;
inline constexpr size_t kMaxWatchedBreakers = 256;

// As in breaker.proto, with the same numbers.
enum class BreakerState : uint8_t {
  kClosed = 1,
  kOpen = 2,
  kHalfOpen = 3,
  kForcedOpen = 4,
  kForcedClosed = 5,
  kMetricsOnly = 6,
};
enum class BreakerReason : uint8_t {
  kNone = 0,
  kConsecutiveFailures = 1,
  kFailureRate = 2,
  kSlowCallRate = 3,
  kProbesInUse = 4,
  kRecovering = 5,
  kForced = 6,
  kProbeFailed = 7,
};
enum class CallResult : uint8_t { kSuccess = 1, kFailure = 2, kIgnored = 3 };

// Views must live until the call returns.
struct PermitQuery {
  absl::string_view breaker;
  absl::string_view method;
  // 10 ms to an hour, and cut to that; 0: the breaker's probe_timeout.
  Duration timeout{};
  uint64_t session = 0;  // a Watch's; 0: none
};

struct PermitAnswer {
  bool allowed = true;
  BreakerState state = BreakerState::kClosed;
  uint64_t generation = 0;
  uint64_t permit = 0;
  Duration retry_after{};
  BreakerReason reason = BreakerReason::kNone;
  bool degraded = false;
  bool isolated = false;
  bool probe = false;
  std::string message;  // empty if allowed
};

// One call's, or (count > 1, no permit) several calls'.
struct CallOutcome {
  absl::string_view breaker;
  absl::string_view method;
  uint64_t permit = 0;
  uint64_t generation = 0;
  CallResult result = CallResult::kSuccess;
  Duration duration{};
  uint32_t count = 1;
};

struct WatchedBreaker {
  std::string breaker;
  std::string method;
  BreakerState state = BreakerState::kClosed;
  uint64_t generation = 0;
  double admit_ratio = 1;
  Duration valid_for{};
  Duration retry_after{};
  // Of calls that do not pass; none if all do.
  BreakerReason reason = BreakerReason::kNone;
  std::string message;
};

// Of one breaker or method; as BreakerStatus in breaker.proto.
struct BreakerView {
  struct Counts {
    store::BreakerSeen seen;
    uint32_t reporters = 0;
    uint32_t bad_reporters = 0;
  };
  store::BreakerKey key;
  BreakerState state = BreakerState::kClosed;
  uint64_t generation = 0;
  double admit_ratio = 1;
  Duration retry_after{};
  BreakerReason reason = BreakerReason::kNone;
  std::string message;
  std::string opened_by;
  bool isolated = false;
  bool degraded = false;
  Counts pod;
  Counts fleet;
  uint32_t consecutive_failures = 0;
  uint32_t attempts = 0;
  uint32_t probes_out = 0;
  uint32_t probes_succeeded = 0;
  uint32_t probes_failed = 0;
  uint64_t allowed = 0;
  uint64_t rejected = 0;
};

// Thread-safe. No method blocks. Every `done` runs exactly once, possibly
// before the call returns, possibly on another thread. Errors:
// kInvalidArgument, kNotFound, kResourceExhausted as in breaker.proto.
class Breakers {
 public:
  template <typename T>
  using Done = absl::AnyInvocable<void(absl::StatusOr<T>)>;
  using Ticket = uint64_t;  // never 0

  struct Settings {
    // This pod's name in the fleet; unique. Empty: a random one.
    std::string pod;
    // Acquires that wait for the store. Beyond: kResourceExhausted.
    size_t max_parked = 10'000;
    // Watches. Beyond: kResourceExhausted.
    size_t max_watches = 1000;
  };

  // All must outlive it; `store` must be new: this becomes its listener.
  // REQUIRES: valid options, unique names.
  Breakers(Settings settings, std::vector<breaker::BreakerOptions> options,
           const Clock& clock, Executor& executor, RandomSource& random,
           telemetry::Registry& registry, store::BreakerStore& store);
  // The store must have answered what it was asked first, and the executor must
  // not run any more.
  ~Breakers();

  Breakers(const Breakers&) = delete;
  Breakers& operator=(const Breakers&) = delete;

  // Answers without the store, an allocation (but for a denial's message) or a
  // system call. False: a probe may be had, or the fleet's state is not known
  // yet (at the start, or of a new method): call AcquireLater. *error not OK:
  // it cannot be asked (then true).
  bool AcquireNow(const PermitQuery& query, PermitAnswer* answer,
                  absl::Status* error);
  Ticket AcquireLater(const PermitQuery& query, Done<PermitAnswer> done);
  // The asker has gone: `done` runs with kCancelled, unless it has run. A probe
  // that it would get goes back.
  void Cancel(Ticket ticket);

  // How many of them did not count. An error, which begins with the path
  // (outcomes[3].breaker): none was counted.
  absl::StatusOr<uint32_t> Report(absl::Span<const CallOutcome> outcomes);

  // `changed` runs on any thread, one at a time for each watch, and must not
  // block or call this. Each breaker's state comes before Watch returns or soon
  // after. Until Unwatch returns; then never again. The ticket is the session
  // of PermitQuery. `names` empty: all, and those that are configured later.
  using Changed = absl::AnyInvocable<void(const WatchedBreaker&)>;
  absl::StatusOr<Ticket> Watch(std::vector<std::string> names, Changed changed);
  // Gives back the probes that were acquired with it.
  void Unwatch(Ticket ticket);

  // Empty: all. By name, then by method.
  absl::StatusOr<std::vector<BreakerView>> List(absl::string_view name) const;

  // `done` says whether it is degraded: done in this pod, and told to the fleet
  // as soon as the store is back, unless what is set by hand there is then
  // another than this pod knew, and newer. kInvalidArgument for kOpen and
  // kHalfOpen, and for a method of a breaker that has none of its own;
  // kResourceExhausted for a method beyond max_methods.
  void Force(absl::string_view name, absl::string_view method,
             BreakerState state, Done<bool> done);
  void Reset(absl::string_view name, absl::string_view method, Done<bool> done);

  // New options from now on. A breaker of the same name keeps its state. The
  // store is listened to from the first breaker on. Not two calls at once.
  // REQUIRES: as for the constructor.
  void Update(std::vector<breaker::BreakerOptions> options);

  // The pod stops: answers those who wait (denied), gives back this pod's
  // probes, ends what runs by timer. `done` runs when the store has them, or
  // has failed.
  void Drain(absl::AnyInvocable<void()> done);

 private:
  class Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_BREAKERS_H_
