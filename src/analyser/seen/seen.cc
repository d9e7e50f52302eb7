#include "analyser/seen/seen.h"

#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "analyser/seen/points.h"
#include "telemetry/cache_metrics.h"
#include "telemetry/metrics.h"

namespace outrigger::analyser {
namespace {

using telemetry::AttributeOf;
using telemetry::HistogramData;
using telemetry::Point;
using telemetry::Snapshot;

// The methods of this service may wait for tokens.
constexpr char kWaitingService[] = "RateLimiter/";

std::optional<double> Quotient(double part, double whole) {
  return ShareSums{part, whole}.share();
}

}  // namespace

const char* NameOf(Series series) {
  static constexpr const char* kNames[kSeriesCount] = {
      "rpc_rate",
      "rpc_error_rate",
      "rpc_p50_s",
      "rpc_p95_s",
      "rpc_p99_s",
      "admitted_rate",
      "denied_rate",
      "shadow_denied_rate",
      "degraded_rate",
      "redis_rate",
      "redis_p95_s",
      "redis_errors",
      "redis_in_flight",
      "cpu_cores",
      "rss_bytes",
      "throttled_share",
      "cache_hit_rate",
      "pool_used_share",
      "telemetry_dropped_rate"};
  return kNames[static_cast<size_t>(series)];
}

WholeSums& WholeSums::operator+=(const WholeSums& other) {
  waits += other.waits;
  seconds += other.seconds;
  degraded_s += other.degraded_s;
  unverified_s += other.unverified_s;
  cpu_s += other.cpu_s;
  periods += other.periods;
  throttled_periods += other.throttled_periods;
  telemetry_dropped += other.telemetry_dropped;
  redis_reconnects += other.redis_reconnects;
  redis_noscript += other.redis_noscript;
  redis_redirects += other.redis_redirects;
  return *this;
}

void Seen::Update(const Snapshot& snapshot, const Step& step,
                  int64_t minimum_calls) {
  step_ = step;
  limits_.Update(snapshot, step);
  NoteCalls(snapshot, methods_);
  methods_.End(step);
  NoteRedis(snapshot, redis_);
  redis_.End(step);
  parts_.Update(snapshot, step);
  UpdateWhole(snapshot);
  UpdateRedisErrors(snapshot);
  Learn(minimum_calls);
  PushTotals();
}

void Seen::Learn(int64_t minimum_calls) {
  const auto learn = [&](Operation& operation, const Latencies& own) {
    const bool enough = own.count() >= minimum_calls && own.count() > 0;
    operation.Learn(enough ? std::optional(MeanSeconds(own)) : std::nullopt,
                    step_);
  };
  methods_.each().ForEach([&](const std::string& name, Operation& operation) {
    learn(operation, OwnWork(name, operation).latencies);
  });
  redis_.each().ForEach([&](const std::string&, Operation& operation) {
    learn(operation, operation.Window(step_).latencies);
  });
}

void Seen::UpdateWhole(const Snapshot& snapshot) {
  const auto sum_of = [&](const telemetry::MetricInfo& info) {
    return SumOf(snapshot, info.name);
  };
  const auto came_of = [&](Sum sum, const telemetry::MetricInfo& info) {
    return grown_[sum].By(sum_of(info).value_or(0), step_);
  };
  CumulativeLatencies waits;
  for (const Point& point : PointsOf(snapshot, telemetry::kAllowWait.name)) {
    const auto* data = std::get_if<HistogramData>(&point.value);
    if (data != nullptr) AddTo(waits, *data);
  }
  const std::optional<double> verified = sum_of(telemetry::kCacheVerified);
  has_cache_ = verified.has_value();
  now_ = WholeSums{
      .waits = step_.first ? Latencies() : Between(waits_before_, waits),
      .seconds = step_.seconds,
      .degraded_s = came_of(kDegraded, telemetry::kStoreDegradedTime),
      .unverified_s = verified.value_or(1) < 1 ? step_.seconds : 0,
      .cpu_s = came_of(kCpu, telemetry::kProcessCpuTime),
      .periods = came_of(kPeriods, telemetry::kCgroupCpuPeriods),
      .throttled_periods =
          came_of(kThrottled, telemetry::kCgroupCpuThrottledPeriods),
      .telemetry_dropped = came_of(kDropped, telemetry::kOtlpDropped),
      .redis_reconnects = came_of(kReconnects, telemetry::kRedisReconnects),
      .redis_noscript = came_of(kNoscript, telemetry::kRedisNoscript),
      .redis_redirects = came_of(kRedirects, telemetry::kRedisRedirects)};
  waits_before_ = waits;
  window_.Add(step_.slot, now_);
  window_sum_ = window_.Sum(step_.slot);
  in_flight_ = sum_of(telemetry::kRedisInFlight);
  has_redis_ = in_flight_.has_value();
  pods_ = sum_of(telemetry::kStorePods);
  uptime_s_ = sum_of(telemetry::kProcessUptime);
  resident_ = sum_of(telemetry::kProcessMemoryUsage);
  memory_share_ = Quotient(sum_of(telemetry::kCgroupMemoryUsage).value_or(0),
                           sum_of(telemetry::kCgroupMemoryLimit).value_or(0));
}

void Seen::UpdateRedisErrors(const Snapshot& snapshot) {
  redis_errors_now_ = 0;
  for (const Point& point : PointsOf(snapshot, telemetry::kRedisErrors.name)) {
    const std::string kind(AttributeOf(point, "kind"));
    if (redis_errors_grown_.size() >= kErrorKinds &&
        redis_errors_grown_.count(kind) == 0) {
      continue;
    }
    const double rate =
        redis_errors_grown_[kind].By(NumberOf(point), step_) / step_.seconds;
    redis_error_rates_[kind].Push(rate, step_);
    redis_errors_now_ += rate;
  }
}

OperationSums Seen::OwnWork(absl::string_view method,
                            const Operation& operation) const {
  OperationSums sums = operation.Window(step_);
  if (absl::StrContains(method, kWaitingService)) {
    sums.latencies = Without(sums.latencies, Window().waits);
  }
  return sums;
}

OperationSums Seen::OwnWorkOfAll() const {
  OperationSums sums = methods_.Window(step_);
  sums.latencies = Without(sums.latencies, Window().waits);
  return sums;
}

void Seen::Push(Series series, std::optional<double> value) {
  const int points = std::min(step_.points, static_cast<int>(kPoints));
  for (int i = 0; i < points; ++i) {
    totals_[static_cast<size_t>(series)].Push(static_cast<float>(
        value.value_or(std::numeric_limits<double>::quiet_NaN())));
  }
}

void Seen::PushTotals() {
  const auto quantile = [](const Latencies& latencies,
                           double q) -> std::optional<double> {
    if (latencies.count() == 0) return std::nullopt;
    return QuantileSeconds(latencies, q);
  };
  const Latencies& rpc = methods_.now().latencies;
  const Latencies& redis = redis_.now().latencies;
  const Decisions& decisions = limits_.all().now();
  const auto if_redis = [&](double value) {
    return has_redis_ ? std::optional(value) : std::nullopt;
  };
  Push(Series::kRpcRate, rpc.count() / step_.seconds);
  Push(Series::kRpcErrorRate, Quotient(methods_.now().errors, rpc.count()));
  Push(Series::kRpcP50, quantile(rpc, 0.5));
  Push(Series::kRpcP95, quantile(rpc, 0.95));
  Push(Series::kRpcP99, quantile(rpc, 0.99));
  Push(Series::kAdmittedRate, decisions.allowed);
  Push(Series::kDeniedRate, decisions.denied);
  Push(Series::kShadowDeniedRate, decisions.shadow_denied);
  Push(Series::kDegradedRate, decisions.degraded);
  Push(Series::kRedisRate, if_redis(redis.count() / step_.seconds));
  Push(Series::kRedisP95, quantile(redis, 0.95));
  Push(Series::kRedisErrors, if_redis(redis_errors_now_));
  Push(Series::kRedisInFlight, in_flight_);
  Push(Series::kCpuCores, now_.cpu_s / step_.seconds);
  Push(Series::kRssBytes, resident_);
  Push(Series::kThrottledShare, Quotient(now_.throttled_periods, now_.periods));
  Push(Series::kCacheHitRate, parts_.hits_now().share());
  Push(Series::kPoolUsedShare, parts_.use_now().share());
  Push(Series::kTelemetryDroppedRate, now_.telemetry_dropped / step_.seconds);
}

}  // namespace outrigger::analyser
