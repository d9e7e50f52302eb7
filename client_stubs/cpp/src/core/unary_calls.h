// Unary calls on a loop's queue, and the end of those under way.
#ifndef OUTRIGGER_CLIENT_CORE_UNARY_CALLS_H_
#define OUTRIGGER_CLIENT_CORE_UNARY_CALLS_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/activities.h"
#include "core/loop.h"
#include "core/mistakes.h"
#include "outrigger/answer.h"

namespace outrigger::client::internal {

// A method of a generated stub: PrepareAsyncX.
template <class Stub, class Request, class Response>
using Method = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (
    Stub::*)(grpc::ClientContext*, const Request&, grpc::CompletionQueue*);

// On the loop's thread, once. The response is only good after OK.
template <class Response>
using Done = absl::AnyInvocable<void(absl::Status, Response&)>;

// Thread-safe.
class UnaryCalls {
 public:
  // `activities` counts what is under way.
  UnaryCalls(Loop& loop, Activities& activities)
      : loop_(loop), activities_(activities) {}

  // `done` gets kCancelled at once, on the caller's thread, if all is closed.
  template <class Stub, class Request, class Response>
  void Start(Stub& stub, Method<Stub, Request, Response> method,
             const Request& request, absl::Duration timeout,
             const Metadata& metadata, Done<Response> done);

  // Ends those under way; they are answered kCancelled.
  void CancelAll() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  template <class Response>
  class Call;

  void Add(grpc::ClientContext* context) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(grpc::ClientContext* context) ABSL_LOCKS_EXCLUDED(mutex_);

  Loop& loop_;
  Activities& activities_;
  absl::Mutex mutex_;
  absl::flat_hash_set<grpc::ClientContext*> under_way_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// Sets the deadline and the metadata.
void Prepare(grpc::ClientContext& context, absl::Duration timeout,
             const Metadata& metadata);

template <class Response>
class UnaryCalls::Call final : public Event {
 public:
  Call(UnaryCalls& calls, Done<Response> done)
      : calls_(calls), done_(std::move(done)) {}

  grpc::ClientContext& context() { return context_; }

  void Begin(std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> call) {
    call_ = std::move(call);
    call_->StartCall();
    calls_.Add(&context_);
    call_->Finish(&response_, &status_, this);
  }

  void Happened(bool) override {
    calls_.Remove(&context_);
    done_(FromGrpc(status_), response_);
    Activities& activities = calls_.activities_;
    delete this;
    activities.Leave();
  }

 private:
  UnaryCalls& calls_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> call_;
  Response response_;
  grpc::Status status_;
  Done<Response> done_;
};

template <class Stub, class Request, class Response>
void UnaryCalls::Start(Stub& stub, Method<Stub, Request, Response> method,
                       const Request& request, absl::Duration timeout,
                       const Metadata& metadata, Done<Response> done) {
  if (!activities_.Enter()) {
    Response none;
    done(ClosedError(), none);
    return;
  }
  auto* const call = new Call<Response>(*this, std::move(done));
  Prepare(call->context(), timeout, metadata);
  call->Begin((stub.*method)(&call->context(), request, loop_.queue()));
}

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_UNARY_CALLS_H_
