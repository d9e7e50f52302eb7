// The pools' part of a client: one Hold stream, who waits, and what is held.
#ifndef OUTRIGGER_CLIENT_POOL_HOLDS_H_
#define OUTRIGGER_CLIENT_POOL_HOLDS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/line.h"
#include "core/stream.h"
#include "outrigger/pool.h"
#include "pool/held_lease.h"

namespace outrigger::client::internal {

// Thread-safe.
class Holds final : private Stream<pool::v1::HoldResponse>::Owner {
 public:
  using Lease = std::shared_ptr<HeldLease>;
  using Acquired = absl::AnyInvocable<void(absl::StatusOr<Lease>)>;

  explicit Holds(Line& line) : line_(line) {}

  // `done` runs exactly once, on the loop's thread or before this returns.
  void Acquire(const std::string& pool, const AcquireOptions& options,
               Acquired done) ABSL_LOCKS_EXCLUDED(mutex_);
  // Again is no error.
  void Release(const Lease& lease, Result result) ABSL_LOCKS_EXCLUDED(mutex_);
  // See client::Lease.
  void OnLost(const Lease& lease, absl::AnyInvocable<void()> told)
      ABSL_LOCKS_EXCLUDED(mutex_);

  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  // Waiting acquires, leases, and messages that were not sent yet.
  std::size_t Pending() ABSL_LOCKS_EXCLUDED(mutex_);
  PartStats stats() const { return counters_.Get(); }

 private:
  using Wire = Stream<pool::v1::HoldResponse>;

  // A message to be sent; without bytes it is not needed any more.
  struct Outgoing {
    grpc::ByteBuffer bytes;
    bool sent = false;
  };
  struct Waiter {
    Acquired done;
    std::string pool;
    Instant asked;
    Loop::TimerId deadline = 0;
    std::shared_ptr<Outgoing> message;
  };
  // What is to be called once the mutex is free.
  using Calls = std::vector<absl::AnyInvocable<void()>>;

  void OnWritable(Wire& stream) override ABSL_LOCKS_EXCLUDED(mutex_);

  bool Connect() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<Outgoing> Enqueue(const pool::v1::HoldRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes the next message, if nothing is being written.
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_);
  void SendRelease(std::uint64_t lease, Result result)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // The waiter's own deadline has passed.
  void GiveUp(std::uint64_t id) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Lease> Fallback(const std::string& pool)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // In holds_events.cc: what the sidecar says.
  void OnMessage(Wire& stream, pool::v1::HoldResponse& message) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEnded(Wire& stream, const absl::Status& status) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnAcquired(std::uint64_t id, const pool::v1::AcquireResponse& response)
      ABSL_LOCKS_EXCLUDED(mutex_);
  Lease Hold(const Waiter& waiter, const pool::v1::AcquireResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // In holds_renewal.cc: keeping what is held.
  void PlanRenewal(HeldLease& lease, Instant when)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Renew(std::uint64_t epoch, std::uint64_t id) ABSL_LOCKS_EXCLUDED(mutex_);
  void Renewed(std::uint64_t epoch, std::uint64_t id, Instant asked,
               const absl::Status& status,
               const pool::v1::RenewResponse& response)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Null: it is not held any more.
  Lease Find(std::uint64_t epoch, std::uint64_t id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Lose(const Lease& lease, Calls& calls)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Line& line_;
  PartCounters counters_;

  absl::Mutex mutex_;
  Wire* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 1;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::shared_ptr<Outgoing>> queue_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::uint64_t, Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::uint64_t, Lease> held_ ABSL_GUARDED_BY(mutex_);
  // Leases of this process' own, by pool.
  absl::flat_hash_map<std::string, int> shares_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_POOL_HOLDS_H_
