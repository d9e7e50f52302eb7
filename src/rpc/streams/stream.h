// Bidirectional streams of questions and answers: every message that a client
// sends is a request of its own, and gets one message back. Answers go out as
// they are finished, so they may overtake each other.
//
// When the client half-closes, all that it sent is answered before the stream
// ends. Several messages of a stream are under way at once, up to a bound; at
// the bound, and while the client does not take its answers, the stream is not
// read, and gRPC's flow control holds the client.
#ifndef OUTRIGGER_RPC_STREAMS_STREAM_H_
#define OUTRIGGER_RPC_STREAMS_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "rpc/core/completion.h"
#include "rpc/core/method.h"
#include "rpc/streams/stream_call.h"
#include "rpc/streams/stream_session.h"

namespace outrigger::rpc {

struct StreamOptions {
  // Messages of one stream that are being answered at the same time. >= 1.
  int max_in_flight = 256;
  // Streams of this method, open at the same time on one serving thread.
  // Beyond: kResourceExhausted, counted in outrigger.rpc.refused. >= 1.
  int max_open = 1000;
};

// A bidirectional method of `GrpcService`; see UnaryMethod.
template <typename GrpcService, typename Request, typename Response>
class StreamMethod final : public Method {
 public:
  using Call = StreamCall<Request, Response>;
  using Requester = void (GrpcService::*)(grpc::ServerContext*,
                                          typename Call::Stream*,
                                          grpc::CompletionQueue*,
                                          grpc::ServerCompletionQueue*, void*);

  // `refused` counts streams over max_open. All references must outlive the
  // server.
  StreamMethod(GrpcService& service, Requester requester, StreamOptions options,
               std::unique_ptr<StreamRecorders> recorders,
               telemetry::Counter& refused,
               SessionOpener<Request, Response> opener)
      : service_(service),
        requester_(requester),
        options_(options),
        recorders_(std::move(recorders)),
        refused_(refused),
        opener_(std::move(opener)) {}

  // Of streams that keep nothing between their messages.
  StreamMethod(GrpcService& service, Requester requester, StreamOptions options,
               std::unique_ptr<StreamRecorders> recorders,
               telemetry::Counter& refused, Handler<Request, Response> handler)
      : StreamMethod(service, requester, options, std::move(recorders), refused,
                     OpenStateless(std::move(handler))) {}

  void Start(ServingThread& thread) override {
    lanes_.push_back(std::make_unique<Lane>(*this, thread));
    for (int i = 0; i < kWaiting; ++i) lanes_.back()->Ask();
  }

  void Drain(ServingThread& thread) override {
    for (auto& lane : lanes_) {
      if (&lane->thread() == &thread) lane->Drain();
    }
  }

 private:
  static constexpr int kWaiting = 8;  // calls kept ready on each thread

  // This method on one thread; touched by that thread only.
  class Lane final : public Call::Owner {
   public:
    Lane(StreamMethod& method, ServingThread& thread)
        : method_(method), thread_(thread) {}

    void Ask() {
      if (!thread_.accepting()) return;
      auto* call =
          new Call(*this, thread_, method_.opener_, *method_.recorders_,
                   method_.options_.max_in_flight);
      grpc::ServerCompletionQueue* queue = thread_.queue();
      GrpcService& service = method_.service_;
      const Requester requester = method_.requester_;
      (service.*requester)(call->context(), call->stream(), queue, queue,
                           call->accepted());
    }

    void Drain() {
      draining_ = true;
      for (Call* call : std::vector<Call*>(open_.begin(), open_.end())) {
        call->StopReading();
      }
    }

    absl::Status Opened(Call* call) override {
      Ask();
      open_.insert(call);
      if (static_cast<int>(open_.size()) > method_.options_.max_open) {
        method_.refused_.Add();
        return absl::ResourceExhaustedError("too many open streams");
      }
      if (draining_) return absl::UnavailableError("the sidecar is stopping");
      return absl::OkStatus();
    }

    void Closed(Call* call) override { open_.erase(call); }

    ServingThread& thread() { return thread_; }

   private:
    StreamMethod& method_;
    ServingThread& thread_;
    bool draining_ = false;
    absl::flat_hash_set<Call*> open_;
  };

  GrpcService& service_;
  const Requester requester_;
  const StreamOptions options_;
  const std::unique_ptr<StreamRecorders> recorders_;
  telemetry::Counter& refused_;
  const SessionOpener<Request, Response> opener_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_STREAMS_STREAM_H_
