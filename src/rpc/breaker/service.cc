#include "rpc/breaker/service.h"

#include <memory>
#include <string>
#include <utility>

#include "rpc/breaker/outcomes.h"
#include "rpc/breaker/watch.h"
#include "rpc/core/add_unary.h"
#include "rpc/streams/server_stream.h"
#include "telemetry/breaker_metrics.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using breaker::v1::ForceRequest;
using breaker::v1::ForceResponse;
using breaker::v1::ListRequest;
using breaker::v1::ListResponse;
using breaker::v1::ReportRequest;
using breaker::v1::ReportResponse;
using breaker::v1::ResetRequest;
using breaker::v1::ResetResponse;
using breaker::v1::WatchRequest;
using breaker::v1::WatchResponse;
using grpc::ByteBuffer;

// Calls kept ready on each serving thread.
constexpr int kWaitingAcquires = 128;
constexpr int kWaitingReports = 64;
constexpr int kWaitingOthers = 8;

std::string FullName(absl::string_view method) {
  return absl::StrCat(breaker::v1::Breaker::service_full_name(), "/", method);
}

}  // namespace

BreakerService::BreakerService(const BreakerServiceOptions& options,
                               coord::Breakers& breakers,
                               const Instrumentation& with)
    : breakers_(breakers), permits_(breakers, with.clock) {
  AddDeciding(with);
  AddOthers(with);
  AddWatch(options, with);
}

void BreakerService::AddDeciding(const Instrumentation& with) {
  AddUnary<ByteBuffer, ByteBuffer>(
      methods_, service_, &AsyncService::RequestAcquire, FullName("Acquire"),
      kWaitingAcquires, with,
      [this](const ByteBuffer& request, RawCompletion completion) {
        permits_.Acquire(request, std::move(completion));
      });
  AddUnary<ReportRequest, ReportResponse>(
      methods_, service_, &AsyncService::RequestReport, FullName("Report"),
      kWaitingReports, with, [this](const auto& request, auto completion) {
        HandleReport(breakers_, request, std::move(completion));
      });
}

void BreakerService::AddOthers(const Instrumentation& with) {
  AddUnary<ListRequest, ListResponse>(
      methods_, service_, &AsyncService::RequestList, FullName("List"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        HandleList(breakers_, request, std::move(completion));
      });
  AddUnary<ForceRequest, ForceResponse>(
      methods_, service_, &AsyncService::RequestForce, FullName("Force"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        HandleForce(breakers_, request, std::move(completion));
      });
  AddUnary<ResetRequest, ResetResponse>(
      methods_, service_, &AsyncService::RequestReset, FullName("Reset"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        HandleReset(breakers_, request, std::move(completion));
      });
}

void BreakerService::AddWatch(const BreakerServiceOptions& options,
                              const Instrumentation& with) {
  telemetry::Registry& registry = with.registry;
  methods_.push_back(
      std::make_unique<
          ServerStreamMethod<AsyncService, WatchRequest, WatchResponse>>(
          service_, &AsyncService::RequestWatch,
          ServerStreamOptions<WatchResponse>{
              .max_waiting = options.max_waiting_messages,
              .overflow = {},  // no breaker: some were left out
              .max_open = options.max_streams},
          std::make_unique<MethodRecorder>(FullName("Watch"), with),
          registry.GetCounter(telemetry::kRpcRefused,
                              {{"bound", "breaker_watch_streams"}}),
          registry.GetCounter(telemetry::kBreakerRefused,
                              {{"bound", "watch_events"}}),
          [this](const WatchRequest& request, auto stream) {
            HandleWatch(breakers_, request, std::move(stream));
          }));
}

}  // namespace outrigger::rpc
