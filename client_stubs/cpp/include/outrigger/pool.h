// Connection slots under one cap for the whole fleet, and an endpoint for each.
//
//   auto lease = orders.Acquire();
//   if (!lease.ok()) return
//   Without(outrigger::client::RefusalOf(lease.status()));
//   Query(lease->endpoint());
//
// The slot is given back when the lease goes out of scope: close the connection
// before that.
#ifndef OUTRIGGER_POOL_H_
#define OUTRIGGER_POOL_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "outrigger/answer.h"

namespace outrigger::client {

namespace internal {
class Session;
struct HeldLease;
}  // namespace internal

enum class Role { kAny, kPrimary, kReplica, kShard };

// Why there is no slot.
enum class RefusalReason {
  kUnspecified,
  // None was free within max_wait.
  kTimeout,
  // No endpoint of that role can be used now.
  kNoEndpoint,
  // The fleet's store, or the sidecar, is out of reach.
  kStoreUnavailable,
  // The fleet's store lost its memory; until old leases have lapsed.
  kLearning,
  // Too many wait.
  kQueueFull,
};

// What to do without a slot.
enum class Advice { kUnspecified, kRetry, kFallBack };

struct Refusal {
  RefusalReason reason = RefusalReason::kUnspecified;
  Advice advice = Advice::kUnspecified;
  // When it may be worth asking again; zero: not known.
  absl::Duration retry_after = absl::ZeroDuration();
  Source source = Source::kSidecar;
};

// Set if `status` (kUnavailable) says that a pool had no slot.
std::optional<Refusal> RefusalOf(const absl::Status& status);

struct AcquireOptions {
  // How long to wait for a slot, at most 1 hour. 0: not at all.
  absl::Duration max_wait = absl::Seconds(5);
  Role role = Role::kAny;
  // What keeps to one endpoint (`balance: sticky`, Role::kShard); at most 1,024
  // bytes.
  std::string session_key;
  // Which try this is, from 0.
  std::uint32_t attempt = 0;
  // Addresses that have just failed; others are preferred. At most 16.
  std::vector<std::string> avoid;
};

// A slot that is held, renewed by itself. Thread-safe but for moves and the
// destructor; may outlive its client, and is lost with it.
class Lease {
 public:
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) noexcept;
  // Releases: kFailure if an exception is on its way, else kSuccess.
  ~Lease();

  // "host:port" or "unix:path"; empty if the pool only caps.
  const std::string& endpoint() const;
  // Greater than that of everyone who held this slot before. 0: a fallback's.
  std::uint64_t fencing_token() const;
  // Beyond the pool's size: close the connection afterwards, do not keep it.
  bool overflow() const;
  Source source() const;

  // The slot may be another's: close the connection, and do not use it again.
  // It is lost when the sidecar says so or is gone, or could not be asked to
  // renew it in time.
  bool lost() const;
  // Runs when it is lost and was not released before: once, on the client's
  // thread, where it must not block; or at once, if it is lost now. To be set
  // once.
  void OnLost(absl::AnyInvocable<void()> told);

  // Gives the slot back now; `result` says how the endpoint did. Again is no
  // error.
  void Release(Result result);

 private:
  friend class Pool;
  Lease(std::shared_ptr<internal::Session> session,
        std::shared_ptr<internal::HeldLease> held);

  std::shared_ptr<internal::Session> session_;
  std::shared_ptr<internal::HeldLease> held_;  // null: moved from
  int exceptions_ = 0;
};

// From Client::pool(). Thread-safe; cheap to copy; may outlive its client.
//
// Errors: kUnavailable with a Refusal: there is no slot now. kInvalidArgument
// and kNotFound (not configured) are mistakes; kCancelled: the client is
// closed.
class Pool {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Lease>)>;

  Pool(std::shared_ptr<internal::Session> session, std::string name);

  // Blocks for at most max_wait and the client's timeout.
  absl::StatusOr<Lease> Acquire(const AcquireOptions& options = {});

  // The same without blocking. `done` runs exactly once: before this returns,
  // or on the client's thread, where it must not block.
  void AcquireAsync(const AcquireOptions& options, Callback done);

  // What this client keeps for all pools: callers that wait, leases, and
  // messages that were not sent yet. For tests and metrics.
  std::size_t pending() const;

  const std::string& name() const { return name_; }

 private:
  std::shared_ptr<internal::Session> session_;
  std::string name_;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_POOL_H_
