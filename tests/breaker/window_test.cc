// Windows of time and of calls, and the verdicts on what is in them.
#include "breaker/window.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "breaker/verdict.h"

namespace outrigger::breaker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MonotonicTime kStart{std::chrono::hours(1)};

TEST(BreakerWindow, CountsTheLastTenthsOfItsTime) {
  Window window({seconds(10), 0});
  window.Add(kStart, true, false, 3);
  window.Add(kStart + seconds(5), false, true, 2);
  EXPECT_EQ(window.OverTime(kStart + seconds(9)), (Tally{5, 3, 2}));
  EXPECT_EQ(window.OverTime(kStart + seconds(10)), (Tally{2, 0, 2}));
  EXPECT_EQ(window.OverTime(kStart + seconds(15)), Tally());
  // The same tenth of a later round is another.
  window.Add(kStart + seconds(25), false, false, 1);
  EXPECT_EQ(window.OverTime(kStart + seconds(25)), (Tally{1, 0, 0}));
  window.Clear();
  EXPECT_EQ(window.OverTime(kStart + seconds(25)), Tally());
}

TEST(BreakerWindow, AgreesWithCountingOneByOne) {
  std::mt19937_64 random(7);
  constexpr size_t kCalls = 7;
  Window window({seconds(10), kCalls});
  std::deque<std::pair<bool, bool>> last;
  std::vector<std::tuple<int64_t, bool, bool>> all;
  MonotonicTime now = kStart;
  uint64_t in_a_row = 0;
  for (int i = 0; i < 5000; ++i) {
    now += milliseconds(random() % 700);
    const bool failed = random() % 2 == 0, slow = random() % 3 == 0;
    const uint64_t calls = 1 + random() % 9;
    window.Add(now, failed, slow, calls);
    in_a_row = failed ? in_a_row + calls : 0;
    Tally judged, over_time;
    for (uint64_t k = 0; k < calls; ++k) {
      last.emplace_back(failed, slow);
      if (last.size() > kCalls) last.pop_front();
      all.emplace_back(now.time_since_epoch() / seconds(1), failed, slow);
    }
    for (const auto& [f, s] : last)
      judged = {judged.calls + 1, judged.failures + f, judged.slow + s};
    for (const auto& [second, f, s] : all) {
      if (second <= now.time_since_epoch() / seconds(1) - 10) continue;
      over_time = {over_time.calls + 1, over_time.failures + f,
                   over_time.slow + s};
    }
    ASSERT_EQ(window.Judged(now), judged) << i;
    ASSERT_EQ(window.OverTime(now), over_time) << i;
    ASSERT_EQ(window.consecutive_failures(), in_a_row);
  }
}

// How calls go, a letter each: '.' well, 'x' failed, 's' slow, 'X' failed and
// slow; and at which of them, counted from 1, it opens (0: never).
struct PeersCase {
  std::string peer;
  void (*configure)(BreakerOptions&);
  std::string calls;
  size_t opens_at;
  Reason reason;
};

void CountTen(BreakerOptions& o) {
  o.consecutive_failures = 0;
  o.window_calls = 10;
  o.minimum_calls = 5;
}
void Slow(BreakerOptions& o) {
  CountTen(o);
  o.slow_call = seconds(2);
  o.slow_rate = 1;
}
void SixInARow(BreakerOptions& o) {
  o.consecutive_failures = 6;
  o.failure_rate = 0;
}
void TenthOfTwenty(BreakerOptions& o) {
  o.consecutive_failures = 0;
  o.failure_rate = 0.1;
  o.minimum_calls = 20;
}
void AllSlow(BreakerOptions& o) {
  Slow(o);
  o.slow_rate = 0.5;
}
void GatewayOfFive(BreakerOptions& o) {
  o.consecutive_failures = 5;
  o.failure_rate = 0.85;
  o.minimum_calls = 50;
}

