// The fleet's pools in memory: for one process, for tests, and as the model
// that the Redis script is compared with.
#ifndef OUTRIGGER_STORE_MEMORY_POOL_STORE_H_
#define OUTRIGGER_STORE_MEMORY_POOL_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "store/memory/pool_ledger.h"
#include "store/pool_store.h"

namespace outrigger::store {

// Thread-safe; callbacks and listeners run before the call returns, with no
// lock held. Its time is the clock's monotonic one, set to the date at
// construction. Several pods may listen, each with its own name.
class MemoryPoolStore final : public PoolStore {
 public:
  // `clock` must outlive the store.
  explicit MemoryPoolStore(const Clock& clock);

  void Listen(const std::string& pod, PoolListener* listener) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Before the listener's end, if the store lives on.
  void StopListening(const std::string& pod) ABSL_LOCKS_EXCLUDED(mutex_);
  void Exchange(PoolRequest request, Done done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool reachable() const override { return true; }

  // Loses everything, and grants nothing for `longest_lease_us` and
  // kPoolLeaseMarginUs; the listeners are not told.
  void Forget(int64_t longest_lease_us) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  int64_t NowUs() const;

  const Clock& clock_;
  const int64_t offset_us_;
  mutable absl::Mutex mutex_;
  std::map<std::string, PoolLedger> ledgers_ ABSL_GUARDED_BY(mutex_);
  // Of pools that are not there yet, too.
  int64_t learning_until_us_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, PoolListener*> listeners_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_POOL_STORE_H_
