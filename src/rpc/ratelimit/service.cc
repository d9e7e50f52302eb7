#include "rpc/ratelimit/service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rpc/core/stream.h"
#include "rpc/core/unary.h"
#include "rpc/ratelimit/outcomes.h"

namespace outrigger::rpc {
namespace {

using grpc::ByteBuffer;

// Calls kept ready on each serving thread.
constexpr int kWaitingAllows = 128;
constexpr int kWaitingOthers = 16;

std::unique_ptr<CallCounters> CountersOf(absl::string_view method,
                                         telemetry::Registry& registry) {
  return std::make_unique<CallCounters>(
      absl::StrCat(ratelimit::v1::RateLimiter::service_full_name(), "/",
                   method),
      registry);
}

}  // namespace

RateLimiterService::RateLimiterService(const RateLimiterOptions& options,
                                       coord::Limiter& limiter,
                                       const Clock& clock,
                                       telemetry::Registry& registry)
    : allow_(limiter, clock) {
  AddDeciding(options, registry);
  AddOthers(limiter, registry);
}

void RateLimiterService::AddDeciding(const RateLimiterOptions& options,
                                     telemetry::Registry& registry) {
  using RawMethod = UnaryMethod<AsyncService, ByteBuffer, ByteBuffer>;
  methods_.push_back(std::make_unique<RawMethod>(
      service_, &AsyncService::RequestAllow, CountersOf("Allow", registry),
      kWaitingAllows,
      [this](const ByteBuffer& request, RawCompletion completion) {
        allow_.Allow(request, std::move(completion));
      }));
  methods_.push_back(std::make_unique<RawMethod>(
      service_, &AsyncService::RequestAllowMany,
      CountersOf("AllowMany", registry), kWaitingOthers,
      [this](const ByteBuffer& request, RawCompletion completion) {
        allow_.AllowMany(request, std::move(completion));
      }));
  const StreamOptions stream{.max_in_flight = options.max_messages_per_stream,
                             .max_open = options.max_streams};
  methods_.push_back(
      std::make_unique<StreamMethod<AsyncService, ByteBuffer, ByteBuffer>>(
          service_, &AsyncService::RequestAllowStream, stream,
          CountersOf("AllowStream", registry),
          registry.GetCounter(telemetry::kRpcRefused,
                              {{"bound", "allow_streams"}}),
          [this](const ByteBuffer& request, RawCompletion completion) {
            allow_.AllowStream(request, std::move(completion));
          }));
}

void RateLimiterService::AddOthers(coord::Limiter& limiter,
                                   telemetry::Registry& registry) {
  methods_.push_back(
      std::make_unique<
          UnaryMethod<AsyncService, v1::ReportRequest, v1::ReportResponse>>(
          service_, &AsyncService::RequestReport,
          CountersOf("Report", registry), kWaitingOthers,
          [&limiter](const v1::ReportRequest& request,
                     Completion<v1::ReportResponse> completion) {
            HandleReport(limiter, request, std::move(completion));
          }));
  methods_.push_back(
      std::make_unique<
          UnaryMethod<AsyncService, v1::RefundRequest, v1::RefundResponse>>(
          service_, &AsyncService::RequestRefund,
          CountersOf("Refund", registry), kWaitingOthers,
          [&limiter](const v1::RefundRequest& request,
                     Completion<v1::RefundResponse> completion) {
            HandleRefund(limiter, request, std::move(completion));
          }));
  methods_.push_back(
      std::make_unique<
          UnaryMethod<AsyncService, v1::StatusRequest, v1::StatusResponse>>(
          service_, &AsyncService::RequestStatus,
          CountersOf("Status", registry), kWaitingOthers,
          [&limiter](const v1::StatusRequest& request,
                     Completion<v1::StatusResponse> completion) {
            HandleStatus(limiter, std::move(completion));
          }));
}

}  // namespace outrigger::rpc
