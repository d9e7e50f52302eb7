// What the metrics said, for as long as the judge and the page look back.
#ifndef OUTRIGGER_ANALYSER_SEEN_SEEN_H_
#define OUTRIGGER_ANALYSER_SEEN_SEEN_H_

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "analyser/history/change.h"
#include "analyser/history/latencies.h"
#include "analyser/history/ring.h"
#include "analyser/history/sliding.h"
#include "analyser/seen/limits.h"
#include "analyser/seen/operations.h"
#include "analyser/seen/parts.h"
#include "telemetry/snapshot.h"

namespace outrigger::analyser {

// The series of "totals" in report.h, in its order.
enum class Series : uint8_t {
  kRpcRate,
  kRpcErrorRate,
  kRpcP50,
  kRpcP95,
  kRpcP99,
  kAdmittedRate,
  kDeniedRate,
  kShadowDeniedRate,
  kDegradedRate,
  kRedisRate,
  kRedisP95,
  kRedisErrors,
  kRedisInFlight,
  kCpuCores,
  kRssBytes,
  kThrottledShare,
  kCacheHitRate,
  kPoolUsedShare,
  kTelemetryDroppedRate,
};
inline constexpr size_t kSeriesCount = 19;
const char* NameOf(Series series);

// What concerns the whole program, of a time. A value.
struct WholeSums {
  Latencies waits;  // of calls for tokens
  double seconds = 0;
  double degraded_s = 0;
  double unverified_s = 0;  // the caches were
  double cpu_s = 0;
  double periods = 0;  // of the cgroup
  double throttled_periods = 0;
  double telemetry_dropped = 0;
  double redis_reconnects = 0;
  double redis_noscript = 0;
  double redis_redirects = 0;

  WholeSums& operator+=(const WholeSums& other);
};

// At most 1 MiB with Limits::kMost limits.
class Seen {
 public:
  static constexpr size_t kPoints = 300;  // of a series, one a second

  // A window with fewer than `minimum_calls` teaches nothing.
  void Update(const telemetry::Snapshot& snapshot, const Step& step,
              int64_t minimum_calls);

  const Step& step() const { return step_; }
  const Limits& limits() const { return limits_; }
  const Operations& methods() const { return methods_; }
  const Operations& redis() const { return redis_; }
  const Parts& parts() const { return parts_; }
  const Ring<float, kPoints>& totals(Series series) const {
    return totals_[static_cast<size_t>(series)];
  }

  // The latest step, and the window.
  const WholeSums& now() const { return now_; }
  const WholeSums& Window() const { return window_sum_; }

  // How long the operation takes by itself, in the window: without the time
  // that callers asked to wait for tokens.
  OperationSums OwnWork(absl::string_view method,
                        const Operation& operation) const;
  // The same of all methods.
  OperationSums OwnWorkOfAll() const;

  // By kind, per second.
  const std::map<std::string, RecentRate>& redis_errors() const {
    return redis_error_rates_;
  }

  // What stands now. Unset: not known.
  bool has_redis() const { return has_redis_; }
  bool has_cache() const { return has_cache_; }
  const std::optional<double>& redis_in_flight() const { return in_flight_; }
  const std::optional<double>& pods() const { return pods_; }
  const std::optional<double>& uptime_s() const { return uptime_s_; }
  const std::optional<double>& resident_bytes() const { return resident_; }
  // Share of the container's memory limit.
  const std::optional<double>& memory_share() const { return memory_share_; }

 private:
  static constexpr size_t kErrorKinds = 8;
  enum Sum {
    kDegraded,
    kCpu,
    kPeriods,
    kThrottled,
    kDropped,
    kReconnects,
    kNoscript,
    kRedirects,
    kSums
  };

  void UpdateWhole(const telemetry::Snapshot& snapshot);
  void UpdateRedisErrors(const telemetry::Snapshot& snapshot);
  void Learn(int64_t minimum_calls);
  void PushTotals();
  void Push(Series series, std::optional<double> value);

  Step step_;
  Limits limits_;
  Operations methods_;
  Operations redis_;
  Parts parts_;
  CumulativeLatencies waits_before_;
  std::array<Grown, kSums> grown_;
  WholeSums now_;
  Sliding<WholeSums> window_;
  WholeSums window_sum_;
  std::map<std::string, Grown> redis_errors_grown_;
  std::map<std::string, RecentRate> redis_error_rates_;
  double redis_errors_now_ = 0;  // per second
  bool has_redis_ = false;
  bool has_cache_ = false;
  std::optional<double> in_flight_;
  std::optional<double> pods_;
  std::optional<double> uptime_s_;
  std::optional<double> resident_;
  std::optional<double> memory_share_;
  std::array<Ring<float, kPoints>, kSeriesCount> totals_;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_SEEN_SEEN_H_
