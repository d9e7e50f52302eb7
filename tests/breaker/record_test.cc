// What is written of a state is read back, and nothing else is.
#include "breaker/record.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace outrigger::breaker {
namespace {

Record Full() {
  Record record;
  record.generation = 1'767'225'600'000'000;
  record.methods_reset = 1'767'225'500'000'000;
  record.state = State::kHalfOpen;
  record.forced = Forced::kMetricsOnly;
  record.cause = {Reason::kSlowRate, 7, 20, 2, 9};
  record.opened_at_us = 1'767'225'600'000'001;
  record.opened_by = "pod-1";
  record.until_us = 1'767'225'660'000'000;
  record.recovering_since_us = 3;
  record.attempts = 4;
  record.probes = {{1, 2, 3}, {UINT64_MAX, UINT64_MAX, 1LL << 60}};
  record.decided = {3, 1, 2};
  return record;
}

TEST(BreakerRecord, ComesBackAsItWas) {
  for (const Record& record : {Record(), Full()}) {
    const auto read = Decode(Encode(record));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, record);
  }
}

TEST(BreakerRecord, TheLargestIsWithinBounds) {
  Record record = Full();
  record.opened_by = std::string(kMaxPodBytes, 'p');
  record.probes.assign(kMaxProbes, {UINT64_MAX, UINT64_MAX, 1LL << 60});
  const std::string bytes = Encode(record);
  EXPECT_LE(bytes.size(), 32u << 10);
  EXPECT_EQ(*Decode(bytes), record);
}

TEST(BreakerRecord, DamageIsSeenOrHarmless) {
  const std::string good = Encode(Full());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(Decode(good.substr(0, size)).status()));
  }
  EXPECT_TRUE(absl::IsDataLoss(Decode(good + "x").status()));
  // Whatever is read can be written, and is the same bytes then.
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto read = Decode(bytes);
    if (read.ok()) {
      EXPECT_EQ(Encode(*read), bytes);
    }
  }
}

TEST(BreakerRecord, SaysWhyItOpened) {
  EXPECT_EQ(Explain({}), "");
  EXPECT_EQ(Explain({Reason::kConsecutiveFailures, 5, 5}),
            "5 calls in a row failed");
  EXPECT_EQ(Explain({Reason::kFailureRate, 7, 20, 3, 4}),
            "7 of 20 calls failed, say 3 of 4 pods");
  EXPECT_EQ(Explain({Reason::kSlowRate, 7, 20, 1, 1}),
            "7 of 20 calls were slow, say 1 of 1 pod");
  EXPECT_EQ(Explain({Reason::kProbeFailed, 2, 3}),
            "2 of 3 probes failed or were slow");
}

}  // namespace
}  // namespace outrigger::breaker
