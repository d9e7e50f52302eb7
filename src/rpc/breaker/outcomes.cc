#include "rpc/breaker/outcomes.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rpc/breaker/names.h"
#include "rpc/wire/times.h"

namespace outrigger::rpc {
namespace {

using breaker::v1::BreakerStatus;
using breaker::v1::ForceRequest;
using breaker::v1::ForceResponse;
using breaker::v1::ListRequest;
using breaker::v1::ListResponse;
using breaker::v1::Outcome;
using breaker::v1::ReportRequest;
using breaker::v1::ReportResponse;
using breaker::v1::ResetRequest;
using breaker::v1::ResetResponse;
using coord::BreakerView;
using coord::CallOutcome;

constexpr uint32_t kMostCalls = 1'000'000;
// Longer calls are as slow as these.
constexpr Duration kLongestCall = std::chrono::hours(24);

absl::Status MakeOutcome(const Outcome& from, CallOutcome* to) {
  if (from.result() < breaker::v1::SUCCESS ||
      from.result() > breaker::v1::IGNORED) {
    return absl::InvalidArgumentError(
        "result: must be SUCCESS, FAILURE or IGNORED");
  }
  if (from.count() > kMostCalls || (from.count() > 1 && from.permit() != 0)) {
    return absl::InvalidArgumentError(
        "count: must be at most 1,000,000, and 1 with a permit");
  }
  to->breaker = from.breaker();
  to->method = from.method();
  to->permit = from.permit();
  to->generation = from.generation();
  to->result = static_cast<coord::CallResult>(from.result());
  to->count = from.count() == 0 ? 1 : from.count();
  return ReadTime("duration", from.duration().seconds(),
                  from.duration().nanos(), kLongestCall, &to->duration);
}

absl::Status MakeOutcomes(const ReportRequest& request,
                          std::vector<CallOutcome>& outcomes) {
  const auto count = static_cast<size_t>(request.outcomes_size());
  if (count > coord::kMaxBreakerOutcomes) {
    return absl::InvalidArgumentError(
        absl::StrCat("outcomes: ", count, "; at most ",
                     coord::kMaxBreakerOutcomes, " are allowed"));
  }
  outcomes.reserve(count);
  for (const Outcome& each : request.outcomes()) {
    const absl::Status status = MakeOutcome(each, &outcomes.emplace_back());
    if (status.ok()) continue;
    return absl::Status(
        status.code(),
        absl::StrCat("outcomes[", outcomes.size() - 1, "].", status.message()));
  }
  return absl::OkStatus();
}

void Fill(const BreakerView::Counts& from, BreakerStatus::Counts* to) {
  to->set_calls(from.seen.calls);
  to->set_failures(from.seen.failures);
  to->set_slow(from.seen.slow);
  to->set_reporters(from.reporters);
  to->set_bad_reporters(from.bad_reporters);
}

void Fill(const BreakerView& from, BreakerStatus* to) {
  to->set_breaker(from.key.name);
  to->set_method(from.key.method);
  to->set_state(StateOf(from.state));
  to->set_generation(from.generation);
  to->set_admit_ratio(from.admit_ratio);
  SetTime(from.retry_after, to->mutable_retry_after());
  to->set_reason(ReasonOf(from.reason));
  to->set_message(from.message);
  to->set_opened_by(from.opened_by);
  to->set_isolated(from.isolated);
  to->set_degraded(from.degraded);
  Fill(from.pod, to->mutable_pod());
  Fill(from.fleet, to->mutable_fleet());
  to->set_consecutive_failures(from.consecutive_failures);
  to->set_attempts(from.attempts);
  to->set_probes_out(from.probes_out);
  to->set_probes_succeeded(from.probes_succeeded);
  to->set_probes_failed(from.probes_failed);
  to->set_allowed(from.allowed);
  to->set_rejected(from.rejected);
}

// Answers with whether it is degraded.
template <typename Response>
auto FinishWithDegraded(Completion<Response> completion) {
  return [completion = std::move(completion)](
             const absl::StatusOr<bool>& degraded) mutable {
    if (degraded.ok()) completion.response().set_degraded(*degraded);
    completion.Finish(degraded.status());
  };
}

}  // namespace

void HandleReport(coord::Breakers& breakers, const ReportRequest& request,
                  Completion<ReportResponse> completion) {
  std::vector<CallOutcome> outcomes;
  absl::Status status = MakeOutcomes(request, outcomes);
  if (status.ok()) {
    const absl::StatusOr<uint32_t> dropped = breakers.Report(outcomes);
    if (dropped.ok()) completion.response().set_dropped(*dropped);
    status = dropped.status();
  }
  completion.Finish(std::move(status));
}

void HandleList(const coord::Breakers& breakers, const ListRequest& request,
                Completion<ListResponse> completion) {
  const absl::StatusOr<std::vector<BreakerView>> views =
      breakers.List(request.breaker());
  if (views.ok()) {
    for (const BreakerView& view : *views) {
      Fill(view, completion.response().add_breakers());
    }
  }
  completion.Finish(views.status());
}

void HandleForce(coord::Breakers& breakers, const ForceRequest& request,
                 Completion<ForceResponse> completion) {
  switch (request.state()) {
    case breaker::v1::CLOSED:
    case breaker::v1::FORCED_OPEN:
    case breaker::v1::FORCED_CLOSED:
    case breaker::v1::METRICS_ONLY:
      break;
    default:
      completion.Finish(absl::InvalidArgumentError(
          "state: must be CLOSED, FORCED_OPEN, FORCED_CLOSED or "
          "METRICS_ONLY"));
      return;
  }
  breakers.Force(request.breaker(), request.method(),
                 static_cast<coord::BreakerState>(request.state()),
                 FinishWithDegraded(std::move(completion)));
}

void HandleReset(coord::Breakers& breakers, const ResetRequest& request,
                 Completion<ResetResponse> completion) {
  breakers.Reset(request.breaker(), request.method(),
                 FinishWithDegraded(std::move(completion)));
}

}  // namespace outrigger::rpc
