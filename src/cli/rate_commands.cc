// allow, report, refund.
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "config/text/duration.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"

namespace outrigger::cli {
namespace {

using ratelimit::v1::AllowRequest;
using ratelimit::v1::AllowResponse;
using ratelimit::v1::RateLimiter;
using ratelimit::v1::RefundRequest;
using ratelimit::v1::RefundResponse;
using ratelimit::v1::ReportRequest;
using ratelimit::v1::ReportResponse;

constexpr Duration kTimeout = std::chrono::seconds(5);

// "user=42" words into a request's attributes, and --limit.
template <typename Request>
absl::Status ReadQuestion(const Args& args, Request* request) {
  for (const std::string& word : args.positional()) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(word, ": attributes are given as name=value"));
    }
    (*request->mutable_attributes())[word.substr(0, equals)] =
        word.substr(equals + 1);
  }
  request->set_limit(args.Get("limit"));
  return absl::OkStatus();
}

// --cost, or `flag`, as a whole number.
absl::Status ReadNumber(const Args& args, const std::string& flag,
                        uint64_t* number) {
  if (absl::SimpleAtoi(args.Get(flag), number)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, ": ", args.Get(flag), " is not a number"));
}

template <typename Request>
absl::Status ReadCost(const Args& args, Request* request) {
  if (!args.Has("cost")) return absl::OkStatus();
  uint64_t cost = 0;
  absl::Status status = ReadNumber(args, "cost", &cost);
  request->set_cost(cost);
  return status;
}

absl::Status ReadAllow(const Args& args, AllowRequest* request,
                       Duration* timeout) {
  absl::Status status = ReadQuestion(args, request);
  if (status.ok()) status = ReadCost(args, request);
  if (!status.ok()) return status;
  request->set_detail(args.Has("detail"));
  if (args.Has("max-wait")) {
    absl::StatusOr<Duration> wait = config::ParseDuration(args.Get("max-wait"));
    if (!wait.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--max-wait: ", wait.status().message()));
    }
    request->mutable_max_wait()->set_seconds(wait->count() / 1'000'000'000);
    request->mutable_max_wait()->set_nanos(
        static_cast<int32_t>(wait->count() % 1'000'000'000));
    *timeout += *wait;
  }
  return absl::OkStatus();
}

int RunAllow(const Invocation& invocation) {
  AllowRequest request;
  Duration timeout = kTimeout;
  const absl::Status status = ReadAllow(invocation.args, &request, &timeout);
  if (!status.ok()) return Fail(kError, status.message());
  const std::string target = TargetOf(invocation);
  grpc::ClientContext context;
  SetTimeout(timeout, &context);
  AllowResponse response;
  const grpc::Status called = RateLimiter::NewStub(ChannelTo(target))
                                  ->Allow(&context, request, &response);
  if (!called.ok()) return FailWith(called, target);
  std::fputs((invocation.args.Has("json") ? ToJson(response)
                                          : DescribeAnswer(response))
                 .c_str(),
             stdout);
  return response.allowed() ? kOk : kNo;
}

int RunReport(const Invocation& invocation) {
  ReportRequest request;
  absl::Status status = ReadQuestion(invocation.args, &request);
  ReportRequest::Result result = ReportRequest::RESULT_UNSPECIFIED;
  if (status.ok() &&
      !ReportRequest::Result_Parse(
          absl::AsciiStrToUpper(invocation.args.Get("result")), &result)) {
    status = absl::InvalidArgumentError(
        "--result: must be success, failure or throttled");
  }
  uint64_t count = 1;
  if (status.ok() && invocation.args.Has("count")) {
    status = ReadNumber(invocation.args, "count", &count);
  }
  if (!status.ok()) return Fail(kError, status.message());
  request.set_result(result);
  request.set_count(count);
  const std::string target = TargetOf(invocation);
  grpc::ClientContext context;
  SetTimeout(kTimeout, &context);
  ReportResponse response;
  const grpc::Status called = RateLimiter::NewStub(ChannelTo(target))
                                  ->Report(&context, request, &response);
  if (!called.ok()) return FailWith(called, target);
  if (invocation.args.Has("json")) {
    std::fputs(ToJson(response).c_str(), stdout);
  } else {
    std::printf("the rate is now %g a second%s\n", response.current_rate(),
                response.degraded() ? " (degraded)" : "");
  }
  return kOk;
}

int RunRefund(const Invocation& invocation) {
  RefundRequest request;
  absl::Status status = ReadQuestion(invocation.args, &request);
  if (status.ok()) status = ReadCost(invocation.args, &request);
  if (!status.ok()) return Fail(kError, status.message());
  const std::string target = TargetOf(invocation);
  grpc::ClientContext context;
  SetTimeout(kTimeout, &context);
  RefundResponse response;
  const grpc::Status called = RateLimiter::NewStub(ChannelTo(target))
                                  ->Refund(&context, request, &response);
  if (!called.ok()) return FailWith(called, target);
  std::fputs(invocation.args.Has("json") ? "{}\n" : "given back\n", stdout);
  return kOk;
}

}  // namespace

Command AllowCommand() {
  return {"allow",
          "NAME=VALUE…",
          "ask whether a request may proceed",
          "Exit 0: allowed; 1: denied; 2: no answer. For example:\n"
          "  outrigger allow user=42 route=/checkout --cost 3 --max-wait 1s",
          WithClientFlags(
              {{"cost", "N", "tokens to take; 0 only looks (default 1)"},
               {"max-wait", "TIME", "wait up to this, e.g. 500ms or 2s"},
               {"limit", "NAME", "decide by this limit only"},
               {"detail", "", "show every limit that applied"}}),
          RunAllow};
}

Command ReportCommand() {
  return {"report",
          "NAME=VALUE… --result R",
          "tell an adaptive limit how a call went",
          "For example:\n"
          "  outrigger report service=payments --result failure",
          WithClientFlags({{"result", "R", "success, failure or throttled"},
                           {"limit", "NAME", "report to this limit only"},
                           {"count", "N", "calls that went so (default 1)"}}),
          RunReport};
}

Command RefundCommand() {
  return {"refund",
          "NAME=VALUE…",
          "give back what an allow took",
          "For example:\n  outrigger refund user=42 --cost 3",
          WithClientFlags({{"cost", "N", "tokens to give back (default 1)"},
                           {"limit", "NAME", "refund this limit only"}}),
          RunRefund};
}

}  // namespace outrigger::cli
