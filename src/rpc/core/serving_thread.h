// One thread that serves calls, and the completion queue that it owns.
#ifndef OUTRIGGER_RPC_CORE_SERVING_THREAD_H_
#define OUTRIGGER_RPC_CORE_SERVING_THREAD_H_

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace outrigger::rpc {

// What a completion queue carries: an operation that has ended. `ok` is gRPC's
// word on whether it did what it was for.
class Event {
 public:
  virtual void Proceed(bool ok) = 0;

 protected:
  ~Event() = default;
};

// Lets replies pass, or holds them back for the moment in which a draining
// server tells its clients to go elsewhere (see Server::Drain). Thread-safe.
class ReplyGate {
 public:
  // One relaxed load, so that a reply pays next to nothing for it.
  bool closed() const { return closed_.load(std::memory_order_relaxed); }

  void Close();
  // Sends what was held, on this thread, and lets all later replies pass.
  void Open() ABSL_LOCKS_EXCLUDED(mutex_);
  // Runs `send` when the gate opens; at once if it is open.
  void Hold(absl::AnyInvocable<void()> send) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  std::atomic<bool> closed_{false};
  absl::Mutex mutex_;
  std::vector<absl::AnyInvocable<void()>> held_ ABSL_GUARDED_BY(mutex_);
};

// Runs the handlers of all calls that its queue accepts, each to the end or
// until it parks; so a handler must not block.
class ServingThread {
 public:
  // `gate` must outlive the thread.
  ServingThread(std::unique_ptr<grpc::ServerCompletionQueue> queue,
                ReplyGate& gate);
  // REQUIRES: the server has been shut down. Serves what is left in the queue,
  // then joins.
  ~ServingThread();

  void Start();

  // Runs `work` on this thread, soon. Thread-safe. REQUIRES: not being
  // destroyed.
  void Post(absl::AnyInvocable<void()> work);

  grpc::ServerCompletionQueue* queue() { return queue_.get(); }
  ReplyGate& gate() { return gate_; }

  // Whether calls may still be accepted. This thread only.
  bool accepting() const { return accepting_; }

  // gRPC has begun to shut down: it gives back the calls that it was to fill.
  // Any thread may look.
  bool stopping() const { return stopping_.load(); }
  void NoteStopping() { stopping_.store(true); }

  // Calls and stream messages that have arrived. Any thread may look.
  uint64_t arrivals() const {
    return arrivals_.load(std::memory_order_relaxed);
  }
  // A request has arrived: a call, or a message of a stream. This thread only.
  void CountArrival() {
    arrivals_.store(arrivals_.load(std::memory_order_relaxed) + 1,
                    std::memory_order_relaxed);
  }

  // A call has begun, and gRPC is done with it: the queue stays open until
  // then. This thread only.
  void CallBegun() { ++open_calls_; }
  void CallEnded() {
    if (--open_calls_ == 0 && !accepting_) queue_->Shutdown();
  }

 private:
  void Loop();

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  ReplyGate& gate_;
  bool accepting_ = true;   // this thread's
  int64_t open_calls_ = 0;  // this thread's
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> arrivals_{0};
  std::thread thread_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_SERVING_THREAD_H_
