// breaker list, watch, force, reset, acquire, report.
#include "cli/commands.h"

#include <cstdio>
#include <string>

#include "cli/breaker/text.h"
#include "cli/call.h"
#include "outrigger/breaker/v1/breaker.grpc.pb.h"

namespace outrigger::cli {
namespace {

using breaker::v1::AcquireRequest;
using breaker::v1::AcquireResponse;
using breaker::v1::Breaker;
using breaker::v1::ForceRequest;
using breaker::v1::ForceResponse;
using breaker::v1::ListRequest;
using breaker::v1::ListResponse;
using breaker::v1::Outcome;
using breaker::v1::ReportRequest;
using breaker::v1::ReportResponse;
using breaker::v1::ResetRequest;
using breaker::v1::ResetResponse;
using breaker::v1::WatchRequest;
using breaker::v1::WatchResponse;

int RunList(const Invocation& invocation) {
  const auto& words = invocation.args.positional();
  const absl::Status status =
      CheckOperands(invocation, 0, 1, "a breaker, or none for all");
  if (!status.ok()) return Fail(kError, status.message());
  ListRequest request;
  if (!words.empty()) request.set_breaker(words[0]);
  return Ask(invocation, &Breaker::Stub::List, request, DescribeBreakers,
             [](const ListResponse&) { return kOk; });
}

int RunWatch(const Invocation& invocation) {
  const auto& words = invocation.args.positional();
  const absl::Status status =
      CheckOperands(invocation, 0, 256, "breakers, or none for all");
  if (!status.ok()) return Fail(kError, status.message());
  WatchRequest request;
  request.mutable_breakers()->Assign(words.begin(), words.end());
  grpc::ClientContext context;
  const auto stub = Breaker::NewStub(ChannelTo(TargetOf(invocation)));
  const auto states = stub->Watch(&context, request);
  return Follow(invocation, *states, WatchResponse(), DescribeWatched);
}

template <typename Response>
std::string DescribeDone(const Response& response) {
  return response.degraded()
             ? "done in this pod; the others hear of it when the store is "
               "back\n"
             : "done\n";
}

int RunForce(const Invocation& invocation) {
  absl::Status status = CheckOperands(
      invocation, 2, 2, "a breaker, and open, closed, metrics_only or release");
  if (!status.ok()) return Fail(kError, status.message());
  const auto& words = invocation.args.positional();
  const absl::StatusOr<breaker::v1::State> state = ReadState(words[1]);
  if (!state.ok()) return Fail(kError, state.status().message());
  ForceRequest request;
  request.set_breaker(words[0]);
  request.set_method(invocation.args.Get("method"));
  request.set_state(*state);
  return Ask(invocation, &Breaker::Stub::Force, request,
             DescribeDone<ForceResponse>,
             [](const ForceResponse&) { return kOk; });
}

int RunReset(const Invocation& invocation) {
  const absl::Status status = CheckOperands(invocation, 1, 1, "a breaker");
  if (!status.ok()) return Fail(kError, status.message());
  ResetRequest request;
  request.set_breaker(invocation.args.positional()[0]);
  request.set_method(invocation.args.Get("method"));
  return Ask(invocation, &Breaker::Stub::Reset, request,
             DescribeDone<ResetResponse>,
             [](const ResetResponse&) { return kOk; });
}

int RunAcquire(const Invocation& invocation) {
  const absl::Status status = CheckOperands(invocation, 1, 1, "a breaker");
  if (!status.ok()) return Fail(kError, status.message());
  AcquireRequest request;
  request.set_breaker(invocation.args.positional()[0]);
  request.set_method(invocation.args.Get("method"));
  return Ask(invocation, &Breaker::Stub::Acquire, request, DescribePermit,
             [](const AcquireResponse& response) {
               return response.allowed() ? kOk : kNo;
             });
}

absl::Status ReadReport(const Invocation& invocation, Outcome* outcome) {
  const Args& args = invocation.args;
  absl::Status status = CheckOperands(
      invocation, 2, 2, "a breaker, and success, failure or ignored");
  if (!status.ok()) return status;
  const absl::StatusOr<breaker::v1::Result> result =
      ReadResult(args.positional()[1]);
  if (!result.ok()) return result.status();
  uint64_t permit = 0, generation = 0, count = 1;
  status.Update(ReadNumber(args, "permit", &permit));
  status.Update(ReadNumber(args, "generation", &generation));
  status.Update(ReadNumber(args, "count", &count));
  status.Update(
      ReadTime(args, "duration", [&] { return outcome->mutable_duration(); }));
  outcome->set_breaker(args.positional()[0]);
  outcome->set_method(args.Get("method"));
  outcome->set_result(*result);
  outcome->set_permit(permit);
  outcome->set_generation(generation);
  outcome->set_count(static_cast<uint32_t>(count));
  return status;
}

std::string DescribeReport(const ReportResponse& response) {
  return response.dropped() == 0
             ? "counted\n"
             : "not counted: late, doubled or of an older generation\n";
}

// Without a permit an outcome is of a generation: the present one, unless it is
// given.
grpc::Status FindGeneration(const std::string& target, Outcome* outcome) {
  ListRequest request;
  request.set_breaker(outcome->breaker());
  grpc::ClientContext context;
  SetTimeout(kCallTimeout, &context);
  ListResponse response;
  const grpc::Status called =
      Breaker::NewStub(ChannelTo(target))->List(&context, request, &response);
  for (const auto& status : response.breakers()) {
    if (status.method() == outcome->method()) {
      outcome->set_generation(status.generation());
    }
  }
  return called;
}

int RunReport(const Invocation& invocation) {
  ReportRequest request;
  Outcome* const outcome = request.add_outcomes();
  const absl::Status status = ReadReport(invocation, outcome);
  if (!status.ok()) return Fail(kError, status.message());
  if (outcome->permit() == 0 && outcome->generation() == 0) {
    const std::string target = TargetOf(invocation);
    const grpc::Status found = FindGeneration(target, outcome);
    if (!found.ok()) return FailWith(found, target);
  }
  return Ask(invocation, &Breaker::Stub::Report, request, DescribeReport,
             [](const ReportResponse& response) {
               return response.dropped() == 0 ? kOk : kNo;
             });
}

const Flag kMethod{"method", "M", "of the service, for per_method"};

}  // namespace

Command BreakerListCommand() {
  return {"breaker list",
          "[NAME]",
          "the breakers' states and counts",
          "As this pod knows them. CALLS, FAIL% and SLOW% are the fleet's,\n"
          "within the window, and PODS those that have counted a call.",
          WithClientFlags({}),
          RunList};
}

Command BreakerWatchCommand() {
  return {"breaker watch",
          "[NAME…]",
          "print each change of state, until Ctrl-C",
          "Also what stays the same, before it would be out of date.",
          WithClientFlags({}),
          RunWatch};
}

Command BreakerForceCommand() {
  return {
      "breaker force",
      "NAME STATE",
      "set a state by hand, for the whole fleet",
      "open: no call passes. closed: all pass. metrics_only: all pass, and\n"
      "what would have been denied is counted. release: as if nothing had\n"
      "been forced. It holds until the next force, or a reset, and\n"
      "outlives this sidecar.",
      WithClientFlags({kMethod}),
      RunForce};
}

Command BreakerResetCommand() {
  return {"breaker reset",
          "NAME",
          "close it for the whole fleet, and forget what was counted",
          "",
          WithClientFlags({kMethod}),
          RunReset};
}

Command BreakerAcquireCommand() {
  return {"breaker acquire",
          "NAME",
          "may a call be made?",
          "Exit 0: yes; 1: no; 2: no answer. Say how it went with\n"
          "`breaker report`, with the permit that this prints.",
          WithClientFlags({kMethod}),
          RunAcquire};
}

Command BreakerReportCommand() {
  return {"breaker report",
          "NAME RESULT",
          "say how calls went: success, failure or ignored",
          "Exit 0: counted; 1: not; 2: no answer. Without a permit it counts\n"
          "for the breaker as it is now.",
          WithClientFlags({kMethod,
                           {"permit", "N", "what `breaker acquire` printed"},
                           {"generation", "N", "the same"},
                           {"duration", "TIME", "how long a call took"},
                           {"count", "N", "so many calls, without a permit"}}),
          RunReport};
}

}  // namespace outrigger::cli
