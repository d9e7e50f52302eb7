#include <atomic>
#include <string>

#include "absl/synchronization/blocking_counter.h"
#include "agent.h"
#include "outrigger/headers.h"

namespace agent {
namespace {

namespace oc = outrigger::client;

oc::AllowOptions OptionsOf(const Arguments& arguments) {
  return {
      .cost = static_cast<std::uint64_t>(arguments.Number("cost", 1)),
      .limit = arguments.Text("limit"),
      .max_wait = arguments.Time("max_wait_ms").value_or(absl::ZeroDuration()),
      .detail = arguments.Flag("detail")};
}

Struct ToStruct(const oc::LimitStatus& status) {
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["limit"] = Text(status.limit);
  fields["allowed"] = Flag(status.allowed);
  fields["remaining"] = Number(static_cast<double>(status.remaining));
  fields["burst"] = Number(static_cast<double>(status.burst));
  fields["window_ms"] = Milliseconds(status.window);
  return result;
}

Agent::Answer ToAnswer(const absl::StatusOr<oc::Decision>& decision) {
  if (!decision.ok()) return decision.status();
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["allowed"] = Flag(decision->allowed);
  fields["limit"] = Text(decision->limit);
  fields["remaining"] = Number(static_cast<double>(decision->remaining));
  if (decision->retry_after) {
    fields["retry_after_ms"] = Milliseconds(*decision->retry_after);
  }
  fields["reset_after_ms"] = Milliseconds(decision->reset_after);
  fields["degraded"] = Flag(decision->degraded);
  fields["source"] = Text(oc::SourceName(decision->source));
  std::vector<Value> statuses;
  for (const oc::LimitStatus& status : decision->statuses) {
    statuses.push_back(Object(ToStruct(status)));
  }
  fields["statuses"] = List(statuses);
  return result;
}

Agent::Answer Allow(Agent& agent, const Arguments& arguments) {
  return ToAnswer(agent.client()->limiter().Allow(arguments.Map("attributes"),
                                                  OptionsOf(arguments)));
}

Agent::Answer AllowBurst(Agent& agent, const Arguments& arguments) {
  const int count = static_cast<int>(arguments.Number("count", 1));
  const oc::Attributes attributes = arguments.Map("attributes");
  oc::Limiter limiter = agent.client()->limiter();
  std::atomic<int> allowed{0};
  std::atomic<int> denied{0};
  std::atomic<int> fallbacks{0};
  absl::Mutex mutex;
  absl::Status error;
  absl::BlockingCounter left(count);
  for (int i = 0; i < count; ++i) {
    limiter.AllowAsync(attributes, OptionsOf(arguments),
                       [&](const absl::StatusOr<oc::Decision>& decision) {
                         if (decision.ok()) {
                           ++(decision->allowed ? allowed : denied);
                           if (decision->source == oc::Source::kFallback) {
                             ++fallbacks;
                           }
                         } else {
                           absl::MutexLock lock(&mutex);
                           error = decision.status();
                         }
                         left.DecrementCount();
                       });
  }
  left.Wait();
  absl::MutexLock lock(&mutex);
  if (!error.ok()) return error;
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["allowed"] = Number(allowed);
  fields["denied"] = Number(denied);
  fields["fallbacks"] = Number(fallbacks);
  return result;
}

Agent::Answer WaitIfNeeded(Agent& agent, const Arguments& arguments) {
  oc::AllowOptions options = OptionsOf(arguments);
  options.max_wait = arguments.Time("max_wait_ms").value_or(absl::Seconds(1));
  return ToAnswer(
      agent.client()->limiter().Allow(arguments.Map("attributes"), options));
}

Agent::Answer Report(Agent& agent, const Arguments& arguments) {
  const std::string name = arguments.Text("result");
  const oc::UpstreamResult how =
      name == "success"   ? oc::UpstreamResult::kSuccess
      : name == "failure" ? oc::UpstreamResult::kFailure
                          : oc::UpstreamResult::kThrottled;
  const auto rate = agent.client()->limiter().Report(
      arguments.Map("attributes"), how, arguments.Text("limit"));
  if (!rate.ok()) return rate.status();
  Struct result;
  if (*rate) (*result.mutable_fields())["current_rate"] = Number(**rate);
  return result;
}

Agent::Answer Refund(Agent& agent, const Arguments& arguments) {
  const absl::Status status = agent.client()->limiter().Refund(
      arguments.Map("attributes"),
      static_cast<std::uint64_t>(arguments.Number("cost", 1)),
      arguments.Text("limit"));
  if (!status.ok()) return status;
  return Struct();
}

Agent::Answer Headers(Agent& agent, const Arguments& arguments) {
  oc::AllowOptions options = OptionsOf(arguments);
  options.detail = true;
  const auto decision =
      agent.client()->limiter().Allow(arguments.Map("attributes"), options);
  if (!decision.ok()) return decision.status();
  Struct headers;
  for (const auto& [name, value] : oc::RateLimitHeaders(*decision)) {
    (*headers.mutable_fields())[name] = Text(value);
  }
  Struct result;
  (*result.mutable_fields())["status"] = Number(decision->allowed ? 200 : 429);
  (*result.mutable_fields())["headers"] = Object(headers);
  return result;
}

}  // namespace

const Operations& LimitOperations() {
  static const auto* const operations = new Operations{
      {"allow", Allow},
      {"allow_burst", AllowBurst},
      {"wait_if_needed", WaitIfNeeded},
      {"report_outcome", Report},
      {"refund", Refund},
      {"headers", Headers},
  };
  return *operations;
}

}  // namespace agent
