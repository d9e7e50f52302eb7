// One open stream of ServerStreamMethod: what waits to be sent, and the end.
#ifndef OUTRIGGER_RPC_STREAMS_SERVER_STREAM_CALL_H_
#define OUTRIGGER_RPC_STREAMS_SERVER_STREAM_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "rpc/core/call_record.h"
#include "rpc/core/serving_thread.h"
#include "rpc/core/status.h"
#include "telemetry/instruments/counter.h"

namespace outrigger::rpc {

// The handler's side of a stream. Thread-safe. May be kept for longer than the
// client stays: then what is sent is dropped.
template <typename Response>
class OutStream {
 public:
  virtual ~OutStream() = default;
  // Sends it after what was sent before; never blocks.
  virtual void Send(Response message) = 0;
  // Ends the stream when all that was sent before has gone out.
  virtual void End(absl::Status status) = 0;
  // Runs `closed` once, on the serving thread, when the stream is over. Call it
  // at most once, within the handler.
  virtual void OnClosed(absl::AnyInvocable<void()> closed) = 0;
};

template <typename Request, typename Response>
class ServerStreamCall final
    : public OutStream<Response>,
      public std::enable_shared_from_this<ServerStreamCall<Request, Response>> {
 public:
  using Writer = grpc::ServerAsyncWriter<Response>;
  // Runs on the serving thread; must not block. The request lives until it
  // returns.
  using StreamHandler =
      std::function<void(const Request&, std::shared_ptr<OutStream<Response>>)>;

  struct QueueOptions {
    size_t most;
    Response overflow;
    telemetry::Counter& dropped;
  };

  // The method on this thread; called on the serving thread only.
  class Owner {
   public:
    // A client has opened the stream. An error ends it at once.
    virtual absl::Status Opened(ServerStreamCall* call) = 0;
    virtual void Closed(ServerStreamCall* call) = 0;

   protected:
    ~Owner() = default;
  };

  // All references must outlive what gRPC has of the call.
  ServerStreamCall(Owner& owner, ServingThread& thread,
                   const StreamHandler& handler, MethodRecorder& recorder,
                   const QueueOptions& queue)
      : owner_(owner),
        thread_(thread),
        handler_(handler),
        recorder_(recorder),
        queue_options_(queue) {
    context_.emplace();
    writer_.emplace(&*context_);
    context_->AsyncNotifyWhenDone(static_cast<Event*>(&done_));
  }

  // Keeps the call alive until gRPC is done with it. What gRPC shall tell when
  // a client has opened the stream.
  void* KeepForGrpc() {
    self_ = this->shared_from_this();
    return static_cast<Event*>(&accepted_);
  }
  grpc::ServerContext* context() { return &*context_; }
  Request* request() { return &request_; }
  Writer* writer() { return &*writer_; }

  void Send(Response message) override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (over_ || ending_) return;
    if (waiting_.size() < queue_options_.most) {
      waiting_.push_back(std::move(message));
      full_ = false;
      Advance();
      return;
    }
    // What is missing comes after this one and before it is read, since
    // nothing enters the queue in between.
    queue_options_.dropped.Add(full_ ? 1 : 2);
    waiting_.back() = queue_options_.overflow;
    full_ = true;
  }

  void End(absl::Status status) override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (ending_) return;
    ending_ = true;
    status_ = std::move(status);
    Advance();
  }

  void OnClosed(absl::AnyInvocable<void()> closed) override {
    closed_ = std::move(closed);
  }

 private:
  // A completed operation, sent to the call's method of that name.
  template <void (ServerStreamCall::*kThen)(bool)>
  class Then final : public Event {
   public:
    explicit Then(ServerStreamCall& call) : call_(call) {}
    void Proceed(bool ok) override { (call_.*kThen)(ok); }

   private:
    ServerStreamCall& call_;
  };

  void OnAccepted(bool ok) {
    if (!ok) {  // the server stops
      LetGo();
      return;
    }
    thread_.CallBegun();
    thread_.CountArrival();
    recorder_.Begin(*context_, record_);
    absl::Status status = owner_.Opened(this);
    if (!status.ok()) {
      End(std::move(status));
      return;
    }
    const telemetry::ScopedSpan current(record_.span.context());
    handler_(request_, this->shared_from_this());
  }

  // Does whatever can be done now: the next write, or the end.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finishing_) return;
    if (!waiting_.empty()) {
      grpc::WriteOptions options;
      // More is coming at once: gRPC need not send this one by itself.
      if (waiting_.size() > 1) options.set_buffer_hint();
      writing_ = true;
      writer_->Write(waiting_.front(), options, static_cast<Event*>(&written_));
      waiting_.pop_front();
    } else if (ending_) {
      finishing_ = true;
      recorder_.End(record_, status_);
      writer_->Finish(ToGrpcStatus(status_), static_cast<Event*>(&finished_));
    }
  }

  void OnWritten(bool ok) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) waiting_.clear();  // nobody reads them
    Advance();
  }

  void OnFinished(bool ok) { EndOne(); }

  void OnDone(bool ok) ABSL_LOCKS_EXCLUDED(mutex_) {
    owner_.Closed(this);
    if (closed_) std::exchange(closed_, nullptr)();
    {
      absl::MutexLock lock(&mutex_);
      waiting_.clear();
      over_ = true;
      if (!ending_) status_ = absl::CancelledError("the client has gone");
      ending_ = true;
      Advance();
    }
    EndOne();
  }

  // gRPC is done with the call when Finished and Done have come; a write has
  // then ended, too, since Finish waits for it.
  void EndOne() {
    if (--ends_left_ > 0) return;
    thread_.CallEnded();
    LetGo();
  }

  // Who still holds the stream must not keep what belongs to gRPC.
  void LetGo() {
    const auto last = std::move(self_);
    writer_.reset();
    context_.reset();
  }

  Owner& owner_;
  ServingThread& thread_;
  const StreamHandler& handler_;
  MethodRecorder& recorder_;
  const QueueOptions& queue_options_;
  CallRecord record_;
  Request request_;
  std::optional<grpc::ServerContext> context_;
  std::optional<Writer> writer_;
  Then<&ServerStreamCall::OnAccepted> accepted_{*this};
  Then<&ServerStreamCall::OnWritten> written_{*this};
  Then<&ServerStreamCall::OnFinished> finished_{*this};
  Then<&ServerStreamCall::OnDone> done_{*this};
  std::shared_ptr<ServerStreamCall> self_;  // while gRPC has the call
  absl::AnyInvocable<void()> closed_;       // the serving thread's
  int ends_left_ = 2;                       // the serving thread's

  absl::Mutex mutex_;
  std::deque<Response> waiting_ ABSL_GUARDED_BY(mutex_);
  bool full_ ABSL_GUARDED_BY(mutex_) = false;  // its last one is the overflow
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;     // Finish is wanted
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;  // Finish was called
  bool over_ ABSL_GUARDED_BY(mutex_) = false;       // gRPC has told of the end
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_STREAMS_SERVER_STREAM_CALL_H_
