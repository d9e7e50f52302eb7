#include "rpc/ratelimit/outcomes.h"

#include <utility>

#include "absl/status/status.h"
#include "rpc/ratelimit/allow_wire.h"
#include "rpc/ratelimit/validate.h"

namespace outrigger::rpc {
namespace {

using google::protobuf::Duration;

absl::Status CheckReport(const v1::ReportRequest& request) {
  if (request.result() != v1::ReportRequest::SUCCESS &&
      request.result() != v1::ReportRequest::FAILURE &&
      request.result() != v1::ReportRequest::THROTTLED) {
    return absl::InvalidArgumentError(
        "result: must be SUCCESS, FAILURE or THROTTLED");
  }
  const Duration& duration = request.duration();
  if (duration.seconds() < 0 || duration.nanos() < 0 ||
      duration.nanos() > 999'999'999) {
    return absl::InvalidArgumentError(
        "duration: must not be negative, with nanos below 1,000,000,000");
  }
  return absl::OkStatus();
}

void SetDuration(outrigger::Duration from, Duration* to) {
  to->set_seconds(from.count() / 1'000'000'000);
  to->set_nanos(static_cast<int32_t>(from.count() % 1'000'000'000));
}

void SetCounters(const coord::Limiter::LimitCounters& from,
                 v1::LimitCounters* to) {
  to->set_limit(from.name);
  to->set_allowed(from.allowed);
  to->set_denied(from.denied);
  to->set_shadow_denied(from.shadow_denied);
  to->set_degraded(from.degraded);
  to->set_local(from.local);
  to->set_rate(from.tokens_per_second);
  to->set_burst(from.config.shape.burst);
  to->set_algorithm(
      std::string(limit::AlgorithmName(from.config.shape.algorithm)));
  to->set_coordination(
      std::string(limit::CoordinationName(from.config.coordination)));
  to->set_shadow(from.config.shadow);
}

}  // namespace

void HandleReport(coord::Limiter& limiter, const v1::ReportRequest& request,
                  Completion<v1::ReportResponse> completion) {
  AllowFields fields;
  TakeAttributes(request.attributes(), &fields);
  fields.limit = request.limit();
  coord::AllowQuery query;
  absl::Status status = CheckReport(request);
  if (status.ok()) status = MakeQuery(fields, &query);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  limiter.Report(
      query, request.result() == v1::ReportRequest::SUCCESS,
      [completion = std::move(completion)](
          absl::StatusOr<coord::Limiter::ReportAnswer> answer) mutable {
        if (answer.ok()) {
          completion.response().set_current_rate(answer->tokens_per_second);
          completion.response().set_degraded(answer->degraded);
        }
        completion.Finish(answer.status());
      });
}

void HandleRefund(coord::Limiter& limiter, const v1::RefundRequest& request,
                  Completion<v1::RefundResponse> completion) {
  AllowFields fields;
  TakeAttributes(request.attributes(), &fields);
  fields.limit = request.limit();
  if (request.has_cost()) fields.cost = request.cost();
  coord::AllowQuery query;
  absl::Status status =
      fields.cost == 0 ? absl::InvalidArgumentError("cost: must be at least 1")
                       : MakeQuery(fields, &query);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  limiter.Refund(
      query, [completion = std::move(completion)](absl::Status status) mutable {
        completion.Finish(std::move(status));
      });
}

void HandleStatus(const coord::Limiter& limiter,
                  Completion<v1::StatusResponse> completion) {
  const coord::Limiter::Status status = limiter.GetStatus();
  v1::StatusResponse& response = completion.response();
  for (const auto& counters : status.limits) {
    SetCounters(counters, response.add_limits());
  }
  response.set_keys(status.keys);
  response.set_pods(status.pods);
  response.set_degraded(status.degraded);
  response.set_parked(status.parked);
  response.set_store_commands(status.store_commands);
  SetDuration(status.uptime, response.mutable_uptime());
  completion.Finish();
}

}  // namespace outrigger::rpc
