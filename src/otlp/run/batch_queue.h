// A bounded queue that many threads fill and one empties, batch by batch.
#ifndef OUTRIGGER_OTLP_RUN_BATCH_QUEUE_H_
#define OUTRIGGER_OTLP_RUN_BATCH_QUEUE_H_

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace outrigger::otlp {

// Thread-safe. A push holds the lock for a move, and for an allocation once a
// batch; batches are handed out whole.
template <typename Item>
class BatchQueue {
 public:
  enum class Pushed {
    kDropped,    // it was full
    kWaits,      // its batch is not full
    kBatchFull,  // and this one filled it
  };

  // REQUIRES: 1 <= batch <= capacity.
  BatchQueue(size_t capacity, size_t batch)
      : capacity_(capacity), batch_(batch) {}

  Pushed Push(Item item) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (size_ == capacity_) return Pushed::kDropped;
    if (batches_.empty() || batches_.back().size() == batch_) {
      batches_.emplace_back().reserve(batch_);
    }
    batches_.back().push_back(std::move(item));
    ++size_;
    return batches_.back().size() == batch_ ? Pushed::kBatchFull
                                            : Pushed::kWaits;
  }

  // The oldest batch, which may be a part of one; empty if there is nothing.
  std::vector<Item> Take() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (batches_.empty()) return {};
    std::vector<Item> batch = std::move(batches_.front());
    batches_.pop_front();
    size_ -= batch.size();
    return batch;
  }

  bool HasFullBatch() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return !batches_.empty() && batches_.front().size() == batch_;
  }

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return size_;
  }

  size_t capacity() const { return capacity_; }

 private:
  const size_t capacity_;
  const size_t batch_;
  mutable absl::Mutex mutex_;
  // All but the last are full.
  std::deque<std::vector<Item>> batches_ ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_RUN_BATCH_QUEUE_H_
