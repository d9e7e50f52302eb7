// The streaming half of the health protocol.
#ifndef OUTRIGGER_RPC_STANDARD_HEALTH_WATCH_H_
#define OUTRIGGER_RPC_STANDARD_HEALTH_WATCH_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <optional>

#include "grpc/health/v1/health.grpc.pb.h"
#include "rpc/core/call_record.h"
#include "rpc/core/serving_thread.h"
#include "rpc/standard/health.h"

namespace outrigger::rpc {

// Accepts Watch calls.
class HealthWatchMethod final : public Method {
 public:
  HealthWatchMethod(HealthService& health, HealthService::AsyncService& service,
                    const Instrumentation& with)
      : health_(health),
        service_(service),
        recorder_("grpc.health.v1.Health/Watch", with) {}
  void Start(ServingThread& thread) override;

 private:
  HealthService& health_;
  HealthService::AsyncService& service_;
  MethodRecorder recorder_;
};

// One watcher: is sent the status at once, then every change. Deletes itself
// when gRPC is done with it. All but Changed and EndSoon run on its serving
// thread, so its state needs no lock.
class HealthWatch final {
 public:
  HealthWatch(HealthService& health, HealthService::AsyncService& service,
              MethodRecorder& recorder, ServingThread& thread);

  // Asks gRPC for a call.
  void Ask();

  // The status may have changed, or the server wants to end the stream: looked
  // at soon, on the serving thread. Any thread, while the health service's lock
  // keeps this registered.
  void Changed();
  void EndSoon();

 private:
  using Status = HealthService::Status;
  template <void (HealthWatch::*kThen)(bool)>
  class Then final : public Event {
   public:
    explicit Then(HealthWatch& watch) : watch_(watch) {}
    void Proceed(bool ok) override { (watch_.*kThen)(ok); }

   private:
    HealthWatch& watch_;
  };

  ~HealthWatch() = default;

  void OnAccepted(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok) { Unref(); }
  void OnDone(bool ok);
  // Sends the status if the client has an older one, or ends the stream.
  void Advance();
  void Unref();

  HealthService& health_;
  HealthService::AsyncService& service_;
  MethodRecorder& recorder_;
  ServingThread& thread_;
  CallRecord record_;
  grpc::ServerContext context_;
  grpc::health::v1::HealthCheckRequest request_;
  grpc::ServerAsyncWriter<grpc::health::v1::HealthCheckResponse> writer_;
  Then<&HealthWatch::OnAccepted> accepted_{*this};
  Then<&HealthWatch::OnWritten> written_{*this};
  Then<&HealthWatch::OnFinished> finished_{*this};
  Then<&HealthWatch::OnDone> done_{*this};

  std::atomic<int> refs_{0};  // operations and posted work
  std::optional<Status> sent_;
  bool writing_ = false;
  bool ending_ = false;  // Finish is wanted
  bool ended_ = false;   // Finish was called
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_STANDARD_HEALTH_WATCH_H_
