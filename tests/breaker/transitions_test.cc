// How the state changes: as the peers' do where they agree, and never stuck.
#include "breaker/transitions.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace outrigger::breaker {
namespace {

using std::chrono::seconds;

constexpr int64_t kStart = 1'767'225'600'000'000;
constexpr int64_t kSecond = 1'000'000;

BreakerOptions Options() {
  BreakerOptions options;
  options.name = "b";
  options.open_jitter = 0;
  options.recover_for = {};
  return options;
}

// A record and its time.
class Story {
 public:
  explicit Story(BreakerOptions options) : options_(std::move(options)) {}

  Record record;
  int64_t now_us = kStart;

  Turn turn(double random = 0) const { return {now_us, random, "pod"}; }
  ProbeRules rules() const { return {options_.half_open_probes}; }
  void Trip() {
    breaker::Trip(options_, turn(), {Reason::kFailureRate, 1, 1}, &record);
  }
  bool Take(int64_t lasts_us = 30 * kSecond) {
    Settle();
    return TakeProbe(rules(), turn(), {++last_, 1, now_us + lasts_us}, &record);
  }
  bool Finish(uint64_t id, ProbeResult result, bool slow = false) {
    return FinishProbe(options_, rules(), turn(), id, result, slow, &record);
  }
  void Settle() { breaker::Settle(options_, rules(), turn(), &record); }
  uint64_t last() const { return last_; }
  const BreakerOptions& options() const { return options_; }

