#include "limit/limits.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/numbers.h"
#include "core/durations.h"
#include "core/mistakes.h"
#include "core/text.h"

namespace outrigger::client::internal {
namespace {

namespace v1 = ratelimit::v1;

v1::AllowRequest ToRequest(const Attributes& attributes,
                           const AllowOptions& options) {
  v1::AllowRequest request;
  for (const auto& [name, value] : attributes) {
    (*request.mutable_attributes())[name] = value;
  }
  if (options.cost != 1) request.set_cost(options.cost);
  if (options.max_wait > absl::ZeroDuration()) {
    ToProto(options.max_wait, request.mutable_max_wait());
  }
  request.set_limit(options.limit);
  request.set_detail(options.detail);
  return request;
}

// What cannot be sent as it is: it would be the whole message's error.
absl::Status CheckText(const Attributes& attributes,
                       const AllowOptions& options) {
  for (const auto& [name, value] : attributes) {
    if (!IsText(name) || !IsText(value)) {
      return absl::InvalidArgumentError("attributes: must be UTF-8");
    }
  }
  if (!IsText(options.limit)) {
    return absl::InvalidArgumentError("limit: must be UTF-8");
  }
  return absl::OkStatus();
}

LimitStatus ToStatus(const v1::LimitStatus& status) {
  LimitStatus result{.limit = status.limit(),
                     .allowed = status.allowed(),
                     .remaining = status.remaining(),
                     .burst = status.burst(),
                     .reset_after = FromProto(status.reset_after()),
                     .retry_after = std::nullopt,
                     .shadow = status.shadow(),
                     .window = FromProto(status.window()),
                     .unlimited = status.unlimited()};
  if (status.has_retry_after()) {
    result.retry_after = FromProto(status.retry_after());
  }
  return result;
}

Decision ToDecision(const v1::AllowResponse& response) {
  Decision decision;
  decision.allowed = response.allowed();
  decision.limit = response.limit();
  decision.remaining = response.remaining();
  decision.reset_after = FromProto(response.reset_after());
  if (response.has_retry_after()) {
    decision.retry_after = FromProto(response.retry_after());
  }
  decision.waited = FromProto(response.waited());
  decision.degraded = response.degraded();
  decision.statuses.reserve(response.statuses_size());
  for (const v1::LimitStatus& status : response.statuses()) {
    decision.statuses.push_back(ToStatus(status));
  }
  return decision;
}

// W3C trace context: version-trace-parent-flags, the last with bit 0 set.
bool IsSampled(const Metadata& metadata) {
  for (const auto& [name, value] : metadata) {
    if (name == "traceparent" && value.size() >= 55) {
      std::uint32_t flags = 0;
      return absl::SimpleHexAtoi(value.substr(53, 2), &flags) &&
             (flags & 1) != 0;
    }
  }
  return false;
}

// One that may wait or is traced, and a large one: with others it could be too
// much for the sidecar, which would end their stream.
bool GoesAlone(const v1::AllowRequest& request, const Metadata& trace) {
  constexpr std::size_t kLarge = 1 << 20;
  return request.has_max_wait() || IsSampled(trace) ||
         request.ByteSizeLong() > kLarge;
}

}  // namespace

Limits::Limits(Line& line)
    : line_(line),
      buckets_(line.options().limits.local_rate,
               line.options().limits.local_burst),
      stream_(line) {}

absl::StatusOr<Decision> Limits::Allow(const Attributes& attributes,
                                       const AllowOptions& options) {
  if (absl::Status status = line_.MayBlock(); !status.ok()) return status;
  if (absl::Status status = CheckText(attributes, options); !status.ok()) {
    return status;
  }
  if (!line_.activities().Enter()) return ClosedError();
  counters_.Call();
  const Metadata trace = line_.Trace();
  const v1::AllowRequest request = ToRequest(attributes, options);
  const absl::Duration timeout = TimeoutFor(options);
  absl::StatusOr<Decision> decision;
  if (GoesAlone(request, trace)) {
    Signal answered;
    AllowAlone(request, timeout, trace,
               [&](const absl::Status& status, v1::AllowResponse& response) {
                 decision = Judge(status, &response, attributes, options.cost);
                 answered.Notify();
               });
    answered.Wait();
  } else {
    const auto question = std::make_shared<Question>();
    question->deadline = After(Now(), timeout);
    question->bytes = request.SerializeAsString();
    stream_.Ask(question);
    if (!question->answered.WaitUntil(question->deadline) &&
        stream_.GiveUp(*question)) {
      decision = Judge(absl::DeadlineExceededError("no answer"), nullptr,
                       attributes, options.cost);
    } else {
      question->answered.Wait();  // at once, but for who came just now
      const Reply& reply = question->reply;
      decision =
          Judge(reply.status, reply.status.ok() ? &reply.response() : nullptr,
                attributes, options.cost);
    }
  }
  line_.activities().Leave();
  return decision;
}

void Limits::AllowAsync(const Attributes& attributes,
                        const AllowOptions& options, Limiter::Callback done) {
  if (absl::Status status = CheckText(attributes, options); !status.ok()) {
    done(status);
    return;
  }
  if (!line_.activities().Enter()) {
    done(ClosedError());
    return;
  }
  counters_.Call();
  const Metadata trace = line_.Trace();
  const v1::AllowRequest request = ToRequest(attributes, options);
  const absl::Duration timeout = TimeoutFor(options);
  if (GoesAlone(request, trace)) {
    AllowAlone(
        request, timeout, trace,
        [this, attributes, cost = options.cost, done = std::move(done)](
            const absl::Status& status, v1::AllowResponse& response) mutable {
          done(Judge(status, &response, attributes, cost));
          line_.activities().Leave();
        });
    return;
  }
  const auto question = std::make_shared<Question>();
  question->deadline = After(Now(), timeout);
  question->bytes = request.SerializeAsString();
  question->done = [this, attributes, cost = options.cost,
                    done = std::move(done)](const Reply& reply) mutable {
    done(Judge(reply.status, reply.status.ok() ? &reply.response() : nullptr,
               attributes, cost));
    line_.activities().Leave();
  };
  stream_.Ask(question);
}

absl::Duration Limits::TimeoutFor(const AllowOptions& options) const {
  return std::min(options.timeout,
                  line_.options().timeout +
                      std::max(options.max_wait, absl::ZeroDuration()));
}

void Limits::AllowAlone(const v1::AllowRequest& request, absl::Duration timeout,
                        const Metadata& trace, Done<v1::AllowResponse> done) {
  line_.calls()
      .Start<v1::RateLimiter::Stub, v1::AllowRequest, v1::AllowResponse>(
          line_.channel().limits(), &v1::RateLimiter::Stub::PrepareAsyncAllow,
          request, timeout, trace, std::move(done));
}

absl::StatusOr<Decision> Limits::Judge(const absl::Status& status,
                                       const v1::AllowResponse* response,
                                       const Attributes& attributes,
                                       std::uint64_t cost) {
  if (status.ok()) return ToDecision(*response);
  if (IsMistake(status)) return status;
  counters_.Fallback();
  return Fallback(attributes, cost);
}

Decision Limits::Fallback(const Attributes& attributes, std::uint64_t cost) {
  Decision decision;
  decision.source = Source::kFallback;
  switch (line_.options().limits.on_unavailable) {
    case LimitPolicy::OnUnavailable::kAllow:
      decision.allowed = true;
      break;
    case LimitPolicy::OnUnavailable::kDeny:
      decision.retry_after = absl::Seconds(1);
      break;
    case LimitPolicy::OnUnavailable::kLocal:
      return buckets_.TryTake(attributes, cost, Now());
  }
  return decision;
}

absl::Status Limits::Told(const absl::Status& status) {
  if (status.ok() || Line::IsError(status)) return status;
  counters_.Fallback();
  return absl::OkStatus();
}

absl::StatusOr<std::optional<double>> Limits::Report(
    const Attributes& attributes, UpstreamResult result,
    const std::string& limit) {
  v1::ReportRequest request;
  request.mutable_attributes()->insert(attributes.begin(), attributes.end());
  request.set_limit(limit);
  switch (result) {
    case UpstreamResult::kSuccess:
      request.set_result(v1::ReportRequest::SUCCESS);
      break;
    case UpstreamResult::kFailure:
      request.set_result(v1::ReportRequest::FAILURE);
      break;
    case UpstreamResult::kThrottled:
      request.set_result(v1::ReportRequest::THROTTLED);
      break;
  }
  counters_.Call();
  v1::ReportResponse response;
  const absl::Status status =
      line_.Ask(&Channel::limits, &v1::RateLimiter::Stub::PrepareAsyncReport,
                request, line_.options().timeout, response);
  if (status.ok()) return response.current_rate();
  if (absl::Status told = Told(status); !told.ok()) return told;
  return std::nullopt;
}

absl::Status Limits::Refund(const Attributes& attributes, std::uint64_t cost,
                            const std::string& limit) {
  v1::RefundRequest request;
  request.mutable_attributes()->insert(attributes.begin(), attributes.end());
  request.set_cost(cost);
  request.set_limit(limit);
  counters_.Call();
  v1::RefundResponse response;
  return Told(line_.Ask(&Channel::limits,
                        &v1::RateLimiter::Stub::PrepareAsyncRefund, request,
                        line_.options().timeout, response));
}

}  // namespace outrigger::client::internal
