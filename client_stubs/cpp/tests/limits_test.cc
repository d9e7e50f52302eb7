#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "hang.h"
#include "limit/local_buckets.h"
#include "outrigger/headers.h"
#include "support.h"

namespace outrigger::client {
namespace {

using internal::LocalBuckets;
using internal::Now;

TEST(LocalBucketsTest, WhoWaitsAsToldIsAdmitted) {
  LocalBuckets buckets(/*rate=*/10, /*burst=*/2);
  const auto now = Now();
  EXPECT_TRUE(buckets.TryTake({{"user", "1"}}, 2, now).allowed);
  const Decision denied = buckets.TryTake({{"user", "1"}}, 1, now);
  ASSERT_FALSE(denied.allowed);
  EXPECT_EQ(denied.source, Source::kFallback);
  EXPECT_EQ(*denied.retry_after, absl::Milliseconds(100));
  EXPECT_TRUE(buckets
                  .TryTake({{"user", "1"}}, 1,
                           internal::After(now, *denied.retry_after))
                  .allowed);
}

TEST(LocalBucketsTest, PeeksTakeNothingAndTooMuchIsNeverHad) {
  LocalBuckets buckets(1, 5);
  const auto now = Now();
  EXPECT_TRUE(buckets.TryTake({{"a", "b"}}, 0, now).allowed);
  EXPECT_EQ(buckets.TryTake({{"a", "b"}}, 0, now).remaining, 5u);
  const Decision never = buckets.TryTake({{"a", "b"}}, 6, now);
  EXPECT_FALSE(never.allowed);
  EXPECT_FALSE(never.retry_after.has_value());
}

TEST(LocalBucketsTest, TheLeastRecentlyUsedIsForgotten) {
  LocalBuckets buckets(1e-9, 1);
  const auto now = Now();
  EXPECT_TRUE(buckets.TryTake({{"user", "first"}}, 1, now).allowed);
  for (int i = 0; i < 10000; ++i) {
    EXPECT_TRUE(buckets.TryTake({{"user", absl::StrCat(i)}}, 1, now).allowed);
  }
  EXPECT_EQ(buckets.size(), 10000u);
  EXPECT_FALSE(buckets.TryTake({{"user", "9999"}}, 1, now).allowed);
  EXPECT_TRUE(buckets.TryTake({{"user", "first"}}, 1, now).allowed);
}

TEST(HeadersTest, OneItemForEachLimitThatApplied) {
  Decision decision{.retry_after = absl::Milliseconds(2001)};
  decision.statuses = {{.limit = "per \"user\"",
                        .remaining = 0,
                        .burst = 20,
                        .reset_after = absl::Milliseconds(35001),
                        .window = absl::Minutes(1)},
                       {.limit = "watching", .shadow = true},
                       {.limit = "exempt", .unlimited = true},
                       {.limit = "per_org",
                        .remaining = 7,
                        .burst = 100,
                        .window = absl::Milliseconds(1)}};
  EXPECT_EQ(RateLimitHeaders(decision),
            (Metadata{{"retry-after", "3"},
                      {"ratelimit",
                       "\"per \\\"user\\\"\";r=0;t=36, \"per_org\";r=7;t=0"},
                      {"ratelimit-policy",
                       "\"per \\\"user\\\"\";q=20;w=60, "
                       "\"per_org\";q=100;w=1"}}));
}

TEST(LimiterTest, AdmitsTheBurstAndDeniesTheRest) {
  Client client = Connected();
  Limiter limiter = client.limiter();
  const Attributes attributes = {{"user", Unique("user")}};
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 30; ++i) {
    threads.emplace_back([&] {
      const auto decision = limiter.Allow(attributes);
      ASSERT_TRUE(decision.ok()) << decision.status();
      EXPECT_EQ(decision->source, Source::kSidecar);
      EXPECT_EQ(decision->limit, "per_user");
      if (decision->allowed) {
        ++allowed;
      } else {
        EXPECT_GT(*decision->retry_after, absl::ZeroDuration());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 10);
  EXPECT_EQ(client.stats().limits.calls, 30u);
  EXPECT_EQ(client.stats().limits.fallbacks, 0u);
}

TEST(LimiterTest, AMistakeIsItsCallersAlone) {
  Client client = Connected();
  Limiter limiter = client.limiter();
  constexpr int kCalls = 300;
  absl::BlockingCounter left(kCalls);
  std::atomic<int> mistakes{0};
  std::atomic<int> answers{0};
  for (int i = 0; i < kCalls; ++i) {
    limiter.AllowAsync(
        {{"bench", "1"}}, {.limit = i % 50 == 7 ? "nobody" : ""},
        [&](const absl::StatusOr<Decision>& decision) {
          if (absl::IsNotFound(decision.status())) ++mistakes;
          if (decision.ok() && decision->source == Source::kSidecar) {
            ++answers;
          }
          left.DecrementCount();
        });
  }
  left.Wait();
  EXPECT_EQ(mistakes, 6);
  EXPECT_EQ(answers, kCalls - 6);
}

TEST(LimiterTest, AttributesThatAreNotTextHarmNobodyElse) {
  Client client = Connected();
  Limiter limiter = client.limiter();
  const auto bad = limiter.Allow({{"user", "\xff\xfe"}});
  EXPECT_TRUE(absl::IsInvalidArgument(bad.status())) << bad.status();
  EXPECT_EQ(limiter.Allow({{"bench", "1"}})->source, Source::kSidecar);
}

TEST(LimiterTest, AVeryLargeQuestionHarmsNobodyElse) {
  Client client = Connected();
  Limiter limiter = client.limiter();
  constexpr int kCalls = 900;
  // Alone it can just be sent.
  const std::string large((9 << 20) - (64 << 10), 'a');
  absl::BlockingCounter left(kCalls + 1);
  {
    const Hang hang;  // so that all gather
    for (int i = 0; i < kCalls; ++i) {
      limiter.AllowAsync({{"bench", std::string(1000, 'a')}}, {},
                         [&](const absl::StatusOr<Decision>& decision) {
                           EXPECT_EQ(decision->source, Source::kSidecar);
                           left.DecrementCount();
                         });
    }
    limiter.AllowAsync(
        {{"bench", large}}, {}, [&](const absl::StatusOr<Decision>& decision) {
          EXPECT_TRUE(absl::IsInvalidArgument(decision.status()));
          left.DecrementCount();
        });
  }
  left.Wait();
}

TEST(LimiterTest, ASampledTraceGoesWithItsCall) {
  Options options = Patient();
  std::atomic<int> asked{0};
  options.propagate = [&](Metadata& metadata) {
    ++asked;
    metadata.emplace_back(
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  };
  Client client = Connected(options);
  EXPECT_EQ(client.limiter().Allow({{"bench", "1"}})->source, Source::kSidecar);
  EXPECT_EQ(asked, 1);
}

TEST(LimiterTest, ASidecarThatHangsCostsTheDeadlineAndLeavesNothing) {
  Options options;
  options.timeout = absl::Milliseconds(30);
  OpenSession session(options);
  Limiter limiter(session.get());
  const Attributes attributes = {{"bench", "1"}};
  ASSERT_TRUE(Eventually(
      [&] { return limiter.Allow(attributes)->source == Source::kSidecar; }));
  {
    Hang hang;
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(limiter.Allow(attributes)->source, Source::kFallback);
    }
    constexpr int kCalls = 5000;
    absl::BlockingCounter left(kCalls);
    for (int i = 0; i < kCalls; ++i) {
      limiter.AllowAsync(attributes, {},
                         [&](const absl::StatusOr<Decision>& decision) {
                           EXPECT_EQ(decision->source, Source::kFallback);
                           left.DecrementCount();
                         });
    }
    left.Wait();
    EXPECT_EQ(session->limits().stream().Pending(), 0u);
  }
  EXPECT_TRUE(Eventually(
      [&] { return limiter.Allow(attributes)->source == Source::kSidecar; }));
}

TEST(LimiterTest, PoliciesAnswerWithoutASidecar) {
  Options options = WithoutSidecar();
  EXPECT_TRUE(Connected(options).limiter().Allow({})->allowed);
  options.limits.on_unavailable = LimitPolicy::OnUnavailable::kDeny;
  Client client = Connected(options);
  const auto denied = client.limiter().Allow({});
  EXPECT_FALSE(denied->allowed);
  EXPECT_EQ(*denied->retry_after, absl::Seconds(1));
  EXPECT_EQ(*client.limiter().Report({}, UpstreamResult::kSuccess),
            std::nullopt);
  EXPECT_TRUE(client.limiter().Refund({}).ok());
  EXPECT_EQ(client.stats().limits.fallbacks, 3u);
}

TEST(LimiterTest, CloseAnswersWhatIsUnderWay) {
  Client client = Connected();
  Limiter limiter = client.limiter();
  ASSERT_EQ(limiter.Allow({{"bench", "1"}})->source, Source::kSidecar);
  absl::BlockingCounter left(2);
  {
    Hang hang;
    limiter.AllowAsync({{"bench", "1"}}, {},
                       [&](const absl::StatusOr<Decision>& decision) {
                         EXPECT_EQ(decision->source, Source::kFallback);
                         left.DecrementCount();
                       });
    limiter.AllowAsync({{"bench", "1"}}, {.max_wait = absl::Seconds(9)},
                       [&](const absl::StatusOr<Decision>& decision) {
                         EXPECT_EQ(decision->source, Source::kFallback);
                         left.DecrementCount();
                       });
    client.Close();
  }
  left.Wait();
  EXPECT_TRUE(absl::IsCancelled(limiter.Allow({}).status()));
  client.Close();
}

}  // namespace
}  // namespace outrigger::client
