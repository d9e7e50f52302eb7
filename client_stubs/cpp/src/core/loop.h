// The one thread of a channel: gRPC's events, and timers.
#ifndef OUTRIGGER_CLIENT_CORE_LOOP_H_
#define OUTRIGGER_CLIENT_CORE_LOOP_H_

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "core/instant.h"

namespace outrigger::client::internal {

// What is given to gRPC as a tag.
class Event {
 public:
  virtual ~Event() = default;
  // On the loop's thread. `ok` as gRPC says it.
  virtual void Happened(bool ok) = 0;
};

// An Event that calls a method of its owner's.
template <class Owner, void (Owner::*method)(bool)>
class EventOf final : public Event {
 public:
  explicit EventOf(Owner& owner) : owner_(owner) {}
  void Happened(bool ok) override { (owner_.*method)(ok); }

 private:
  Owner& owner_;
};

// Thread-safe.
class Loop {
 public:
  // 0 is no timer.
  using TimerId = std::uint64_t;

  Loop();
  // Nothing that uses the queue may be under way. Not on the loop's thread.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  grpc::CompletionQueue* queue() { return &queue_; }

  // Runs `work` on the loop's thread at `when`, or soon if that has passed.
  // What has not run when the loop ends is destroyed.
  TimerId At(Instant when, absl::AnyInvocable<void()> work)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether it was kept from running. False: it has run, or is just running.
  bool Cancel(TimerId timer) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether this is a loop's thread, of any client.
  static bool IsAnyThisThread();

 private:
  using Key = std::pair<Instant, TimerId>;

  void Run();
  void RunDueTimers() ABSL_LOCKS_EXCLUDED(mutex_);
  // The earliest timer's moment; remembers that the thread sleeps until then.
  Instant NextWake() ABSL_LOCKS_EXCLUDED(mutex_);
  void Woken(bool) ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::CompletionQueue queue_;
  grpc::Alarm alarm_;
  EventOf<Loop, &Loop::Woken> woken_{*this};

  absl::Mutex mutex_;
  absl::btree_map<Key, absl::AnyInvocable<void()>> timers_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<TimerId, Instant> times_ ABSL_GUARDED_BY(mutex_);
  TimerId last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  Instant wake_at_ ABSL_GUARDED_BY(mutex_) = Instant::max();
  bool waking_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_LOOP_H_
