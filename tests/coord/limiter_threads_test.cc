// Many threads on few keys: nothing is admitted twice, nothing is lost.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/timer_thread.h"
#include "coord/limit/limiter.h"
#include "store/memory_store.h"

namespace outrigger {
namespace {

constexpr int kThreads = 4;
constexpr int kQuestions = 4000;  // by each thread
constexpr int kUsers = 3;

limit::LimitConfig PerUser(limit::Coordination coordination) {
  limit::LimitConfig config;
  config.name = "per_user";
  config.key = {"user"};
  // Nothing comes back while the test runs.
  config.shape.tokens = config.shape.burst = 1000;
  config.shape.period_us = 30LL * 86'400'000'000;
  config.coordination = coordination;
  return config;
}

class LimiterThreads : public testing::TestWithParam<limit::Coordination> {};

TEST_P(LimiterThreads, AdmitNoMoreThanThereIs) {
  SystemClock clock;
  TimerThread executor(clock);
  PseudoRandomSource random(1);
  telemetry::Registry registry;
  store::MemoryStore store(clock);
  coord::Limiter limiter({}, {PerUser(GetParam())}, clock, executor, random,
                         registry, &store);
  std::atomic<int> admitted[kUsers] = {};
  std::atomic<int> answers{0};
  auto ask = [&](int thread) {
    for (int i = 0; i < kQuestions; ++i) {
      const int user = (i + thread) % kUsers;
      const std::string name(1, static_cast<char>('a' + user));
      const limit::Attribute attribute{"user", name};
      coord::AllowQuery query;
      query.attributes = absl::MakeConstSpan(&attribute, 1);
      auto count = [&, user](const absl::StatusOr<coord::AllowAnswer>& answer) {
        ++answers;
        if (answer.ok() && answer->allowed) ++admitted[user];
      };
      coord::AllowAnswer answer;
      absl::Status error;
      if (limiter.AllowNow(query, &answer, &error)) {
        count(answer);
      } else {
        limiter.AllowLater(query, count);
      }
      if (i % 1000 == 0) limiter.Update({PerUser(GetParam())});
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) threads.emplace_back(ask, t);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers, kThreads * kQuestions);
  for (const std::atomic<int>& sum : admitted) {
    EXPECT_LE(sum, 1000);
    EXPECT_GE(sum, 990) << "a few may be on their way back to the store";
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, LimiterThreads,
                         testing::Values(limit::Coordination::kLeased,
                                         limit::Coordination::kExact,
                                         limit::Coordination::kLocal));

TEST(TimerThread, RunsTimersInOrderAndCancels) {
  SystemClock clock;
  std::vector<int> ran;
  absl::Mutex mutex;
  {
    TimerThread executor(clock);
    const MonotonicTime now = clock.Now();
    auto note = [&](int n) {
      return [&, n] {
        absl::MutexLock lock(&mutex);
        ran.push_back(n);
      };
    };
    executor.RunAt(now + std::chrono::milliseconds(4), note(2));
    executor.RunAt(now + std::chrono::milliseconds(2), note(1));
    const auto dropped = executor.RunAt(now + std::chrono::hours(1), note(3));
    EXPECT_TRUE(executor.Cancel(dropped));
    EXPECT_FALSE(executor.Cancel(dropped));
    absl::MutexLock lock(&mutex);
    mutex.AwaitWithTimeout(
        absl::Condition(
            +[](std::vector<int>* r) { return r->size() == 2; }, &ran),
        absl::Seconds(30));
  }
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace outrigger
