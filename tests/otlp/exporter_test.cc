#include "otlp/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "support/redis_server.h"
#include "support/wait_for.h"
#include "telemetry/metrics.h"

namespace outrigger::otlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ExporterTest : public ::testing::Test {
 protected:
  // Options for a collector that is not there.
  static Options Gone(Protocol protocol) {
    Options options;
    options.traces = {
        .target = Target::kOtlp,
        .protocol = protocol,
        .endpoint = "http://127.0.0.1:" + std::to_string(FreePort()),
        .timeout = milliseconds(200)};
    options.backoff = {.first = milliseconds(1), .most = milliseconds(5)};
    return options;
  }

  std::unique_ptr<Exporter> Started(const Options& options) {
    auto exporter = Exporter::Start(options, registry_, clock_, random_);
    EXPECT_TRUE(exporter.ok()) << exporter.status();
    return *std::move(exporter);
  }

  double Value(const telemetry::MetricInfo& info) {
    const telemetry::Snapshot snapshot = registry_.Collect();
    const telemetry::Metric* metric = Find(snapshot, info.name);
    double sum = 0;
    if (metric == nullptr) return sum;
    for (const auto& point : metric->points) sum += NumberOf(point);
    return sum;
  }

  const SystemClock clock_;
  telemetry::Registry registry_;
  PseudoRandomSource random_{1};
};

TEST_F(ExporterTest, WithoutADestinationThereAreNoSinks) {
  const auto exporter = Started({});
  EXPECT_EQ(exporter->spans(), nullptr);
  EXPECT_EQ(exporter->logs(), nullptr);
  EXPECT_TRUE(exporter->Flush(seconds(1)));
}

TEST_F(ExporterTest, MistakesAreFoundAtTheStart) {
  Options options = Gone(Protocol::kGrpc);
  options.traces.endpoint = "http://";
  EXPECT_EQ(
      Exporter::Start(options, registry_, clock_, random_).status().code(),
      absl::StatusCode::kInvalidArgument);
  for (const Protocol protocol : {Protocol::kGrpc, Protocol::kHttpProtobuf}) {
    options = Gone(protocol);
    options.traces.endpoint = "https://127.0.0.1:1";
    options.traces.ca_file = "/nowhere/ca.crt";
    const absl::Status status =
        Exporter::Start(options, registry_, clock_, random_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()),
                ::testing::HasSubstr("/nowhere/ca.crt"));
  }
}

// However much comes, no more is kept than the queue holds and what is on its
// way; all the rest is counted.
class GoneTest : public ExporterTest,
                 public ::testing::WithParamInterface<Protocol> {};

TEST_P(GoneTest, WhatDoesNotFitIsDroppedAndCounted) {
  Options options = Gone(GetParam());
  options.spans = {.schedule_delay = milliseconds(1),
                   .export_timeout = seconds(60),
                   .max_queue = 100,
                   .max_batch = 10};
  const auto exporter = Started(options);
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&exporter] {
      for (int i = 0; i < kEach; ++i) exporter->spans()->Accept({});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(WaitFor([&] { return Value(telemetry::kOtlpRetries) > 2; }));
  const double kept =
      Value(telemetry::kSdkSpanQueueSize) + Value(telemetry::kSdkSpansInFlight);
  EXPECT_LE(kept, 110);
  EXPECT_EQ(Value(telemetry::kOtlpDropped) + kept, kThreads * kEach);
}

TEST_P(GoneTest, AFlushEndsAndAllIsCounted) {
  Options options = Gone(GetParam());
  const auto exporter = Started(options);
  for (int i = 0; i < 1000; ++i) exporter->spans()->Accept({});
  // It may give up in the very moment in which the last are dropped.
  exporter->Flush(milliseconds(100));
  EXPECT_TRUE(WaitFor([&] { return Value(telemetry::kOtlpDropped) == 1000; }));
  EXPECT_EQ(Value(telemetry::kSdkSpanQueueSize), 0);
  EXPECT_EQ(Value(telemetry::kSdkSpansInFlight), 0);
}

TEST_P(GoneTest, ItsEndWaitsForNobody) {
  const auto exporter = Started(Gone(GetParam()));
  for (int i = 0; i < 1000; ++i) exporter->spans()->Accept({});
  EXPECT_TRUE(WaitFor([&] { return Value(telemetry::kSdkSpansInFlight) > 0; }));
}

INSTANTIATE_TEST_SUITE_P(Protocols, GoneTest,
                         ::testing::Values(Protocol::kGrpc,
                                           Protocol::kHttpProtobuf),
                         [](const auto& info) {
                           return info.param == Protocol::kGrpc ? "Grpc"
                                                                : "Http";
                         });

}  // namespace
}  // namespace outrigger::otlp
