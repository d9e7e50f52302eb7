// No false alarms, no flapping, each finding told once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyser/watched.h"

namespace outrigger::analyser {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What is logged.
class KeptEvents final : public telemetry::LogSink {
 public:
  KeptEvents() {
    ::testing::internal::CaptureStderr();
    telemetry::Log::SetSink(this);
  }
  ~KeptEvents() override {
    telemetry::Log::SetSink(nullptr);
    ::testing::internal::GetCapturedStderr();
  }
  void Accept(const telemetry::LogRecord& record) override {
    if (record.part == "analyser") records.push_back(record);
  }
  std::vector<telemetry::LogRecord> records;
};

double Metric(telemetry::Registry& registry, absl::string_view name,
              absl::string_view key, absl::string_view value) {
  const telemetry::Snapshot snapshot = registry.Collect();
  const telemetry::Metric* metric = Find(snapshot, name);
  if (metric == nullptr) return 0;
  for (const telemetry::Point& point : metric->points) {
    if (AttributeOf(point, key) == value) return NumberOf(point);
  }
  return 0;
}

TEST(Calm, AnIdleSidecarIsHealthyForADay) {
  Watched watched;
  for (int i = 0; i < 24 * 60; ++i) {
    watched.Grow(telemetry::kProcessCpuTime, {}, 0.01);
    // A probe now and then, one of them slow and one failing.
    if (i % 10 == 0) watched.Call("grpc.health.v1.Health/Check", 1, 0.0001);
    if (i == 600) watched.Call("grpc.health.v1.Health/Check", 1, 5);
    if (i == 700) watched.Call(kAllow, 1, 0.1, "UNAVAILABLE");
    if (i == 800) watched.Decide("a", "denied", 5);
    watched.clock().Advance(std::chrono::minutes(1));
    watched.Look();
    ASSERT_THAT(watched.Found(), IsEmpty()) << i;
  }
}

TEST(Calm, TrafficThatComesAndGoesIsNoFinding) {
  Watched watched;
  for (int round = 0; round < 20; ++round) {
    watched.Run(30, [&] {
      watched.Call(kAllow, 200, 0.0001);
      watched.Decide("a", "allowed", 200);
    });
    watched.Run(90);
    ASSERT_THAT(watched.Found(), IsEmpty()) << round;
  }
}

TEST(Calm, AShortTroubleIsNoFinding) {
  Options options;
  options.raise_after = 70;  // longer than the window looks back
  Watched watched(options);
  watched.Run(60, [&] { watched.Call(kGet, 100, 0.001); });
  watched.Run(3, [&] { watched.Call(kGet, 100, 0.001, "INTERNAL"); });
  for (int i = 0; i < 90; ++i) {
    watched.Run(1, [&] { watched.Call(kGet, 10, 0.001); });
    ASSERT_THAT(watched.Found(), IsEmpty()) << i;
  }
}

TEST(Calm, AFindingIsToldOnceAndOverOnce) {
  KeptEvents events;
  Watched watched;
  int second = 0;
  // Around the threshold of 5 %: 4.75 %, 5.25 %, and so on.
  watched.Run(300, [&] {
    const int errors = ++second % 2 == 0 ? 19 : 22;
    watched.Call(kGet, 400 - errors, 0.001);
    watched.Call(kGet, errors, 0.001, "INTERNAL");
  });
  EXPECT_THAT(watched.Found(), ElementsAre("warning error_rate"));
  ASSERT_THAT(events.records, SizeIs(1));
  EXPECT_EQ(events.records[0].message, "Calls fail");
  EXPECT_EQ(events.records[0].level, telemetry::LogLevel::kWarning);
  EXPECT_EQ(events.records[0].fields[0].second, "error_rate");
  EXPECT_EQ(Metric(watched.registry(), "outrigger.analyser.raised", "severity",
                   "warning"),
            1);
  EXPECT_EQ(Metric(watched.registry(), "outrigger.analyser.findings", "finding",
                   "error_rate"),
            1);
  watched.Run(200, [&] { watched.Call(kGet, 100, 0.001); });
  EXPECT_THAT(watched.Found(), IsEmpty());
  ASSERT_THAT(events.records, SizeIs(2));
  EXPECT_EQ(events.records[1].message, "over: Calls fail");
  EXPECT_EQ(Metric(watched.registry(), "outrigger.analyser.findings", "finding",
                   "error_rate"),
            0);
  EXPECT_EQ(Metric(watched.registry(), "outrigger.analyser.raised", "severity",
                   "warning"),
            1);
}

TEST(Calm, AFindingEndsWhenTheTrafficDoes) {
  Watched watched;
  watched.Run(90, [&] { watched.Call(kGet, 10, 0.001, "INTERNAL"); });
  EXPECT_THAT(watched.Found(), ElementsAre("critical error_rate"));
  watched.Run(120);
  EXPECT_THAT(watched.Found(), IsEmpty());
}

TEST(Calm, SeverityOnlyRisesWhileAFindingHolds) {
  Watched watched;
  const auto errors = [&](int share) {
    watched.Call(kGet, 100 - share, 0.001);
    watched.Call(kGet, share, 0.001, "INTERNAL");
  };
  watched.Run(90, [&] { errors(10); });
  EXPECT_THAT(watched.Found(), ElementsAre("warning error_rate"));
  watched.Run(90, [&] { errors(50); });
  EXPECT_THAT(watched.Found(), ElementsAre("critical error_rate"));
  watched.Run(90, [&] { errors(10); });
  EXPECT_THAT(watched.Found(), ElementsAre("critical error_rate"));
}

TEST(Calm, LooksThatComeLateOrTwiceDoNoHarm) {
  Watched watched;
  watched.Run(30, [&] { watched.Call(kGet, 10, 0.001); });
  watched.Look();
  watched.Look();
  watched.clock().Advance(std::chrono::hours(3));  // the machine slept
  watched.Look();
  watched.Run(30, [&] { watched.Call(kGet, 10, 0.001); });
  EXPECT_THAT(watched.Found(), IsEmpty());
}

TEST(Calm, WhatWasBeforeTheFirstLookIsNotNews) {
  Watched watched;
  watched.Call(kGet, 1000, 0.001, "INTERNAL");
  watched.Decide("a", "denied", 1000);
  watched.Grow(telemetry::kStoreDegradedTime, {}, 5000);
  watched.Run(30);
  EXPECT_THAT(watched.Found(), IsEmpty());
}

}  // namespace
}  // namespace outrigger::analyser
