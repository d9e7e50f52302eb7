// What a breaker's configuration may say.
#include "breaker/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

namespace outrigger::breaker {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;

struct Case {
  std::string says;  // empty: it is fine
  std::function<void(BreakerOptions&)> change;
};

std::function<void(BreakerOptions&)> Methods(bool per_method, int64_t most,
                                             int64_t calls) {
  return [=](BreakerOptions& o) {
    o.per_method = per_method;
    o.max_methods = most;
    o.window_calls = calls;
  };
}

TEST(BreakerOptions, NamesTheFieldThatIsWrong) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Case cases[] = {
      {"", [](BreakerOptions& o) {}},
      {"name", [](BreakerOptions& o) { o.name = ""; }},
      {"name", [](BreakerOptions& o) { o.name = "a b"; }},
      {"name", [](BreakerOptions& o) { o.name = std::string(65, 'a'); }},
      {"", [](BreakerOptions& o) { o.name = std::string(64, 'a'); }},
      {"", [](BreakerOptions& o) { o.consecutive_failures = 0; }},
      {"consecutive_failures",
       [](BreakerOptions& o) { o.consecutive_failures = -1; }},
      {"", [](BreakerOptions& o) { o.failure_rate = 0; }},
      {"failure_rate", [](BreakerOptions& o) { o.failure_rate = 1.1; }},
      {"failure_rate", [=](BreakerOptions& o) { o.failure_rate = nan; }},
      {"", [](BreakerOptions& o) { o.slow_call = milliseconds(1); }},
      {"slow_call", [](BreakerOptions& o) { o.slow_call = microseconds(1); }},
      {"slow_rate", [](BreakerOptions& o) { o.slow_rate = -0.1; }},
      {"minimum_calls", [](BreakerOptions& o) { o.minimum_calls = 0; }},
      {"window", [](BreakerOptions& o) { o.window = milliseconds(99); }},
      {"window_calls", [](BreakerOptions& o) { o.window_calls = 100'001; }},
      {"minimum_calls", [](BreakerOptions& o) { o.window_calls = 19; }},
      {"", [](BreakerOptions& o) { o.window_calls = 20; }},
      {"open_for", [](BreakerOptions& o) { o.open_for = Duration::zero(); }},
      {"open_backoff", [](BreakerOptions& o) { o.open_backoff = 0.9; }},
      {"open_backoff", [=](BreakerOptions& o) { o.open_backoff = nan; }},
      {"open_max", [](BreakerOptions& o) { o.open_max = hours(25); }},
      {"", [](BreakerOptions& o) { o.open_max = Duration::zero(); }},
      {"open_jitter", [](BreakerOptions& o) { o.open_jitter = 1.5; }},
      {"half_open_probes", [](BreakerOptions& o) { o.half_open_probes = 0; }},
      {"probe_timeout",
       [](BreakerOptions& o) { o.probe_timeout = milliseconds(9); }},
      {"permit_timeout",
       [](BreakerOptions& o) { o.permit_timeout = hours(2); }},
      {"", [](BreakerOptions& o) { o.recover_for = Duration::zero(); }},
      {"recover_for", [](BreakerOptions& o) { o.recover_for = hours(2); }},
      {"recover_from", [](BreakerOptions& o) { o.recover_from = 0; }},
      {"quorum", [](BreakerOptions& o) { o.quorum = 0; }},
      {"quorum_share", [](BreakerOptions& o) { o.quorum_share = 2; }},
      {"max_methods", [](BreakerOptions& o) { o.max_methods = 0; }},
      {"", Methods(true, 671, 100'000)},
      {"max_methods", Methods(true, 672, 100'000)},
      {"max_methods", Methods(true, 10'000, 6'711)},
      {"", Methods(true, 10'000, 6'710)},
      {"", Methods(true, 10'000, 0)},
      {"", Methods(false, 10'000, 100'000)},
  };
  for (const Case& c : cases) {
    BreakerOptions options;
    options.name = "payments";
    c.change(options);
    const absl::Status status = Validate(options);
    if (c.says.empty()) {
      EXPECT_TRUE(status.ok()) << status;
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(std::string(status.message()),
                  testing::StartsWith(c.says + ": must be"));
    }
  }
}

}  // namespace
}  // namespace outrigger::breaker
