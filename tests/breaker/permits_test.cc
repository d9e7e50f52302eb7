// Each permit counts once, in time, in its generation.
#include "breaker/permits.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace outrigger::breaker {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Report = Permits::Report;

constexpr MonotonicTime kStart{std::chrono::hours(300)};

TEST(Permits, CountOnceInTimeAndInTheirGeneration) {
  Permits permits;
  const uint64_t first = permits.Issue(kStart);
  const uint64_t second = permits.Issue(kStart);
  EXPECT_NE(first, 0u);
  EXPECT_NE(first, second);
  EXPECT_EQ(permits.Take(first, kStart, seconds(1)), Report::kCounts);
  EXPECT_EQ(permits.Take(first, kStart, seconds(1)), Report::kDoubled);
  EXPECT_EQ(permits.Take(second, kStart + seconds(2), seconds(1)),
            Report::kLate);
  EXPECT_EQ(permits.Take(second, kStart + seconds(1), seconds(1)),
            Report::kCounts);
  const uint64_t third = permits.Issue(kStart);
  permits.StartGeneration();
  EXPECT_EQ(permits.Take(third, kStart, seconds(1)), Report::kOld);
  EXPECT_EQ(permits.issued(), 3u);
}

TEST(Permits, ThoseThatWereNeverIssuedAreUnknown) {
  Permits permits;
  const uint64_t issued = permits.Issue(kStart);
  for (const uint64_t permit :
       {uint64_t{0}, uint64_t{1}, issued + 1, issued - 1,
        issued | Permits::kForeign, UINT64_MAX}) {
    EXPECT_EQ(permits.Take(permit, kStart, minutes(1)), Report::kUnknown)
        << permit;
  }
}

TEST(Permits, ManyRoundsOfTheRing) {
  auto permits = std::make_unique<Permits>();
  constexpr uint64_t kOut = Permits::kRemembered / 2;
  std::vector<uint64_t> out;
  for (uint64_t i = 0; i < 5ULL * Permits::kRemembered; ++i) {
    out.push_back(permits->Issue(kStart));
    if (i < kOut) continue;
    const uint64_t oldest = out[i - kOut];
    ASSERT_EQ(permits->Take(oldest, kStart, minutes(1)), Report::kCounts) << i;
    ASSERT_EQ(permits->Take(oldest, kStart, minutes(1)), Report::kDoubled) << i;
  }
}

TEST(Permits, WithMoreOutThanAreRememberedTheOldestStillCount) {
  auto permits = std::make_unique<Permits>();
  const uint64_t oldest = permits->Issue(kStart);
  uint64_t newest = 0;
  for (uint32_t i = 0; i < Permits::kRemembered; ++i) {
    newest = permits->Issue(kStart);
  }
  EXPECT_EQ(permits->Take(oldest, kStart, minutes(1)), Report::kCounts);
  EXPECT_EQ(permits->Take(oldest, kStart, minutes(1)), Report::kCounts);
  EXPECT_EQ(permits->Take(newest, kStart, minutes(1)), Report::kCounts);
  EXPECT_EQ(permits->Take(newest, kStart, minutes(1)), Report::kDoubled);
}

TEST(Permits, OfManyThreadsAreAllDifferent) {
  auto permits = std::make_unique<Permits>();
  constexpr int kThreads = 4, kEach = 3000;
  std::vector<std::thread> threads;
  std::atomic<int> counted{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        const uint64_t permit = permits->Issue(kStart);
        if (permits->Take(permit, kStart, seconds(1)) == Report::kCounts) {
          ++counted;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counted, kThreads * kEach);
  EXPECT_EQ(permits->issued(), static_cast<uint64_t>(kThreads * kEach));
}

}  // namespace
}  // namespace outrigger::breaker
