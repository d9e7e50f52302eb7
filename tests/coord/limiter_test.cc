#include "coord/limit/limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_store.h"
#include "tests/support/fleet.h"

namespace outrigger {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Attributes kUser42 = {{"user", "42"}};
const Attributes kUser43 = {{"user", "43"}};

// Pods with the same limits, around one store.
class LimiterTest : public testing::Test {
 protected:
  FleetPod& Pod(std::vector<limit::LimitConfig> limits, bool alone = false) {
    pods_.push_back(std::make_unique<FleetPod>(
        std::move(limits), clock_, executor_, alone ? nullptr : &store_,
        static_cast<int>(pods_.size())));
    return *pods_.back();
  }
  FleetPod& Alone(limit::LimitConfig limit) { return Pod({limit}, true); }
  void Pass(Duration time) { executor_.Advance(time); }

  FakeClock clock_;
  ManualExecutor executor_{clock_};
  store::MemoryStore store_{clock_};
  std::vector<std::unique_ptr<FleetPod>> pods_;
};

TEST_F(LimiterTest, NoLimitMatchesMeansAllowed) {
  auto asked = Alone(PerUser(10, seconds(1))).Ask({{"org", "acme"}});
  ASSERT_TRUE(asked->allowed());
  EXPECT_EQ((**asked).decided.name, "");
}

TEST_F(LimiterTest, AnUnknownLimitIsNamed) {
  auto asked = Alone(PerUser(10, seconds(1))).Ask(kUser42, {.limit = "nope"});
  ASSERT_FALSE(asked->parked());
  EXPECT_EQ(asked->answer->status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(asked->answer->status().message(), testing::HasSubstr("nope"));
}

TEST_F(LimiterTest, AlonePodAllowsTheBurstAndThenTheRate) {
  FleetPod& pod = Alone(PerUser(10, seconds(1)));
  EXPECT_EQ(pod.AllowMany(15, kUser42), 10);
  EXPECT_EQ(pod.AllowMany(15, kUser43), 10)
      << "another user has its own bucket";
  Pass(milliseconds(300));
  EXPECT_EQ(pod.AllowMany(15, kUser42), 3);
}

TEST_F(LimiterTest, ADenialSaysWhenToComeBackAndThatIsTrue) {
  FleetPod& pod = Alone(PerUser(10, seconds(1)));
  pod.AllowMany(10, kUser42);
  auto denied = pod.Ask(kUser42, {.cost = 3});
  ASSERT_FALSE(denied->allowed());
  const int64_t retry_us = (**denied).decided.verdict.retry_after_us;
  EXPECT_EQ(retry_us, 300'000);
  Pass(std::chrono::microseconds(retry_us - 1000));
  EXPECT_FALSE(pod.Allow(kUser42, {.cost = 3}));
  Pass(milliseconds(1));
  EXPECT_TRUE(pod.Allow(kUser42, {.cost = 3}));
}

TEST_F(LimiterTest, ACostAboveTheBurstNeverPasses) {
  auto asked = Alone(PerUser(10, seconds(1))).Ask(kUser42, {.cost = 11});
  ASSERT_FALSE(asked->allowed());
  EXPECT_EQ((**asked).decided.verdict.retry_after_us, limit::kNever);
}

TEST_F(LimiterTest, APeekTakesNothing) {
  FleetPod& pod = Alone(PerUser(10, seconds(1)));
  for (int i = 0; i < 20; ++i) {
    auto peek = pod.Ask(kUser42, {.cost = 0});
    ASSERT_TRUE(peek->allowed());
    EXPECT_EQ((**peek).decided.verdict.remaining, 10);
  }
  pod.AllowMany(10, kUser42);
  EXPECT_FALSE(pod.Allow(kUser42, {.cost = 0}));
}

TEST_F(LimiterTest, AllOrNone) {
  limit::LimitConfig org = PerUser(3, seconds(1));
  org.name = "per_org";
  org.key = {"org"};
  FleetPod& pod = Pod({PerUser(10, seconds(1)), org}, true);
  const Attributes both = {{"user", "42"}, {"org", "acme"}};
  EXPECT_EQ(pod.AllowMany(8, both), 3);
  auto user = pod.Ask(kUser42, {.cost = 0});
  EXPECT_EQ((**user).decided.verdict.remaining, 7)
      << "denied calls took nothing from the user's bucket";
  auto denied = pod.Ask(both);
  EXPECT_EQ((**denied).decided.name, "per_org");
}

TEST_F(LimiterTest, DetailNamesEveryLimit) {
  limit::LimitConfig org = PerUser(1, seconds(1));
  org.name = "per_org";
  org.key = {"org"};
  FleetPod& pod = Pod({org, PerUser(10, seconds(1))}, true);
  const Attributes both = {{"user", "42"}, {"org", "acme"}};
  ASSERT_TRUE(pod.Allow(both));
  auto denied = pod.Ask(both, {.detail = true});
  ASSERT_EQ((**denied).statuses.size(), 2u);
  EXPECT_FALSE((**denied).statuses[0].verdict.allowed);
  EXPECT_TRUE((**denied).statuses[1].verdict.allowed);
  EXPECT_EQ((**denied).statuses[1].verdict.remaining, 9);
}

TEST_F(LimiterTest, AShadowLimitNeverDenies) {
  limit::LimitConfig shadow = PerUser(1, seconds(1));
  shadow.shadow = true;
  FleetPod& pod = Pod({shadow}, true);
  EXPECT_EQ(pod.AllowMany(5, kUser42), 5);
  EXPECT_EQ(pod.limiter().GetStatus().limits[0].shadow_denied, 4u);
}

TEST_F(LimiterTest, OverridesChangeNumbersOrExempt) {
  limit::LimitConfig config = PerUser(2, seconds(1));
  config.overrides.resize(2);
  config.overrides[0].match = {{"tier", "gold"}};
  config.overrides[0].tokens = 5;
  config.overrides[1].match = {{"user", "batch*"}};
  config.overrides[1].unlimited = true;
  FleetPod& pod = Pod({config}, true);
  EXPECT_EQ(pod.AllowMany(9, {{"user", "1"}, {"tier", "gold"}}), 5);
  EXPECT_EQ(pod.AllowMany(9, {{"user", "2"}, {"tier", "none"}}), 2);
  EXPECT_EQ(pod.AllowMany(9, {{"user", "batch-7"}}), 9);
}

TEST_F(LimiterTest, WaitersAreServedInTheirTurn) {
  FleetPod& pod = Alone(PerUser(10, seconds(1)));
  pod.AllowMany(10, kUser42);
  auto first = pod.Ask(kUser42, {.cost = 2, .max_wait = seconds(1)});
  auto second = pod.Ask(kUser42, {.max_wait = seconds(1)});
  ASSERT_TRUE(first->parked() && second->parked());
  EXPECT_FALSE(pod.Allow(kUser42)) << "nobody overtakes those who wait";
  Pass(milliseconds(199));
  EXPECT_TRUE(first->parked());
  Pass(milliseconds(1));
  EXPECT_TRUE(first->allowed());
  EXPECT_EQ((**first).waited_us, 200'000);
  EXPECT_TRUE(second->parked());
  Pass(milliseconds(100));
  EXPECT_TRUE(second->allowed());
}

TEST_F(LimiterTest, AWaitThatWouldBeTooLongIsDeniedAtOnce) {
  FleetPod& pod = Alone(PerUser(10, seconds(1)));
  pod.AllowMany(10, kUser42);
  auto asked = pod.Ask(kUser42, {.cost = 5, .max_wait = milliseconds(499)});
  ASSERT_FALSE(asked->parked());
  EXPECT_FALSE(asked->allowed());
}

TEST_F(LimiterTest, AWaiterWhoGoesGivesItsTurnBack) {
  FleetPod& pod = Alone(PerUser(10, seconds(1)));
  pod.AllowMany(10, kUser42);
  auto gone = pod.Ask(kUser42, {.cost = 5, .max_wait = seconds(1)});
  ASSERT_TRUE(gone->parked());
  pod.limiter().Cancel(gone->ticket);
  ASSERT_FALSE(gone->parked());
  EXPECT_EQ(gone->answer->status().code(), absl::StatusCode::kCancelled);
  Pass(milliseconds(100));
  EXPECT_TRUE(pod.Allow(kUser42));
}

TEST_F(LimiterTest, ARefundCanBeSpentAgain) {
  FleetPod& pod = Alone(PerUser(10, seconds(1)));
  pod.AllowMany(10, kUser42);
  ASSERT_TRUE(pod.Refund(kUser42, 4).ok());
  EXPECT_EQ(pod.AllowMany(10, kUser42), 4);
  ASSERT_TRUE(pod.Refund(kUser42, 1000).ok());
  EXPECT_EQ(pod.AllowMany(30, kUser42), 10) << "never above the burst";
}

TEST_F(LimiterTest, AReloadKeepsTokensEarned) {
  FleetPod& pod = Alone(PerUser(10, seconds(1)));
  pod.AllowMany(7, kUser42);
  pod.limiter().Update({PerUser(100, seconds(1))});
  EXPECT_EQ(pod.AllowMany(200, kUser42), 3);
  Pass(milliseconds(500));
  EXPECT_EQ(pod.AllowMany(200, kUser42), 50);
}

TEST_F(LimiterTest, TooManyParkedCallsAreRefused) {
  FleetPod& pod = Alone(PerUser(1'000'000, seconds(1)));
  ASSERT_TRUE(pod.Allow(kUser42, {.cost = 1'000'000}));
  std::vector<std::shared_ptr<Asked>> parked;
  for (int i = 0; i < 10'000; ++i) {
    parked.push_back(pod.Ask(kUser42, {.max_wait = minutes(1)}));
  }
  auto refused = pod.Ask(kUser42, {.max_wait = minutes(1)});
  ASSERT_FALSE(refused->parked());
  EXPECT_EQ(refused->answer->status().code(),
            absl::StatusCode::kResourceExhausted);
  Pass(seconds(1));
  for (const auto& asked : parked) ASSERT_TRUE(asked->allowed());
}

// ---- adaptive ----

limit::LimitConfig Adaptive() {
  limit::LimitConfig config = PerUser(100, seconds(1));
  config.name = "upstream";
  config.key = {"service"};
  config.shape.algorithm = limit::Algorithm::kAdaptive;
  config.adaptive = {100, 10, 200, 10, 20, 0};
  return config;
}

TEST_F(LimiterTest, AdaptiveRateStaysBetweenFloorAndCeiling) {
  for (const bool alone : {true, false}) {
    FleetPod& pod = Pod({Adaptive()}, alone);
    const Attributes service = {{"service", alone ? "a" : "b"}};
    EXPECT_EQ(pod.Report(service, true)->tokens_per_second, 110);
    EXPECT_EQ(pod.Report(service, false)->tokens_per_second, 88);
    for (int i = 0; i < 30; ++i)
      pod.Report(service, true).status().IgnoreError();
    EXPECT_EQ(pod.Report(service, true)->tokens_per_second, 200);
    for (int i = 0; i < 30; ++i) {
      pod.Report(service, false).status().IgnoreError();
    }
    EXPECT_EQ(pod.Report(service, false)->tokens_per_second, 10);
  }
}

TEST_F(LimiterTest, AdaptiveRateIsTheFleets) {
  FleetPod& one = Pod({Adaptive()});
  FleetPod& two = Pod({Adaptive()});
  const Attributes service = {{"service", "s"}};
  one.Report(service, false).status().IgnoreError();
  EXPECT_EQ(two.Report(service, false)->tokens_per_second, 64);
}

TEST_F(LimiterTest, AReportNeedsAnAdaptiveLimit) {
  FleetPod& pod = Alone(PerUser(1, seconds(1)));
  EXPECT_EQ(pod.Report(kUser42, true).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

// ---- the fleet ----

TEST_F(LimiterTest, TwoPodsShareOneLimit) {
  for (const auto mode :
       {limit::Coordination::kExact, limit::Coordination::kLeased}) {
    limit::LimitConfig config = PerUser(100, minutes(1));
    config.coordination = mode;
    FleetPod& one = Pod({config});
    FleetPod& two = Pod({config});
    const Attributes user = {
        {"user", mode == limit::Coordination::kExact ? "exact" : "leased"}};
    int allowed = 0;
    for (int i = 0; i < 150; ++i) {
      allowed += one.Allow(user);
      allowed += two.Allow(user);
    }
    EXPECT_EQ(allowed, 100);
  }
}

TEST_F(LimiterTest, OnePodCanUseTheWholeLeasedLimit) {
  FleetPod& one = Pod({PerUser(100, minutes(1))});
  Pod({PerUser(100, minutes(1))});
  EXPECT_EQ(one.AllowMany(150, kUser42), 100);
}

TEST_F(LimiterTest, ABusyKeyCostsFewQuestions) {
  FleetPod& pod = Pod({PerUser(100'000, seconds(1))});
  for (int i = 0; i < 10'000; ++i) {
    pod.Allow(kUser42);
    if (i % 10 == 0) Pass(milliseconds(1));
  }
  EXPECT_LE(pod.store().leases() + pod.store().takes(), 40);
}

TEST_F(LimiterTest, TrafficOverTheLimitCostsNothing) {
  for (const auto mode :
       {limit::Coordination::kExact, limit::Coordination::kLeased}) {
    limit::LimitConfig config = PerUser(10, minutes(1));
    config.coordination = mode;
    FleetPod& pod = Pod({config});
    pod.AllowMany(20, kUser42);
    const uint64_t before = pod.store().commands_sent();
    EXPECT_EQ(pod.AllowMany(10'000, kUser42), 0);
    EXPECT_EQ(pod.store().commands_sent(), before);
    store_.Flush();
  }
}

TEST_F(LimiterTest, AnIdleLeaseGoesBack) {
  FleetPod& one = Pod({PerUser(100, minutes(1))});
  FleetPod& two = Pod({PerUser(100, minutes(1))});
  const int first = one.AllowMany(50, kUser42);
  ASSERT_EQ(first, 50);
  Pass(milliseconds(500));
  EXPECT_EQ(two.AllowMany(200, kUser42), 50);
}

TEST_F(LimiterTest, DrainGivesLeasesBack) {
  FleetPod& one = Pod({PerUser(100, minutes(1))});
  FleetPod& two = Pod({PerUser(100, minutes(1))});
  ASSERT_EQ(one.AllowMany(20, kUser42), 20);
  bool drained = false;
  one.limiter().Drain([&] { drained = true; });
  EXPECT_TRUE(drained);
  EXPECT_EQ(two.AllowMany(200, kUser42), 80);
  EXPECT_FALSE(one.Allow(kUser42)) << "still answers, and exactly";
}

TEST_F(LimiterTest, WaitingWorksAcrossTheFleet) {
  FleetPod& one = Pod({PerUser(10, seconds(1))});
  FleetPod& two = Pod({PerUser(10, seconds(1))});
  one.AllowMany(20, kUser42);
  auto first = one.Ask(kUser42, {.max_wait = seconds(2)});
  auto second = two.Ask(kUser42, {.max_wait = seconds(2)});
  ASSERT_TRUE(first->parked());
  ASSERT_TRUE(second->parked());
  Pass(milliseconds(150));
  EXPECT_TRUE(first->allowed());
  EXPECT_TRUE(second->parked());
  Pass(milliseconds(100));
  EXPECT_TRUE(second->allowed());
}

TEST_F(LimiterTest, QuestionsWaitForOneLeaseTogether) {
  FleetPod& pod = Pod({PerUser(100, minutes(1))});
  pod.AllowMany(4, kUser42);  // busy enough to lease
  while (pod.limiter().GetStatus().limits[0].local == 0) pod.Allow(kUser42);
  pod.store().HoldAnswers();
  std::vector<std::shared_ptr<Asked>> asked;
  for (int i = 0; i < 40; ++i) asked.push_back(pod.Ask(kUser42));
  const int leases = pod.store().leases();
  pod.store().Release();
  int allowed = 0;
  for (const auto& one : asked) {
    ASSERT_FALSE(one->parked());
    allowed += one->allowed();
  }
  EXPECT_EQ(allowed, 40);
  EXPECT_LE(pod.store().leases() - leases, 6);
}

// ---- the store lost ----

class StoreLossTest : public LimiterTest,
                      public testing::WithParamInterface<bool> {};

TEST_P(StoreLossTest, ShareDividesByTheLivePods) {
  FleetPod& one = Pod({PerUser(100, seconds(1))});
  Pod({PerUser(100, seconds(1))});
  Pass(seconds(2));  // heartbeats
  ASSERT_EQ(one.limiter().GetStatus().pods, 2u);
  one.store().Cut(GetParam());
  auto asked = one.Ask(kUser42);
  ASSERT_TRUE(asked->allowed());
  EXPECT_TRUE((**asked).degraded);
  EXPECT_EQ(one.AllowMany(200, kUser42), 49);
  Pass(milliseconds(100));
  EXPECT_EQ(one.AllowMany(200, kUser42), 5);
}

TEST_P(StoreLossTest, DenyDeniesAndAllowAllows) {
  limit::LimitConfig deny = PerUser(100, seconds(1));
  deny.on_store_loss = limit::OnStoreLoss::kDeny;
  limit::LimitConfig allow = PerUser(1, seconds(1));
  allow.on_store_loss = limit::OnStoreLoss::kAllow;
  FleetPod& denies = Pod({deny});
  FleetPod& allows = Pod({allow});
  denies.store().Cut(GetParam());
  allows.store().Cut(GetParam());
  auto denied = denies.Ask(kUser42);
  EXPECT_FALSE(denied->allowed());
  EXPECT_TRUE((**denied).degraded);
  EXPECT_GT((**denied).decided.verdict.retry_after_us, 0);
  EXPECT_EQ(allows.AllowMany(50, kUser42), 50);
}

TEST_P(StoreLossTest, LeasesAreFinishedFirst) {
  limit::LimitConfig config = PerUser(1000, minutes(1));
  config.on_store_loss = limit::OnStoreLoss::kDeny;
  FleetPod& pod = Pod({config});
  pod.AllowMany(30, kUser42);
  pod.store().Cut(GetParam());
  auto asked = pod.Ask(kUser42);
  EXPECT_TRUE(asked->allowed());
  EXPECT_FALSE((**asked).degraded);
  pod.AllowMany(1000, kUser42);
  EXPECT_TRUE((**pod.Ask(kUser42)).degraded);
}

TEST_P(StoreLossTest, ItEndsWhenTheStoreIsBack) {
  FleetPod& pod = Pod({PerUser(100, seconds(1))});
  pod.store().Cut(GetParam());
  EXPECT_TRUE((**pod.Ask(kUser42)).degraded);
  pod.store().Mend();
  auto asked = pod.Ask(kUser42);
  EXPECT_TRUE(asked->allowed());
  EXPECT_FALSE((**asked).degraded);
}

INSTANTIATE_TEST_SUITE_P(KnownOrNot, StoreLossTest, testing::Bool());

TEST_F(LimiterTest, AfterTheStoreForgotNothingIsGrantedTwice) {
  FleetPod& one = Pod({PerUser(100, seconds(1))});
  FleetPod& two = Pod({PerUser(100, seconds(1))});
  ASSERT_EQ(one.AllowMany(100, kUser42), 100);
  store_.Flush();
  EXPECT_EQ(two.AllowMany(100, kUser42), 0);
  Pass(milliseconds(900));
  EXPECT_EQ(two.AllowMany(100, kUser42), 0) << "old leases may still be out";
  Pass(milliseconds(600));
  const int later = two.AllowMany(200, kUser42);
  EXPECT_GE(later, 40);
  EXPECT_LE(later, 51);
}

TEST_F(LimiterTest, TooManyKeysAreRefused) {
  telemetry::Registry registry;
  PseudoRandomSource random(7);
  coord::Limiter::Options options;
  options.max_keys = 100;
  coord::Limiter limiter(options, {PerUser(5, seconds(1))}, clock_, executor_,
                         random, registry, nullptr);
  absl::Status error;
  auto ask = [&](int user) {
    const std::string name = absl::StrCat(user);
    const std::vector<limit::Attribute> attributes = {{"user", name}};
    coord::AllowQuery query;
    query.attributes = attributes;
    coord::AllowAnswer answer;
    EXPECT_TRUE(limiter.AllowNow(query, &answer, &error));
  };
  for (int user = 0; user < 100; ++user) ask(user);
  EXPECT_TRUE(error.ok());
  ask(100);
  EXPECT_EQ(error.code(), absl::StatusCode::kResourceExhausted);
  Pass(seconds(3));  // all are full again: nothing worth keeping
  EXPECT_EQ(limiter.GetStatus().keys, 0u);
  ask(100);
  EXPECT_TRUE(error.ok());
}

}  // namespace
}  // namespace outrigger
