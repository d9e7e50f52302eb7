// The breakers' scripts in a real Redis against MemoryBreakerStore: the same
// operations at the same times must give the same answers, so that the sums
// that the scripts keep as they go never drift.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "redis/breaker/calls.h"
#include "redis/breaker/scripts.h"
#include "redis/scripted_time.h"
#include "store/memory_breaker_store.h"
#include "support/breaker_calls.h"
#include "support/fake_clock.h"

namespace outrigger::redis {
namespace {

using store::BreakerKey;

class BreakerDifferentialTest : public ::testing::TestWithParam<int> {
 protected:
  BreakerDifferentialTest() { Pass(3'600'000'000); }

  uint32_t Below(uint32_t most) {
    return static_cast<uint32_t>(random_() % most);
  }

  void Pass(int64_t us) {
    clock_.Advance(std::chrono::microseconds(us));
    redis_.Set(ToMicros(clock_.WallNow().time_since_epoch()));
  }

  static void Compare(const absl::StatusOr<store::BreakerReply>& expected,
                      const absl::StatusOr<store::BreakerReply>& actual) {
    ASSERT_EQ(actual.status(), absl::OkStatus());
    EXPECT_EQ(expected->record, actual->record);
    EXPECT_EQ(expected->evidence.seen, actual->evidence.seen);
    EXPECT_EQ(expected->evidence.reporters, actual->evidence.reporters);
    EXPECT_EQ(expected->evidence.bad_reporters, actual->evidence.bad_reporters);
    EXPECT_EQ(expected->evidence.generation, actual->evidence.generation);
    EXPECT_EQ(expected->now_us, actual->now_us);
  }

  void Read() {
    Compare(
        memory_.Read(key_),
        ParseBreaker(redis_.Run(BreakerReadScript(), calls_.Read(key_)->wire)));
  }

  void Report() {
    store::BreakerReport report;
    report.key = key_;
    report.pod = "pod-" + std::to_string(Below(40));
    report.generation = generation_ - (Below(10) == 0 ? 1 : 0);
    if (Below(8) != 0) {
      report.seen.calls = Below(1000);
      report.seen.failures = Below(1000);
      report.seen.slow = Below(1000);
    }
    if (Below(100) == 0) report.seen.calls = ~uint64_t{0};
    report.bad = Below(3) == 0;
    report.keep_for_ms = 1 + Below(3000);
    Compare(memory_.Report(report),
            ParseBreaker(redis_.Run(BreakerReportScript(),
                                    calls_.Report(report)->wire)));
  }

  void Swap() {
    store::BreakerSwap swap;
    swap.key = key_;
    swap.expected = Below(4) == 0 ? revision_ + 1 : revision_;
    swap.above = Below(5) == 0 ? revision_ + Below(5) : 0;
    swap.bytes = "state " + std::to_string(random_());
    const auto expected = memory_.Swap(swap);
    const auto actual = ParseBreakerSwap(
        redis_.Run(BreakerSwapScript(), calls_.Swap(swap)->wire), swap.bytes);
    ASSERT_EQ(actual.status(), absl::OkStatus());
    EXPECT_EQ(expected->swapped, actual->swapped);
    EXPECT_EQ(expected->record, actual->record);
    EXPECT_EQ(expected->now_us, actual->now_us);
    revision_ = expected->record.revision;
  }

  RedisServer server_;
  ScriptedTime redis_{server_.address()};
  const BreakerCalls calls_{"test"};
  FakeClock clock_;
  store::MemoryBreakerStore store_{clock_};
  BreakerCaller memory_{store_};
  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  const BreakerKey key_{"payments", "Charge"};
  uint64_t generation_ = 1;
  uint64_t revision_ = 0;
};

TEST_P(BreakerDifferentialTest, TheScriptsAreTheModel) {
  for (int i = 0; i < 2000 && !HasFailure(); ++i) {
    SCOPED_TRACE(i);
    const uint32_t kind = Below(1000);
    Pass(kind < 5 ? Below(5'000'000) : 1 + Below(100'000));
    if (kind < 10) ++generation_;
    if (kind < 100) {
      Swap();
    } else if (kind < 250) {
      Read();
    } else {
      Report();
    }
  }
}

// What one key knows and the other does not is not believed.
TEST_P(BreakerDifferentialTest, EvidenceThatWasEvictedInPartBeginsAnew) {
  for (const char kind : {'e', 'x'}) {
    for (int i = 0; i < 20; ++i) Report();
    redis_.cli().Ask(
        {"DEL", std::string("test:1:") + kind + ":{payments/Charge}"});
    const auto read =
        ParseBreaker(redis_.Run(BreakerReadScript(), calls_.Read(key_)->wire));
    ASSERT_EQ(read.status(), absl::OkStatus());
    EXPECT_EQ(read->evidence, store::BreakerEvidence{});
    store_.Flush();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BreakerDifferentialTest,
                         ::testing::Range(1, 4));

}  // namespace
}  // namespace outrigger::redis
