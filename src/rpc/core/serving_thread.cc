#include "rpc/core/serving_thread.h"

#include <grpc/support/time.h>

#include <utility>

namespace outrigger::rpc {
namespace {

// Carries work to a queue's thread: an alarm that is already due.
class PostedWork final : public Event {
 public:
  explicit PostedWork(absl::AnyInvocable<void()> work)
      : work_(std::move(work)) {}

  void Send(grpc::CompletionQueue* queue) {
    alarm_.Set(queue, gpr_inf_past(GPR_CLOCK_MONOTONIC), this);
  }

  void Proceed(bool ok) override {
    work_();
    delete this;
  }

 private:
  grpc::Alarm alarm_;
  absl::AnyInvocable<void()> work_;
};

}  // namespace

void ReplyGate::Close() { closed_.store(true); }

void ReplyGate::Open() {
  std::vector<absl::AnyInvocable<void()>> held;
  {
    absl::MutexLock lock(&mutex_);
    closed_.store(false);
    held.swap(held_);
  }
  for (auto& send : held) send();
}

void ReplyGate::Hold(absl::AnyInvocable<void()> send) {
  {
    absl::MutexLock lock(&mutex_);
    if (closed()) {
      held_.push_back(std::move(send));
      return;
    }
  }
  send();
}

ServingThread::ServingThread(std::unique_ptr<grpc::ServerCompletionQueue> queue,
                             ReplyGate& gate)
    : queue_(std::move(queue)), gate_(gate) {}

ServingThread::~ServingThread() {
  if (!thread_.joinable()) {  // the server did not come up
    queue_->Shutdown();
    void* tag;
    bool ok;
    while (queue_->Next(&tag, &ok)) {
    }
    return;
  }
  // The thread closes its own queue, so that it never uses a closed one:
  // neither for another call nor for a parked call's reply.
  Post([this] {
    accepting_ = false;
    if (open_calls_ == 0) queue_->Shutdown();
  });
  thread_.join();
}

void ServingThread::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void ServingThread::Post(absl::AnyInvocable<void()> work) {
  (new PostedWork(std::move(work)))->Send(queue_.get());
}

void ServingThread::Loop() {
  void* tag;
  bool ok;
  while (queue_->Next(&tag, &ok)) static_cast<Event*>(tag)->Proceed(ok);
}

}  // namespace outrigger::rpc
