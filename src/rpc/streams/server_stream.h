// One-way streams: a client asks once, and is sent messages until it goes or
// the server stops.
#ifndef OUTRIGGER_RPC_STREAMS_SERVER_STREAM_H_
#define OUTRIGGER_RPC_STREAMS_SERVER_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "rpc/core/method.h"
#include "rpc/streams/server_stream_call.h"
#include "telemetry/instruments/counter.h"

namespace outrigger::rpc {

template <typename Response>
struct ServerStreamOptions {
  // Messages of one stream that wait for a slow client. Beyond, the last one
  // becomes `overflow`, which tells the client that some are missing; those are
  // counted. >= 1.
  size_t max_waiting = 1000;
  Response overflow;
  // Streams of this method, open at the same time on one serving thread.
  // Beyond: kResourceExhausted, counted in outrigger.rpc.refused. >= 1.
  int max_open = 1000;
};

// A method of `GrpcService` that answers with a stream; see UnaryMethod.
template <typename GrpcService, typename Request, typename Response>
class ServerStreamMethod final : public Method {
 public:
  using Call = ServerStreamCall<Request, Response>;
  using Options = ServerStreamOptions<Response>;
  using Requester = void (GrpcService::*)(grpc::ServerContext*, Request*,
                                          typename Call::Writer*,
                                          grpc::CompletionQueue*,
                                          grpc::ServerCompletionQueue*, void*);

  // `refused` counts streams over max_open, `dropped` messages that found no
  // room. All references must outlive the server.
  ServerStreamMethod(GrpcService& service, Requester requester, Options options,
                     std::unique_ptr<MethodRecorder> recorder,
                     telemetry::Counter& refused, telemetry::Counter& dropped,
                     typename Call::StreamHandler handler)
      : service_(service),
        requester_(requester),
        options_(std::move(options)),
        recorder_(std::move(recorder)),
        refused_(refused),
        queue_{options_.max_waiting, options_.overflow, dropped},
        handler_(std::move(handler)) {}

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
  static constexpr int kWaiting = 4;  // calls kept ready on each thread

  // This method on one thread; touched by that thread only.
  class Lane final : public Call::Owner {
   public:
    Lane(ServerStreamMethod& method, ServingThread& thread)
        : method_(method), thread_(thread) {}

    void Ask() {
      if (!thread_.accepting()) return;
      auto call = std::make_shared<Call>(*this, thread_, method_.handler_,
                                         *method_.recorder_, method_.queue_);
      void* const accepted = call->KeepForGrpc();
      grpc::ServerCompletionQueue* queue = thread_.queue();
      (method_.service_.*method_.requester_)(call->context(), call->request(),
                                             call->writer(), queue, queue,
                                             accepted);
    }

    void Drain() {
      draining_ = true;
      for (Call* call : std::vector<Call*>(open_.begin(), open_.end())) {
        call->End(absl::OkStatus());
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
    ServerStreamMethod& method_;
    ServingThread& thread_;
    bool draining_ = false;
    absl::flat_hash_set<Call*> open_;
  };

  GrpcService& service_;
  const Requester requester_;
  const Options options_;
  const std::unique_ptr<MethodRecorder> recorder_;
  telemetry::Counter& refused_;
  const typename Call::QueueOptions queue_;
  const typename Call::StreamHandler handler_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_STREAMS_SERVER_STREAM_H_
