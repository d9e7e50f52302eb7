#include "rpc/ratelimit/service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rpc/core/unary.h"
#include "rpc/ratelimit/outcomes.h"
#include "rpc/streams/stream.h"

namespace outrigger::rpc {
namespace {

using grpc::ByteBuffer;

// Calls kept ready on each serving thread.
constexpr int kWaitingAllows = 128;
constexpr int kWaitingOthers = 16;

std::string FullName(absl::string_view method) {
  return absl::StrCat(ratelimit::v1::RateLimiter::service_full_name(), "/",
                      method);
}

std::unique_ptr<MethodRecorder> Recorder(absl::string_view method,
                                         const Instrumentation& with) {
  return std::make_unique<MethodRecorder>(FullName(method), with);
}

}  // namespace

RateLimiterService::RateLimiterService(const RateLimiterOptions& options,
                                       coord::Limiter& limiter,
                                       const Instrumentation& with)
    : allow_(limiter, with.clock) {
  AddDeciding(options, with);
  AddOthers(limiter, with);
}

void RateLimiterService::AddDeciding(const RateLimiterOptions& options,
                                     const Instrumentation& with) {
  using RawMethod = UnaryMethod<AsyncService, ByteBuffer, ByteBuffer>;
  methods_.push_back(std::make_unique<RawMethod>(
      service_, &AsyncService::RequestAllow, Recorder("Allow", with),
      kWaitingAllows,
      [this](const ByteBuffer& request, RawCompletion completion) {
        allow_.Allow(request, std::move(completion));
      }));
  methods_.push_back(std::make_unique<RawMethod>(
      service_, &AsyncService::RequestAllowMany, Recorder("AllowMany", with),
      kWaitingOthers,
      [this](const ByteBuffer& request, RawCompletion completion) {
        allow_.AllowMany(request, std::move(completion));
      }));
  const StreamOptions stream{.max_in_flight = options.max_messages_per_stream,
                             .max_open = options.max_streams};
  methods_.push_back(
      std::make_unique<StreamMethod<AsyncService, ByteBuffer, ByteBuffer>>(
          service_, &AsyncService::RequestAllowStream, stream,
          std::make_unique<StreamRecorders>(FullName("AllowStream"), with),
          with.registry.GetCounter(telemetry::kRpcRefused,
                                   {{"bound", "allow_streams"}}),
          [this](const ByteBuffer& request, RawCompletion completion) {
            allow_.AllowStream(request, std::move(completion));
          }));
}

void RateLimiterService::AddOthers(coord::Limiter& limiter,
                                   const Instrumentation& with) {
  methods_.push_back(
      std::make_unique<
          UnaryMethod<AsyncService, v1::ReportRequest, v1::ReportResponse>>(
          service_, &AsyncService::RequestReport, Recorder("Report", with),
          kWaitingOthers,
          [&limiter](const v1::ReportRequest& request,
                     Completion<v1::ReportResponse> completion) {
            HandleReport(limiter, request, std::move(completion));
          }));
  methods_.push_back(
      std::make_unique<
          UnaryMethod<AsyncService, v1::RefundRequest, v1::RefundResponse>>(
          service_, &AsyncService::RequestRefund, Recorder("Refund", with),
          kWaitingOthers,
          [&limiter](const v1::RefundRequest& request,
                     Completion<v1::RefundResponse> completion) {
            HandleRefund(limiter, request, std::move(completion));
          }));
  methods_.push_back(
      std::make_unique<
          UnaryMethod<AsyncService, v1::StatusRequest, v1::StatusResponse>>(
          service_, &AsyncService::RequestStatus, Recorder("Status", with),
          kWaitingOthers,
          [&limiter](const v1::StatusRequest& request,
                     Completion<v1::StatusResponse> completion) {
            HandleStatus(limiter, std::move(completion));
          }));
}

}  // namespace outrigger::rpc
