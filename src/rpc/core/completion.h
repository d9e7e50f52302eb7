// The handler's side of a call: it gets a request and a completion, and is done
// with the call when it has finished the completion, then or later, on any
// thread. That it runs on gRPC's completion queues is hidden behind this.
#ifndef OUTRIGGER_RPC_CORE_COMPLETION_H_
#define OUTRIGGER_RPC_CORE_COMPLETION_H_

#include <functional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "base/clock.h"
#include "rpc/core/call_record.h"

namespace outrigger::rpc {

// A request that is being answered; what a Completion points at. Only the call
// templates (unary.h, streams/stream.h) derive from it.
template <typename Response>
class Pending {
 public:
  Response& response() { return response_; }
  CallRecord& record() { return record_; }
  virtual void Finish(absl::Status status) = 0;
  virtual MonotonicTime deadline() const = 0;
  virtual void OnClientGone(absl::AnyInvocable<void()> gone) = 0;
  void LeaveUnanswered() { unanswered_ = true; }

 protected:
  ~Pending() = default;
  Response response_;
  CallRecord record_;
  bool unanswered_ = false;
};

// The right and the duty to finish one request, exactly once. Movable; usable
// on any thread, one at a time.
template <typename Response>
class Completion {
 public:
  explicit Completion(Pending<Response>* pending) : pending_(pending) {}
  Completion(Completion&& other) noexcept
      : pending_(std::exchange(other.pending_, nullptr)) {}
  Completion& operator=(Completion&& other) noexcept {
    std::swap(pending_, other.pending_);
    return *this;
  }

  // The response to fill before Finish. Empty at first.
  Response& response() { return pending_->response(); }

  // The request's span: for attributes, if it is recording, and to have it
  // kept.
  telemetry::ActiveSpan& span() { return pending_->record().span; }

  // Sends the response, or the error. Nothing of the request may be used after.
  // On a stream an error ends the stream.
  void Finish(absl::Status status = absl::OkStatus()) {
    std::exchange(pending_, nullptr)->Finish(std::move(status));
  }

  // For a message of a stream that needs no answer: Finish will send none,
  // unless it is an error.
  void LeaveUnanswered() { pending_->LeaveUnanswered(); }

  // When the caller stops waiting; MonotonicTime::max() if never.
  MonotonicTime deadline() const { return pending_->deadline(); }

  // Runs `gone` if the client cancels or vanishes, or if the deadline passes,
  // before the answer was sent; on the serving thread, after the handler has
  // returned. If this has not been finished by then, it must still be; if it
  // has, what it told reaches nobody. Call it at most once, on the serving
  // thread, before the handler returns and before the completion is handed to
  // another thread.
  void OnClientGone(absl::AnyInvocable<void()> gone) {
    pending_->OnClientGone(std::move(gone));
  }

 private:
  Pending<Response>* pending_;
};

// Answers one request. Runs on a serving thread: it must not block. The request
// lives until the completion is finished.
template <typename Request, typename Response>
using Handler = std::function<void(const Request&, Completion<Response>)>;

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_COMPLETION_H_