TEST(PeersVerdicts, AreOurs) {
  const PeersCase cases[] = {
      // resilience4j: not before minimumNumberOfCalls; equal is enough; judged
      // after a success, too; old calls leave the window.
      {"resilience4j", CountTen, "xxxx", 0, Reason::kNone},
      {"resilience4j", CountTen, "xxxxx", 5, Reason::kFailureRate},
      {"resilience4j", CountTen, "xx...", 0, Reason::kNone},
      {"resilience4j", CountTen, "xx..xx", 5, Reason::kFailureRate},
      {"resilience4j", CountTen, "xxx.........x", 5, Reason::kFailureRate},
      {"resilience4j", CountTen, "...x.x.x.x.x", 12, Reason::kFailureRate},
      {"resilience4j, on success", CountTen, "xxx..", 5, Reason::kFailureRate},
      {"resilience4j, slow", Slow, "sssss", 5, Reason::kSlowRate},
      {"resilience4j, slow", Slow, "ssss.", 0, Reason::kNone},
      {"resilience4j, both", Slow, "XXXXX", 5, Reason::kFailureRate},
      // Sentinel's slow ratio.
      {"Sentinel", AllSlow, "ss.s.", 5, Reason::kSlowRate},
      {"Sentinel", AllSlow, "s..s.", 0, Reason::kNone},
      // gobreaker: more than five consecutive failures; one success starts
      // anew.
      {"gobreaker", SixInARow, "xxxxx.xxxxx", 0, Reason::kNone},
      {"gobreaker", SixInARow, "xxxxxx", 6, Reason::kConsecutiveFailures},
      // Polly: a tenth of at least so many.
      {"Polly", TenthOfTwenty, "x.................x", 0, Reason::kNone},
      {"Polly", TenthOfTwenty, "x.................x.", 20,
       Reason::kFailureRate},
      // Hystrix: below the volume nothing opens, whatever the share.
      {"Hystrix", TenthOfTwenty, "xxxxxxxxxxxxxxxxxxx", 0, Reason::kNone},
      {"Hystrix", TenthOfTwenty, "xxxxxxxxxxxxxxxxxxxx", 20,
       Reason::kFailureRate},
      // Envoy: consecutive_5xx and failure_percentage with its volume.
      {"Envoy", GatewayOfFive, "xxxx.xxxxx", 10, Reason::kConsecutiveFailures},
      {"Envoy", GatewayOfFive, "xxxx.xxxx.xxxx.xxxx.xxxx.xxxx.xxxx.", 0,
       Reason::kNone},
  };
  for (const PeersCase& c : cases) {
    BreakerOptions options;
    options.name = "b";
    c.configure(options);
    ASSERT_TRUE(Validate(options).ok()) << c.peer;
    Window window({options.window, options.window_calls});
    size_t opened_at = 0;
    Cause cause;
    for (size_t i = 0; i < c.calls.size() && opened_at == 0; ++i) {
      const char call = c.calls[i];
      window.Add(kStart, call == 'x' || call == 'X',
                 call == 's' || call == 'X');
      cause =
          Judge(options, window.Judged(kStart), window.consecutive_failures());
      if (cause.reason != Reason::kNone) opened_at = i + 1;
    }
    EXPECT_EQ(opened_at, c.opens_at) << c.peer << " " << c.calls;
    EXPECT_EQ(cause.reason, c.reason) << c.peer << " " << c.calls;
  }
}

TEST(BreakerVerdict, TheFleetOpensWithAQuorum) {
  BreakerOptions options;
  options.minimum_calls = 10;
  options.quorum = 2;
  options.quorum_share = 0.5;
  const Cause own{Reason::kConsecutiveFailures, 5, 5};
  struct Case {
    FleetSeen fleet;
    Cause own;
    Reason opens_for;
  };
  const Case cases[] = {
      {{{10, 5, 0}, 4, 2}, {}, Reason::kFailureRate},
      {{{10, 4, 0}, 4, 2}, {}, Reason::kNone},   // below the rate
      {{{9, 9, 0}, 4, 4}, {}, Reason::kNone},    // too few calls
      {{{99, 99, 0}, 4, 1}, {}, Reason::kNone},  // one pod's word
      {{{99, 99, 0}, 5, 2}, {}, Reason::kNone},  // two of five are too few
      {{{9, 9, 0}, 4, 2}, own, Reason::kConsecutiveFailures},
      {{{9, 9, 0}, 4, 1}, own, Reason::kNone},
      {{{5, 5, 0}, 1, 1}, own, Reason::kConsecutiveFailures},  // alone
      {{{5, 5, 0}, 1, 0}, own, Reason::kNone},
      {{{}, 0, 0}, own, Reason::kNone},
  };
  for (const Case& c : cases) {
    const Cause cause = JudgeFleet(options, c.fleet, c.own);
    EXPECT_EQ(cause.reason, c.opens_for)
        << c.fleet.seen.failures << " of " << c.fleet.seen.calls << ", "
        << c.fleet.bad_pods << " of " << c.fleet.pods;
  }
}

TEST(BreakerVerdict, LooksBadHoweverFewTheCalls) {
  BreakerOptions options;
  EXPECT_FALSE(LooksBad(options, {}));
  EXPECT_TRUE(LooksBad(options, {1, 1, 0}));
  EXPECT_FALSE(LooksBad(options, {3, 1, 0}));
  EXPECT_TRUE(IsSuspect(options, {4, 1, 0}, 0));
  EXPECT_FALSE(IsSuspect(options, {5, 1, 0}, 1));
  EXPECT_TRUE(IsSuspect(options, {100, 3, 0}, 3));
  EXPECT_FALSE(LooksBad(options, {1, 0, 1})) << "nothing is slow by default";
}

}  // namespace
}  // namespace outrigger::breaker
