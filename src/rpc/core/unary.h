// Unary methods: one request, one response.
//
// A method keeps some calls waiting in gRPC on every serving thread. A call
// that arrives runs its handler right there; a call object is used again for
// the next call, with the capacity of its messages.
#ifndef OUTRIGGER_RPC_CORE_UNARY_H_
#define OUTRIGGER_RPC_CORE_UNARY_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "rpc/core/call_record.h"
#include "rpc/core/completion.h"
#include "rpc/core/method.h"
#include "rpc/core/status.h"

namespace outrigger::rpc {

// A unary method of `GrpcService`, a generated AsyncService (or one with raw
// methods: then the messages are grpc::ByteBuffer).
template <typename GrpcService, typename Request, typename Response>
class UnaryMethod final : public Method {
 public:
  using Writer = grpc::ServerAsyncResponseWriter<Response>;
  // The generated function that asks gRPC for a call, e.g.
  // &AsyncService::RequestAllow.
  using Requester = void (GrpcService::*)(grpc::ServerContext*, Request*,
                                          Writer*, grpc::CompletionQueue*,
                                          grpc::ServerCompletionQueue*, void*);

  // `waiting` calls are kept ready on each thread, so that a burst of as many
  // finds one. `service` must outlive the server.
  UnaryMethod(GrpcService& service, Requester requester,
              std::unique_ptr<MethodRecorder> recorder, int waiting,
              Handler<Request, Response> handler)
      : service_(service),
        requester_(requester),
        recorder_(std::move(recorder)),
        target_waiting_(waiting),
        handler_(std::move(handler)) {}

  void Start(ServingThread& thread) override {
    lanes_.push_back(std::make_unique<Lane>(Lane{*this, thread, 0}));
    for (int i = 0; i < target_waiting_; ++i) (new Call(*lanes_.back()))->Ask();
  }

 private:
  // This method on one thread; touched by that thread only.
  struct Lane {
    UnaryMethod& method;
    ServingThread& thread;
    int waiting;  // calls that gRPC may fill
  };

  class Call final : public Event, public Pending<Response> {
   public:
    explicit Call(Lane& lane) : lane_(lane), gone_event_(*this) {}

    void Ask() {
      ++lane_.waiting;
      context_.emplace();
      writer_.emplace(&*context_);
      context_->AsyncNotifyWhenDone(&gone_event_);
      UnaryMethod& method = lane_.method;
      grpc::ServerCompletionQueue* queue = lane_.thread.queue();
      (method.service_.*method.requester_)(&*context_, &request_, &*writer_,
                                           queue, queue,
                                           static_cast<Event*>(this));
    }

    void Proceed(bool ok) override {
      if (serving_) {
        EndOne();
      } else if (ok) {
        Serve();
      } else {  // the server stops
        --lane_.waiting;
        lane_.thread.NoteStopping();
        delete this;
      }
    }

    void Finish(absl::Status status) override {
      lane_.method.recorder_->End(this->record_, status);
      if (lane_.thread.gate().closed()) {
        lane_.thread.gate().Hold(
            [this, status = std::move(status)] { Send(status); });
      } else {
        Send(status);
      }
    }

    MonotonicTime deadline() const override {
      return ToMonotonicTime(context_->raw_deadline());
    }

    void OnClientGone(absl::AnyInvocable<void()> gone) override {
      on_gone_ = std::move(gone);
    }

   private:
    class GoneEvent final : public Event {
     public:
      explicit GoneEvent(Call& call) : call_(call) {}
      void Proceed(bool ok) override { call_.Done(); }

     private:
      Call& call_;
    };

    void Serve() {
      serving_ = true;
      events_left_ = 2;
      lane_.thread.CallBegun();
      lane_.thread.CountArrival();
      // Calls that park stay away long: others take their places.
      if (--lane_.waiting < lane_.method.target_waiting_ / 2) {
        (new Call(lane_))->Ask();
      }
      lane_.method.recorder_->Begin(*context_, this->record_);
      const telemetry::ScopedSpan current(this->record_.span.context());
      lane_.method.handler_(request_, Completion<Response>(this));
    }

    void Send(const absl::Status& status) {
      if (status.ok()) {
        writer_->Finish(this->response_, grpc::Status::OK,
                        static_cast<Event*>(this));
      } else {
        writer_->FinishWithError(ToGrpcStatus(status),
                                 static_cast<Event*>(this));
      }
    }

    // gRPC is done with the call: answered, or the client is gone.
    void Done() {
      if (on_gone_ && context_->IsCancelled()) on_gone_();
      EndOne();
    }

    void EndOne() {
      if (--events_left_ > 0) return;
      lane_.thread.CallEnded();
      if (!lane_.thread.accepting() ||
          lane_.waiting >= lane_.method.target_waiting_) {
        delete this;
        return;
      }
      serving_ = false;
      on_gone_ = nullptr;
      writer_.reset();
      context_.reset();
      request_.Clear();
      this->response_.Clear();
      Ask();
    }

    Lane& lane_;
    GoneEvent gone_event_;
    bool serving_ = false;
    int events_left_ = 0;  // the reply's, and gRPC's "done"
    std::optional<grpc::ServerContext> context_;
    std::optional<Writer> writer_;
    Request request_;
    absl::AnyInvocable<void()> on_gone_;
  };

  GrpcService& service_;
  const Requester requester_;
  const std::unique_ptr<MethodRecorder> recorder_;
  const int target_waiting_;
  const Handler<Request, Response> handler_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_UNARY_H_
