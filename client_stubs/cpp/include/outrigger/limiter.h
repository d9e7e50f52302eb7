// Rate limits: may this request proceed now, and if not, when?
//
//   auto decision = limiter.Allow({{"user", "42"}});
//   if (decision.ok() && !decision->allowed) return
//   TooMany(decision->retry_after);
//
// Calls made at the same time are sent as one message; nobody waits for more.
#ifndef OUTRIGGER_LIMITER_H_
#define OUTRIGGER_LIMITER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "outrigger/answer.h"

namespace outrigger::client {

namespace internal {
class Session;
}  // namespace internal

// Who and what a request is for: at most 64, names of at most 128 bytes, values
// of at most 1,024 bytes of UTF-8. A limit applies if all attributes of its key
// are there.
using Attributes = std::map<std::string, std::string>;

struct AllowOptions {
  // Tokens to take, at most 1,000,000,000. 0 peeks: nothing is taken, and
  // `allowed` says whether 1 would be admitted.
  std::uint64_t cost = 1;
  // Decide by this limit alone. Empty: by all that apply.
  std::string limit;
  // How long to wait for tokens, first come first served; at most 1 hour. 0:
  // not at all. A wait that would be longer is denied at once.
  absl::Duration max_wait = absl::ZeroDuration();
  // Fill Decision::statuses.
  bool detail = false;
  // The caller's own deadline, if it is sooner than the client's timeout.
  absl::Duration timeout = absl::InfiniteDuration();
};

// One limit's part in a decision.
struct LimitStatus {
  std::string limit;
  // Whether this limit would have admitted the request.
  bool allowed = false;
  // Tokens left, and the most there can be.
  std::uint64_t remaining = 0;
  std::uint64_t burst = 0;
  // Until it is full again if nothing more is taken.
  absl::Duration reset_after = absl::ZeroDuration();
  // Unset if allowed, or if it can never be.
  std::optional<absl::Duration> retry_after;
  // It only watches: its denials do not deny.
  bool shadow = false;
  // The rate's period.
  absl::Duration window = absl::ZeroDuration();
  // The request is exempt from it.
  bool unlimited = false;
};

struct Decision {
  bool allowed = false;
  // The limit that decided; empty if none applied, and for a fallback.
  std::string limit;
  // What that limit has left, in tokens.
  std::uint64_t remaining = 0;
  // Until that limit is full again if nothing more is taken.
  absl::Duration reset_after = absl::ZeroDuration();
  // Denied: the soonest that it could be admitted. Unset if allowed, and if it
  // can never be.
  std::optional<absl::Duration> retry_after;
  // How long the sidecar had the caller wait.
  absl::Duration waited = absl::ZeroDuration();
  // The fleet's store was out of reach, and the limit's on_store_loss decided.
  bool degraded = false;
  // One for each limit that applied, if `detail` was asked for.
  std::vector<LimitStatus> statuses;
  Source source = Source::kSidecar;
};

// How a call that an adaptive limit admitted has ended.
enum class UpstreamResult { kSuccess, kFailure, kThrottled };

// From Client::limiter(). Thread-safe; cheap to copy; may outlive its client,
// and is closed with it.
//
// Errors of all methods: kInvalidArgument and kNotFound (a limit that is not
// configured) are mistakes; kCancelled: the client is closed. A denial is no
// error, nor is a sidecar that is gone: the policy answers then.
//
// Methods that return an answer block for at most the client's timeout and
// max_wait, and must not be called from a callback of this library's
// (kFailedPrecondition).
class Limiter {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Decision>)>;

  explicit Limiter(std::shared_ptr<internal::Session> session);

  absl::StatusOr<Decision> Allow(const Attributes& attributes,
                                 const AllowOptions& options = {});

  // The same without blocking. `done` runs exactly once: on the client's
  // thread, where it must not block, or on the caller's before this returns.
  void AllowAsync(const Attributes& attributes, const AllowOptions& options,
                  Callback done);

  // Allow that waits up to `max_wait` for its tokens.
  absl::StatusOr<Decision> WaitIfNeeded(
      const Attributes& attributes, absl::Duration max_wait = absl::Seconds(1));

  // Tells adaptive limits how a call ended; `limit` empty: all that match. The
  // lowest rate afterwards, in tokens a second; unset if the sidecar did not
  // answer.
  absl::StatusOr<std::optional<double>> Report(const Attributes& attributes,
                                               UpstreamResult result,
                                               const std::string& limit = "");

  // Gives back tokens that were taken and not used: at least 1. A sidecar that
  // does not answer is counted and otherwise ignored.
  absl::Status Refund(const Attributes& attributes, std::uint64_t cost = 1,
                      const std::string& limit = "");

 private:
  std::shared_ptr<internal::Session> session_;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_LIMITER_H_
