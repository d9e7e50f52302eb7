// One open stream of StreamMethod: reads, answers, writes, and the end.
#ifndef OUTRIGGER_RPC_STREAMS_STREAM_CALL_H_
#define OUTRIGGER_RPC_STREAMS_STREAM_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <atomic>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "rpc/core/call_record.h"
#include "rpc/core/completion.h"
#include "rpc/core/method.h"
#include "rpc/core/status.h"
#include "rpc/streams/stream_session.h"

namespace outrigger::rpc {

// Measures a method's streams and their messages.
struct StreamRecorders {
  StreamRecorders(absl::string_view method, const Instrumentation& with)
      : calls(method, with),
        messages(method, with, MethodRecorder::What::kMessages) {}
  MethodRecorder calls;
  MethodRecorder messages;
};

// Deletes itself when gRPC is done with it and every message is finished. What
// gRPC completes runs on the serving thread; messages finish on any.
template <typename Request, typename Response>
class StreamCall {
 public:
  using Stream = grpc::ServerAsyncReaderWriter<Response, Request>;

  // The method on this thread; called on the serving thread only.
  class Owner {
   public:
    // A client has opened the stream. An error ends it at once.
    virtual absl::Status Opened(StreamCall* call) = 0;
    // gRPC is done with it; it may live on until its messages are finished.
    virtual void Closed(StreamCall* call) = 0;

   protected:
    ~Owner() = default;
  };

  // All references must outlive the call.
  StreamCall(Owner& owner, ServingThread& thread,
             const SessionOpener<Request, Response>& opener,
             StreamRecorders& recorders, int max_in_flight)
      : owner_(owner),
        thread_(thread),
        opener_(opener),
        recorders_(recorders),
        max_in_flight_(max_in_flight),
        stream_(&context_) {
    context_.AsyncNotifyWhenDone(static_cast<Event*>(&done_));
  }

  grpc::ServerContext* context() { return &context_; }
  Stream* stream() { return &stream_; }
  void* accepted() { return static_cast<Event*>(&accepted_); }

  // Answers what was read, then ends the stream. Serving thread.
  void StopReading() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    reads_done_ = true;
    Advance();
  }

 private:
  // A completed operation, sent to the call's method of that name.
  template <void (StreamCall::*kThen)(bool)>
  class Then final : public Event {
   public:
    explicit Then(StreamCall& call) : call_(call) {}
    void Proceed(bool ok) override { (call_.*kThen)(ok); }

   private:
    StreamCall& call_;
  };

  // One message that is being answered.
  class Message final : public Pending<Response> {
   public:
    explicit Message(StreamCall& call) : call_(call) {}
    void Finish(absl::Status status) override {
      call_.Answered(this, std::move(status));
    }
    MonotonicTime deadline() const override {
      return ToMonotonicTime(call_.context_.raw_deadline());
    }
    void OnClientGone(absl::AnyInvocable<void()> gone) override {
      on_gone = std::move(gone);
    }

    bool unanswered() const { return this->unanswered_; }

    Request request;
    absl::AnyInvocable<void()> on_gone;

   private:
    StreamCall& call_;
  };

  // What a session may send unasked.
  class Sender final : public StreamSender<Response> {
   public:
    explicit Sender(StreamCall* call) : call_(call) {}
    void Send(Response message) override ABSL_LOCKS_EXCLUDED(mutex_) {
      absl::MutexLock lock(&mutex_);
      if (call_ != nullptr) call_->Push(std::move(message));
    }
    void Detach() ABSL_LOCKS_EXCLUDED(mutex_) {
      absl::MutexLock lock(&mutex_);
      call_ = nullptr;
    }

   private:
    absl::Mutex mutex_;
    StreamCall* call_ ABSL_GUARDED_BY(mutex_);  // null: it is over
  };

  // With so many answers that the client does not take, no more is read.
  static constexpr size_t kMostUnsent = 1000;

  ~StreamCall() = default;

  void OnAccepted(bool ok) {
    if (!ok) {  // the server stops
      delete this;
      return;
    }
    refs_ = 1;  // Done's
    thread_.CallBegun();
    recorders_.calls.Begin(context_, record_);
    absl::Status status = owner_.Opened(this);
    if (status.ok()) status = OpenSession();
    absl::MutexLock lock(&mutex_);
    if (status.ok()) {
      Read();
    } else {
      End(std::move(status));
      Advance();
    }
  }

  absl::Status OpenSession() {
    sender_ = std::make_shared<Sender>(this);
    auto session = opener_(sender_);
    if (session.ok()) session_ = *std::move(session);
    return session.status();
  }

