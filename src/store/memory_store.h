// The fleet's store in memory: for one process, for tests, and as the model
// that the Redis scripts are compared with.
#ifndef OUTRIGGER_STORE_MEMORY_STORE_H_
#define OUTRIGGER_STORE_MEMORY_STORE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "limit/adaptive.h"
#include "limit/leased_bucket.h"
#include "limit/windows.h"
#include "store/limit_store.h"

namespace outrigger::store {

// Thread-safe; callbacks run before the call returns, with no lock held. Its
// time is the clock's monotonic one, set to the date at construction.
class MemoryStore final : public LimitStore {
 public:
  // `clock` must outlive the store.
  explicit MemoryStore(const Clock& clock);

  void Take(TakeRequest request, Callback<TakeReply> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Lease(LeaseRequest request, Callback<LeaseReply> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Refund(BucketRef bucket, double cost,
              absl::AnyInvocable<void(absl::Status)> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Adjust(AdjustRequest request, Callback<double> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Heartbeat(const std::string& pod, Callback<uint32_t> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Leave(const std::string& pod) override ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t commands_sent() const override { return 0; }
  bool reachable() const override { return true; }

  // Loses everything now, and knows it: buckets start empty, and grant nothing
  // until the leases granted before have lapsed.
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_);

  // A copy of all buckets, and the fail-over to such a copy: what happened
  // since is lost, and nothing that is older than now is trusted.
  struct Bucket;
  using Buckets = absl::flat_hash_map<std::string, Bucket>;
  Buckets Replicate() const ABSL_LOCKS_EXCLUDED(mutex_);
  void FailOverTo(Buckets replica) ABSL_LOCKS_EXCLUDED(mutex_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

  // One key's state. `fresh_us`: when it will be as good as absent.
  struct Bucket {
    std::variant<limit::FixedWindow, limit::LeasedBucket, limit::SlidingWindow>
        state;
    limit::AdaptiveRate rate;
    int64_t touched_us = 0;
    int64_t fresh_us = 0;
  };

 private:
  int64_t NowUs() const;
  // The bucket, brought up to now; made if absent or not to be trusted.
  Bucket& Find(const BucketRef& ref, limit::Shape& shape, int64_t now_us)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Bucket Make(const BucketRef& ref, const limit::Shape& shape,
              int64_t now_us) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  LeaseReply Grant(const LeaseRequest& request, Bucket& bucket,
                   const limit::Shape& shape, int64_t now_us)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SweepIfDue(int64_t now_us) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const int64_t offset_us_;
  mutable absl::Mutex mutex_;
  Buckets buckets_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, int64_t> pods_ ABSL_GUARDED_BY(mutex_);
  // Memory was lost at this time; 0: never. Older buckets are not trusted.
  int64_t forgot_us_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t sweep_at_ ABSL_GUARDED_BY(mutex_) = 1024;
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_STORE_H_
