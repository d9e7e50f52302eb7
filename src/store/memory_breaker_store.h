// The fleet's breakers in memory: for one process, for tests, and as the model
// that the Redis scripts are compared with.
#ifndef OUTRIGGER_STORE_MEMORY_BREAKER_STORE_H_
#define OUTRIGGER_STORE_MEMORY_BREAKER_STORE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "store/breaker_store.h"
#include "store/memory/breaker_reports.h"

namespace outrigger::store {

// Thread-safe; callbacks and the listener run before the call returns, with no
// lock held. Its time is the clock's monotonic one, set to the date at
// construction. A record that has expired is told of when it is next asked for.
class MemoryBreakerStore final : public BreakerStore {
 public:
  // `clock` must outlive the store.
  explicit MemoryBreakerStore(const Clock& clock);

  void Listen(BreakerListener* listener) override;
  void Read(BreakerKey key, Callback<BreakerReply> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Report(BreakerReport report, Callback<BreakerReply> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Swap(BreakerSwap swap, Callback<BreakerSwapReply> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool reachable() const override { return true; }

  // Loses everything, and tells the listener.
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Breaker {
    BreakerRecord record;
    int64_t until_us = 0;  // of the record; 0: for ever
    // Of all records of the key, so that revisions grow when one has expired.
    uint64_t last_revision = 0;
    BreakerReports reports;
  };

  int64_t NowUs() const;
  // True: the record has just expired.
  static bool Expire(int64_t now_us, Breaker* breaker);
  void Tell(const BreakerKey& key);
  // Reads, after taking `report` in (null: there is none).
  void Look(const BreakerKey& key, const BreakerReport* report,
            Callback<BreakerReply> done) ABSL_LOCKS_EXCLUDED(mutex_);

  const Clock& clock_;
  const int64_t offset_us_;
  BreakerListener* listener_ = nullptr;
  absl::Mutex mutex_;
  std::map<BreakerKey, Breaker> breakers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_BREAKER_STORE_H_