  // Asks for the next message.
  void Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    paused_ = false;
    ++refs_;
    next_ = std::make_unique<Message>(*this);
    stream_.Read(&next_->request, static_cast<Event*>(&read_));
  }

  void OnRead(bool ok) ABSL_LOCKS_EXCLUDED(mutex_) {
    if (ok && session_ != nullptr) {  // null: the client has gone
      thread_.CountArrival();
      Message* message = next_.release();
      {
        absl::MutexLock lock(&mutex_);
        ++refs_;
        messages_.insert(message);
      }
      recorders_.messages.Begin(context_, message->record());
      const telemetry::ScopedSpan current(message->record().span.context());
      session_->Handle(message->request, Completion<Response>(message));
    }
    {
      absl::MutexLock lock(&mutex_);
      if (!ok) reads_done_ = true;
      paused_ = true;
      Advance();
    }
    Unref();
  }

  void Answered(Message* message, absl::Status status)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    std::unique_ptr<Message> owned(message);
    recorders_.messages.End(message->record(), status);
    {
      absl::MutexLock lock(&mutex_);
      messages_.erase(message);
      if (!status.ok()) {
        End(std::move(status));
      } else if (!gone_ && !message->unanswered()) {
        answers_.push_back(std::move(message->response()));
      }
      Advance();
    }
    owned.reset();
    Unref();
  }

  void Push(Response response) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (gone_ || finishing_) return;
    answers_.push_back(std::move(response));
    Advance();
  }

  void End(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    reads_done_ = true;
    if (status_.ok()) status_ = std::move(status);
  }

  // Does whatever can be done now: the next write, the next read, the end.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!writing_ && !answers_.empty()) Write();
    if (paused_ && !reads_done_ &&
        static_cast<int>(messages_.size()) < max_in_flight_ &&
        answers_.size() < kMostUnsent) {
      Read();
    }
    if (reads_done_ && messages_.empty() && !writing_ && answers_.empty() &&
        !finishing_) {
      finishing_ = true;
      ++refs_;
      recorders_.calls.End(record_, status_);
      stream_.Finish(ToGrpcStatus(status_), static_cast<Event*>(&finished_));
    }
  }

  void Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    grpc::WriteOptions options;
    // More is coming at once: gRPC need not send this one by itself.
    if (answers_.size() > 1) options.set_buffer_hint();
    writing_ = true;
    ++refs_;
    stream_.Write(answers_.front(), options, static_cast<Event*>(&written_));
    answers_.pop_front();
  }

  void OnWritten(bool ok) ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      if (!ok) answers_.clear();  // nobody reads them
      Advance();
    }
    Unref();
  }

  void OnFinished(bool ok) {
    EndOne();
    Unref();
  }

  // gRPC is done with the call when both have come.
  void EndOne() {
    if (--ends_left_ == 0) thread_.CallEnded();
  }

  void OnDone(bool ok) ABSL_LOCKS_EXCLUDED(mutex_) {
    owner_.Closed(this);
    std::vector<absl::AnyInvocable<void()>> abandoned;
    {
      absl::MutexLock lock(&mutex_);
      gone_ = true;
      answers_.clear();
      reads_done_ = true;
      for (Message* message : messages_) {
        if (message->on_gone) abandoned.push_back(std::move(message->on_gone));
      }
      Advance();
    }
    for (auto& gone : abandoned) gone();
    if (sender_ != nullptr) sender_->Detach();
    session_ = nullptr;
    EndOne();
    Unref();
  }

  void Unref() {
    if (refs_.fetch_sub(1) == 1) delete this;
  }

  Owner& owner_;
  ServingThread& thread_;
  const SessionOpener<Request, Response>& opener_;
  StreamRecorders& recorders_;
  CallRecord record_;  // the stream's own
  const int max_in_flight_;
  grpc::ServerContext context_;
  Stream stream_;
  Then<&StreamCall::OnAccepted> accepted_{*this};
  Then<&StreamCall::OnRead> read_{*this};
  Then<&StreamCall::OnWritten> written_{*this};
  Then<&StreamCall::OnFinished> finished_{*this};
  Then<&StreamCall::OnDone> done_{*this};

  std::shared_ptr<Sender> sender_;
  // The serving thread's; null before it is open and after the client has gone.
  std::unique_ptr<StreamSession<Request, Response>> session_;
  int ends_left_ = 2;  // Finished and Done; the serving thread's
  // Operations under way in gRPC and messages being answered.
  std::atomic<int> refs_{0};
  std::unique_ptr<Message> next_;  // being read into; one read at a time

  absl::Mutex mutex_;
  absl::flat_hash_set<Message*> messages_ ABSL_GUARDED_BY(mutex_);
  std::deque<Response> answers_ ABSL_GUARDED_BY(mutex_);
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;  // no read is under way
  bool reads_done_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_STREAMS_STREAM_CALL_H_
