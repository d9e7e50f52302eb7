// Rate limits for the callers of one pod: finds the limits that apply, decides
// by the pod's own tokens where it can, and by the fleet's store where it must.
//
// Life of a question: the matcher names the limits that apply and their keys;
// each key's entry holds this pod's state (a local bucket, or a lease and what
// the store last said). If every entry can answer, AllowNow answers. Else
// AllowLater parks the question until the store has answered, or until its
// tokens are due.
//
// Thread-safe. No method blocks.
#ifndef OUTRIGGER_COORD_LIMIT_LIMITER_H_
#define OUTRIGGER_COORD_LIMIT_LIMITER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "limit/limit_config.h"
#include "limit/matcher.h"
#include "store/limit_store.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

// Who and what a question is about. Views must live until the call returns.
struct AllowQuery {
  absl::Span<const limit::Attribute> attributes;
  // Tokens; 0 peeks. At most kMaxCost.
  uint64_t cost = 1;
  // 0: answer at once. At most kMaxWaitUs.
  int64_t max_wait_us = 0;
  // Only this limit; empty: all that match.
  absl::string_view limit;
  // Fill AllowAnswer::statuses.
  bool detail = false;
};

inline constexpr uint64_t kMaxCost = 1'000'000'000;
inline constexpr int64_t kMaxWaitUs = 3'600'000'000;

// One limit's part. `name` lives as long as the Limiter.
struct LimitAnswer {
  absl::string_view name;
  limit::Verdict verdict;
  double burst = 0;
  int64_t window_us = 0;
  bool shadow = false;
  bool unlimited = false;
};

struct AllowAnswer {
  bool allowed = true;
  bool degraded = false;
  // The limit that decided; name empty if none applied.
  LimitAnswer decided;
  int64_t waited_us = 0;
  absl::InlinedVector<LimitAnswer, 4> statuses;
};

class Limiter {
 public:
  struct Options {
    // This pod's name in the fleet; unique. Empty: a random one.
    std::string pod;
    // Keys with state in this pod. Beyond: kResourceExhausted.
    size_t max_keys = 4'000'000;
    // Questions parked at the same time. Beyond: kResourceExhausted.
    size_t max_parked = 10'000;
  };

  // What `top` shows; see StatusResponse in the proto.
  struct LimitCounters {
    std::string name;
    uint64_t allowed = 0, denied = 0, shadow_denied = 0, degraded = 0;
    uint64_t local = 0;
    double tokens_per_second = 0;
    limit::LimitConfig config;
  };
  struct Status {
    std::vector<LimitCounters> limits;
    uint64_t keys = 0;
    uint32_t pods = 1;
    bool degraded = false;
    uint64_t parked = 0;
    uint64_t store_commands = 0;
    Duration uptime{};
  };

  using Ticket = uint64_t;
  using AllowDone = absl::AnyInvocable<void(absl::StatusOr<AllowAnswer>)>;

  // `store` may be null: this pod is alone, and every limit is decided by its
  // own buckets, exactly. All references must outlive the limiter; before it is
  // destroyed, the store must have answered all (Drain, then stop the store).
  // REQUIRES: every limit is valid and names are unique.
  Limiter(Options options, std::vector<limit::LimitConfig> limits,
          const Clock& clock, Executor& executor, RandomSource& random,
          telemetry::Registry& registry, store::LimitStore* store);
  ~Limiter();

  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;

  // Answers if that takes no store and no wait: returns true, with *answer set,
  // or *error not OK (kInvalidArgument, kNotFound, kResourceExhausted). Returns
  // false if the question must be parked: then call AllowLater.
  bool AllowNow(const AllowQuery& query, AllowAnswer* answer,
                absl::Status* error);

  // Answers when it can; `done` runs exactly once, possibly before this
  // returns, possibly on another thread. The ticket is for Cancel.
  Ticket AllowLater(const AllowQuery& query, AllowDone done);

  // The asker has gone away: ends its wait; tokens that were reserved for it go
  // back. `done` then runs with kCancelled, unless it has run already.
  void Cancel(Ticket ticket);

  // One outcome of calls that adaptive limits admitted. `done` gets the lowest
  // rate, in tokens per second; kNotFound if `limit` is unknown,
  // kFailedPrecondition if none that applies is adaptive.
  struct ReportAnswer {
    double tokens_per_second = 0;
    bool degraded = false;
  };
  void Report(const AllowQuery& query, bool success,
              absl::AnyInvocable<void(absl::StatusOr<ReportAnswer>)> done);

  // Gives back query.cost to all limits that apply.
  void Refund(const AllowQuery& query,
              absl::AnyInvocable<void(absl::Status)> done);

  // New limits from now on. A limit of the same name and key keeps its state.
  // REQUIRES: as for the constructor.
  void Update(std::vector<limit::LimitConfig> limits);

  // The pod stops: leases and unspent tokens go back to the store. Questions
  // may still be asked; they are decided exactly. `done` runs when the store
  // has them, or has failed.
  void Drain(absl::AnyInvocable<void()> done);

  // Whether a limit of that name is configured now.
  bool HasLimit(absl::string_view name) const;

  Status GetStatus() const;

 private:
  class Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_LIMITER_H_
