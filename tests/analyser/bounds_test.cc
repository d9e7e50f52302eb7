// The analyser's bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <memory>
#include <string>
#include <vector>

#include "analyser/watched.h"

namespace outrigger::analyser {
namespace {

size_t HeapInUse() { return mallinfo2().uordblks; }

double LeftOut(telemetry::Registry& registry, absl::string_view what) {
  const telemetry::Snapshot snapshot = registry.Collect();
  for (const telemetry::Point& point :
       Find(snapshot, "outrigger.analyser.left_out")->points) {
    if (AttributeOf(point, "what") == what) return NumberOf(point);
  }
  return -1;
}

// Caches, breakers and pools, as many as there can be.
void ObserveParts(telemetry::Observations& seen) {
  for (size_t i = 0; i < Parts::kMost; ++i) {
    const std::string name = "a-part-with-a-name-" + std::to_string(i);
    seen.Add(telemetry::kCacheRequests, {{"cache", name}, {"result", "hit"}},
             1);
    for (const char* state : kBreakerStates) {
      seen.Add(telemetry::kBreakerState, {{"breaker", name}, {"state", state}},
               state == kBreakerStates[i % 6] ? 1 : 0);
    }
    seen.Add(telemetry::kPoolFleetSlots, {{telemetry::kPoolNameLabel, name}},
             1);
  }
}

// A sidecar that has all there can be of everything.
void FillRegistry(telemetry::Registry& registry, int limits, int methods,
                  int second) {
  for (int i = 0; i < limits; ++i) {
    const std::string name = "a-limit-with-a-name-" + std::to_string(i);
    for (const char* result : {"allowed", "denied", "shadow_denied"}) {
      registry
          .GetCounter(telemetry::kAllowDecisions,
                      {{"limit", name}, {"result", result}})
          .Add(static_cast<uint64_t>(i + second));
    }
    registry.GetCounter(telemetry::kAllowLocal, {{"limit", name}}).Add();
  }
  for (int i = 0; i < methods; ++i) {
    const std::string method = "package.Service/Method" + std::to_string(i);
    registry.GetHistogram(telemetry::kRpcDuration, {{"rpc.method", method}})
        .Record(0.001 * second);
    registry
        .GetHistogram(telemetry::kRedisDuration,
                      {{"db.operation.name", method}})
        .Record(0.001);
  }
}

TEST(Bounds, AThousandLimitsTakeLessThanAMebibyte) {
  constexpr auto kLimits = static_cast<int>(Limits::kMost);
  FakeClock clock;
  telemetry::Registry registry({.cardinality_limit = 10'000});
  const telemetry::Observation parts = registry.Observe(ObserveParts);
  std::vector<telemetry::Snapshot> snapshots;
  for (int i = 1; i <= 8; ++i) {
    FillRegistry(registry, kLimits, static_cast<int>(Operations::kMost), i);
    snapshots.push_back(registry.Collect());
  }
  telemetry::Registry other;
  const size_t before = HeapInUse();
  auto analyser =
      std::make_unique<Analyser>(Options(), Program(), clock, other);
  for (size_t second = 0; second < 400; ++second) {
    clock.Advance(std::chrono::seconds(1));
    analyser->Look(clock.Now(), clock.WallNow(),
                   snapshots[second / 50 % snapshots.size()]);
  }
  const size_t taken = HeapInUse() - before;
  RecordProperty("bytes", static_cast<int>(taken));
  EXPECT_LT(taken, 1U << 20);
  EXPECT_GT(analyser->MetricsJson().size(), 1000U);
}

TEST(Bounds, WhatIsBeyondIsLeftOutAndCounted) {
  constexpr auto kLimits = static_cast<int>(Limits::kMost);
  constexpr auto kMethods = static_cast<int>(Operations::kMost);
  Watched watched({}, {.cardinality_limit = 10'000});
  int second = 0;
  watched.Run(5, [&] {
    FillRegistry(watched.registry(), kLimits + 7, kMethods + 3, ++second);
  });
  EXPECT_EQ(LeftOut(watched.registry(), "limits"), 7);
  EXPECT_EQ(LeftOut(watched.registry(), "methods"), 3);
  EXPECT_EQ(LeftOut(watched.registry(), "redis_commands"), 3);
  EXPECT_EQ(LeftOut(watched.registry(), "findings"), 0);
  // The document stays small, and says how many limits it leaves out.
  const std::string json = watched.analyser().MetricsJson();
  EXPECT_LT(json.size(), 512U << 10);
  EXPECT_THAT(json, ::testing::HasSubstr(
                        R"("limits_left_out":{"count":907,"admitted_rate":)"));
}

}  // namespace
}  // namespace outrigger::analyser
