// Waits for several answers, and then gives one.
#ifndef OUTRIGGER_COORD_GATHER_H_
#define OUTRIGGER_COORD_GATHER_H_

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace outrigger::coord {

// Collects answers into a T and hands it over when none is outstanding. Held by
// shared_ptr, by whoever starts the operations and by each of them.
// Thread-safe; `done` runs once, with no lock held, on the thread of the last
// answer.
template <typename T>
class Gather {
 public:
  explicit Gather(absl::AnyInvocable<void(const T&)> done)
      : done_(std::move(done)) {}

  // One more answer is to come. Call before the operation starts, and while
  // another answer (or the starter's own) is outstanding.
  void Expect() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ++outstanding_;
  }

  // An answer has come: `put` adds it to what was gathered. The starter calls
  // it too, once, when it has started all.
  template <typename Put>
  void Arrive(Put put) ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      put(gathered_);
      if (--outstanding_ > 0) return;
    }
    done_(gathered_);  // nobody else holds on to it any more
  }
  void Arrive() {
    Arrive([](T&) {});
  }

 private:
  absl::AnyInvocable<void(const T&)> done_;
  absl::Mutex mutex_;
  int outstanding_ ABSL_GUARDED_BY(mutex_) = 1;  // the starter's own
  T gathered_{};
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_GATHER_H_
