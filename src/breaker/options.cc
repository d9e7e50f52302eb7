#include "breaker/options.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace outrigger::breaker {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr size_t kMaxName = 64;
constexpr int64_t kMostCalls = 1'000'000;
// Calls that one breaker's methods remember together, a byte each.
constexpr int64_t kMostRemembered = int64_t{64} << 20;

absl::Status Bad(absl::string_view field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", what));
}

bool Within(Duration d, Duration least, Duration most) {
  return d >= least && d <= most;
}
bool Within(int64_t n, int64_t least, int64_t most) {
  return n >= least && n <= most;
}
// Written so that a number that is none is refused, too.
bool IsShare(double share) { return share >= 0 && share <= 1; }

absl::Status ValidateName(absl::string_view name) {
  bool good = !name.empty() && name.size() <= kMaxName;
  for (const char c : name) {
    good = good && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                    c == '_' || c == '-' || c == '.');
  }
  return good ? absl::OkStatus()
              : Bad("name", "must be 1 to 64 letters, digits, '_', '-' or '.'");
}

absl::Status ValidateThresholds(const BreakerOptions& o) {
  if (!Within(o.consecutive_failures, 0, kMostCalls)) {
    return Bad("consecutive_failures", "must be 0 (off) to 1000000");
  }
  if (!IsShare(o.failure_rate)) {
    return Bad("failure_rate", "must be 0 (off) to 1");
  }
  if (o.slow_call != Duration::zero() &&
      !Within(o.slow_call, milliseconds(1), hours(1))) {
    return Bad("slow_call", "must be 0 (off), or 1ms to 1h");
  }
  if (!IsShare(o.slow_rate)) return Bad("slow_rate", "must be 0 (off) to 1");
  if (!Within(o.minimum_calls, 1, kMostCalls)) {
    return Bad("minimum_calls", "must be 1 to 1000000");
  }
  if (!Within(o.window, milliseconds(100), hours(1))) {
    return Bad("window", "must be 100ms to 1h");
  }
  if (!Within(o.window_calls, 0, 100'000)) {
    return Bad("window_calls", "must be 0 (off) to 100000");
  }
  if (o.window_calls > 0 && o.minimum_calls > o.window_calls) {
    return Bad("minimum_calls", "must be at most window_calls");
  }
  return absl::OkStatus();
}

absl::Status ValidateWaits(const BreakerOptions& o) {
  if (!Within(o.open_for, milliseconds(1), hours(24))) {
    return Bad("open_for", "must be 1ms to 24h");
  }
  if (!(o.open_backoff >= 1 && o.open_backoff <= 10)) {
    return Bad("open_backoff", "must be 1 to 10");
  }
  if (!Within(o.open_max, Duration::zero(), hours(24))) {
    return Bad("open_max", "must be at most 24h");
  }
  if (!IsShare(o.open_jitter)) return Bad("open_jitter", "must be 0 to 1");
  if (!Within(o.half_open_probes, 1, 1000)) {
    return Bad("half_open_probes", "must be 1 to 1000");
  }
  if (!Within(o.probe_timeout, milliseconds(10), hours(1))) {
    return Bad("probe_timeout", "must be 10ms to 1h");
  }
  if (!Within(o.permit_timeout, milliseconds(10), hours(1))) {
    return Bad("permit_timeout", "must be 10ms to 1h");
  }
  if (!Within(o.recover_for, Duration::zero(), hours(1))) {
    return Bad("recover_for", "must be 0 (at once) to 1h");
  }
  if (!(o.recover_from > 0 && o.recover_from <= 1)) {
    return Bad("recover_from", "must be above 0, to 1");
  }
  return absl::OkStatus();
}

absl::Status ValidateFleet(const BreakerOptions& o) {
  if (!Within(o.quorum, 1, 1000)) return Bad("quorum", "must be 1 to 1000");
  if (!IsShare(o.quorum_share)) return Bad("quorum_share", "must be 0 to 1");
  if (!Within(o.max_methods, 1, 10'000)) {
    return Bad("max_methods", "must be 1 to 10000");
  }
  if (o.per_method && o.max_methods * o.window_calls > kMostRemembered) {
    return Bad(
        "max_methods",
        absl::StrCat("must be at most ", kMostRemembered / o.window_calls,
                     " with per_method and window_calls: ", o.window_calls,
                     ", as each method remembers them"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Validate(const BreakerOptions& options) {
  if (absl::Status s = ValidateName(options.name); !s.ok()) return s;
  if (absl::Status s = ValidateThresholds(options); !s.ok()) return s;
  if (absl::Status s = ValidateWaits(options); !s.ok()) return s;
  return ValidateFleet(options);
}

}  // namespace outrigger::breaker