 private:
  const BreakerOptions options_;
  uint64_t last_ = 0;
};

// What happens, a letter each: 'T' it trips; 'p' a probe is asked for; '+',
// '-', 's', '0' the oldest probe that is out succeeds, fails, succeeds slowly,
// or says nothing; 'w' the wait passes; 'd' the probes' deadline passes. And
// the state after each: C, O, H.
struct PeersCase {
  std::string peer;
  int64_t probes;
  double failure_rate;
  std::string events;
  std::string states;
};

TEST(PeersStates, AreOurs) {
  const PeersCase cases[] = {
      // resilience4j: permitted calls are all awaited, then judged by rate; an
      // ignored call gives its permit back; a wait in half open ends.
      {"resilience4j", 3, 0.5, "Tpwppp+++", "OOOHHHHHC"},
      {"resilience4j", 3, 0.5, "Twppp+-+", "OOHHHHHC"},
      {"resilience4j", 3, 0.5, "Twppp--", "OOHHHHO"},
      {"resilience4j, ignored", 2, 0.5, "Twpp0p++", "OOHHHHHC"},
      {"resilience4j, max wait in half open", 2, 0.5, "Twppdp", "OOHHHO"},
      {"resilience4j, slow", 2, 0.5, "Twppss", "OOHHOO"},
      // gobreaker: as many successes as requests; one failure opens.
      {"gobreaker", 1, 0, "Twp+", "OOHC"},
      {"gobreaker", 2, 0, "Twpp+-", "OOHHHO"},
      {"gobreaker", 2, 0, "Twpp-+", "OOHHOO"},
      {"gobreaker, two steps, lost done", 1, 0, "Twpdpwp+", "OOHHOOHC"},
      // Polly and Hystrix: one probe; the next after another wait. A call that
      // says nothing (Polly: cancelled) closes nothing.
      {"Polly", 1, 0.1, "Twp-wp+", "OOHOOHC"},
      {"Polly, cancelled", 1, 0.1, "Twp0p+", "OOHHHC"},
      {"Hystrix", 1, 0.5, "Twpp+", "OOHHC"},
      {"Hystrix, unsubscribed", 1, 0.5, "Twp0p-", "OOHHHO"},
      // Sentinel: stuck if the probing call never comes back (#1638).
      {"Sentinel", 1, 0.5, "Twpdp", "OOHHO"},
  };
  for (const PeersCase& c : cases) {
    BreakerOptions options = Options();
    options.half_open_probes = c.probes;
    options.failure_rate = c.failure_rate;
    options.slow_call = seconds(1);
    Story story(options);
    std::string states;
    for (const char event : c.events) {
      const uint64_t oldest =
          story.record.probes.empty() ? 0 : story.record.probes.front().id;
      if (event == 'T') story.Trip();
      if (event == 'p') (void)story.Take();
      if (event == '+') (void)story.Finish(oldest, ProbeResult::kSucceeded);
      if (event == '-') (void)story.Finish(oldest, ProbeResult::kFailed);
      if (event == '0') (void)story.Finish(oldest, ProbeResult::kIgnored);
      if (event == 's') {
        (void)story.Finish(oldest, ProbeResult::kSucceeded, true);
      }
      if (event == 'w') story.now_us = story.record.until_us;
      if (event == 'd') story.now_us += 30 * kSecond;
      states += "?COH"[static_cast<int>(story.record.state)];
    }
    EXPECT_EQ(states, c.states) << c.peer << " " << c.events;
  }
}

TEST(BreakerStates, WaitsGrowUpToAMostWithJitter) {
  BreakerOptions options = Options();
  options.open_for = seconds(10);
  options.open_backoff = 3;
  options.open_max = seconds(60);
  options.open_jitter = 0.5;
  options.half_open_probes = 1;
  Story story(options);
  story.Trip();
  for (const int64_t wait : {10, 30, 60, 60}) {
    EXPECT_EQ(story.record.until_us - story.now_us, wait * kSecond);
    story.now_us = story.record.until_us;
    ASSERT_TRUE(story.Take());
    ASSERT_TRUE(story.Finish(story.last(), ProbeResult::kFailed));
  }
  Record other;
  Trip(options, story.turn(0.999), {}, &other);
  EXPECT_NEAR(static_cast<double>(other.until_us - story.now_us),
              15.0 * kSecond, 0.1 * kSecond);
}

TEST(BreakerStates, AttemptsAreForgottenWhenItIsWhole) {
  BreakerOptions options = Options();
  options.recover_for = seconds(10);
  options.half_open_probes = 1;
  Story story(options);
  story.Trip();
  story.now_us = story.record.until_us;
  ASSERT_TRUE(story.Take());
  ASSERT_TRUE(story.Finish(story.last(), ProbeResult::kSucceeded));
  EXPECT_DOUBLE_EQ(AdmitRatio(options, story.now_us, story.record), 0.05);
  story.now_us += 5 * kSecond;
  EXPECT_NEAR(AdmitRatio(options, story.now_us, story.record), 0.525, 0.001);
  EXPECT_FALSE(Plain(options, story.now_us, story.record));
  Record again = story.record;
  Trip(options, story.turn(), {}, &again);
  EXPECT_EQ(again.attempts, 2u);
  EXPECT_EQ(again.until_us, story.now_us + 120 * kSecond);
  story.now_us += 5 * kSecond;
  EXPECT_EQ(AdmitRatio(options, story.now_us, story.record), 1);
  EXPECT_TRUE(Plain(options, story.now_us, story.record));
  story.Trip();
  EXPECT_EQ(story.record.attempts, 1u);
}

TEST(BreakerStates, WhatIsForcedComesAndGoes) {
  Story story(Options());
  story.Trip();
  const Record open = story.record;
  Force(Forced::kOpen, story.turn(), &story.record);
  EXPECT_GT(story.record.generation, open.generation);
  EXPECT_EQ(story.record.forced, Forced::kOpen);
  Force(Forced::kNone, story.turn(), &story.record);
  EXPECT_EQ(story.record.state, State::kOpen);
  EXPECT_EQ(story.record.until_us, open.until_us);
  Reset(story.turn(), &story.record);
  EXPECT_TRUE(Plain(story.options(), story.now_us, story.record));
  EXPECT_EQ(story.record.attempts, 0u);
}

TEST(BreakerStates, GenerationsGrowAlsoWhenTheClockFalls) {
  Story story(Options());
  story.Trip();
  const uint64_t first = story.record.generation;
  EXPECT_EQ(first, static_cast<uint64_t>(kStart));
  story.now_us -= kSecond;
  Reset(story.turn(), &story.record);
  EXPECT_EQ(story.record.generation, first + 1);
}

TEST(BreakerStates, WhatHasNotBegunByTheClockBeginsNow) {
  BreakerOptions options = Options();
  options.recover_for = seconds(10);
  options.half_open_probes = 1;
  Story story(options);
  const auto set_back = [&story](int64_t by_us) {
    story.now_us -= by_us;
    const Record before = story.record;
    Rebase(story.now_us, &story.record);
    return story.record != before;
  };
  story.Trip();
  EXPECT_FALSE(set_back(kSecond)) << "as clocks differ";
  EXPECT_TRUE(set_back(3600 * kSecond));
  EXPECT_EQ(story.record.opened_at_us, story.now_us);
  EXPECT_EQ(story.record.until_us, story.now_us + 60 * kSecond);
  story.now_us = story.record.until_us;
  ASSERT_TRUE(story.Take());
  EXPECT_TRUE(set_back(3600 * kSecond));
  ASSERT_EQ(story.record.probes.size(), 1u);
  EXPECT_EQ(story.record.probes[0].deadline_us, story.now_us + 30 * kSecond);
  ASSERT_TRUE(story.Finish(story.last(), ProbeResult::kSucceeded));
  EXPECT_TRUE(set_back(3600 * kSecond));
  story.now_us += 5 * kSecond;
  EXPECT_NEAR(AdmitRatio(options, story.now_us, story.record), 0.525, 0.001);
  EXPECT_FALSE(set_back(kSecond));
}

TEST(BreakerStates, ThrottleLetsThroughWhatSucceedsTwiceOver) {
  EXPECT_EQ(Throttle({}), 1);
  EXPECT_EQ(Throttle({100, 0, 0}), 1);
  EXPECT_EQ(Throttle({100, 50, 0}), 1);
  EXPECT_NEAR(Throttle({100, 75, 0}), 0.5, 0.01);
  EXPECT_NEAR(Throttle({1000, 1000, 0}), 0, 0.01);
}

// Whatever happens, in any order: never more probes than allowed, and with time
// and a service that works it closes.
TEST(BreakerStates, AreNeverStuckAndNeverSendTooManyProbes) {
  std::mt19937_64 random(11);
  for (int run = 0; run < 300; ++run) {
    BreakerOptions options = Options();
    options.half_open_probes = 1 + static_cast<int64_t>(random() % 5);
    options.failure_rate = static_cast<double>(random() % 5) / 4;
    options.recover_for = seconds(random() % 3);
    Story story(options);
    uint64_t generation = 0;
    for (int step = 0; step < 200; ++step) {
      const uint64_t id = story.last() - random() % 6;
      switch (random() % 9) {
        case 0:
          if (story.record.state == State::kClosed) story.Trip();
          break;
        case 1:
        case 2:
        case 3:
          (void)story.Take(static_cast<int64_t>(random() % 40) * kSecond);
          break;
        case 4:
          (void)story.Finish(id, ProbeResult::kSucceeded);
          break;
        case 5:
          (void)story.Finish(id, ProbeResult::kFailed);
          break;
        case 6:
          (void)story.Finish(id, ProbeResult::kIgnored);
          break;
        case 7:
          story.now_us += static_cast<int64_t>(random() % 100) * kSecond;
          break;
        case 8:
          if (random() % 10 == 0) {
            Force(static_cast<Forced>(random() % 4), story.turn(),
                  &story.record);
          }
          break;
      }
      ASSERT_LE(static_cast<int64_t>(story.record.probes.size() +
                                     story.record.decided.calls),
                options.half_open_probes);
      ASSERT_GE(story.record.generation, generation);
      generation = story.record.generation;
      ASSERT_EQ(*Decode(Encode(story.record)), story.record);
    }
    for (int i = 0; i < 50 && story.record.state != State::kClosed; ++i) {
      story.now_us = std::max(story.now_us, story.record.until_us);
      if (story.Take(kSecond)) {
        ASSERT_TRUE(story.Finish(story.last(), ProbeResult::kSucceeded));
      } else {
        story.now_us += 40 * kSecond;  // those that are out are lost
      }
    }
    EXPECT_EQ(story.record.state, State::kClosed) << run;
  }
}

}  // namespace
}  // namespace outrigger::breaker
