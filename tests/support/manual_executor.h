// An executor without a thread: time moves, and timers run, when a test says
// so.
#ifndef OUTRIGGER_TESTS_SUPPORT_MANUAL_EXECUTOR_H_
#define OUTRIGGER_TESTS_SUPPORT_MANUAL_EXECUTOR_H_

#include <map>
#include <unordered_map>
#include <utility>

#include "base/executor.h"
#include "tests/support/fake_clock.h"

namespace outrigger {

// Not thread-safe. Moves the clock it was given.
class ManualExecutor final : public Executor {
 public:
  explicit ManualExecutor(FakeClock& clock) : clock_(clock) {}

  TimerId RunAt(MonotonicTime when, absl::AnyInvocable<void()> work) override {
    const TimerId id = ++last_id_;
    timers_.emplace(std::make_pair(when, id), std::move(work));
    due_.emplace(id, when);
    return id;
  }

  bool Cancel(TimerId timer) override {
    const auto due = due_.find(timer);
    if (due == due_.end()) return false;
    timers_.erase({due->second, timer});
    due_.erase(due);
    return true;
  }

  // Lets time pass, running each timer at its time.
  void Advance(Duration by) {
    const MonotonicTime end = clock_.Now() + by;
    while (!timers_.empty() && timers_.begin()->first.first <= end) {
      auto node = timers_.extract(timers_.begin());
      due_.erase(node.key().second);
      if (node.key().first > clock_.Now()) {
        clock_.Advance(node.key().first - clock_.Now());
      }
      node.mapped()();
    }
    if (end > clock_.Now()) clock_.Advance(end - clock_.Now());
  }

  size_t waiting() const { return timers_.size(); }

 private:
  FakeClock& clock_;
  TimerId last_id_ = 0;
  std::map<std::pair<MonotonicTime, TimerId>, absl::AnyInvocable<void()>>
      timers_;
  std::unordered_map<TimerId, MonotonicTime> due_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_MANUAL_EXECUTOR_H_
