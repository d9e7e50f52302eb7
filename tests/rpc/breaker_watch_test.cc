// The breaker's Watch over real gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "rpc/breaker_serving.h"
#include "support/wait_for.h"
#include "telemetry/breaker_metrics.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using breaker::v1::AcquireRequest;
using breaker::v1::AcquireResponse;
using breaker::v1::State;
using breaker::v1::WatchRequest;
using breaker::v1::WatchResponse;

double OpenWatches(const BreakerServing& serving) {
  return serving.world().Counted(telemetry::kBreakerWatches, {});
}

TEST(BreakerWatchTest, TellsEachStateAtOnceAndThenItsChanges) {
  BreakerServing serving;
  grpc::ClientContext context;
  SetPatience(&context);
  auto states = serving.stub().Watch(&context, WatchRequest());
  std::map<std::string, WatchResponse> first;
  WatchResponse response;
  while (first.size() < 2 && states->Read(&response)) {
    first[response.breaker()] = response;
  }
  EXPECT_EQ(first["payments"].state(), breaker::v1::CLOSED);
  EXPECT_EQ(first["payments"].admit_ratio(), 1);
  EXPECT_NE(first["payments"].session(), 0);
  EXPECT_EQ(first["payments"].session(), first["api"].session());
  EXPECT_TRUE(first["payments"].has_valid_for());
  EXPECT_EQ(first["payments"].reason(), breaker::v1::REASON_UNSPECIFIED);
  serving.Trip("payments");
  do {
    ASSERT_TRUE(states->Read(&response));
  } while (response.state() != breaker::v1::OPEN);
  EXPECT_EQ(response.breaker(), "payments");
  EXPECT_EQ(response.admit_ratio(), 0);
  EXPECT_GT(response.generation(), first["payments"].generation());
  EXPECT_TRUE(response.has_retry_after());
  EXPECT_EQ(response.reason(), breaker::v1::CONSECUTIVE_FAILURES);
  EXPECT_NE(response.message(), "");
  context.TryCancel();
  EXPECT_TRUE(WaitFor([&] { return OpenWatches(serving) == 0; }));
}

TEST(BreakerWatchTest, AStreamThatBreaksGivesItsProbesBack) {
  BreakerServing serving(
      {.breakers = {{.name = "payments",
                     .consecutive_failures = 3,
                     .open_for = std::chrono::milliseconds(50),
                     .half_open_probes = 1,
                     .probe_timeout = std::chrono::minutes(30)}}});
  grpc::ClientContext context;
  SetPatience(&context);
  auto states = serving.stub().Watch(&context, WatchRequest());
  WatchResponse state;
  ASSERT_TRUE(states->Read(&state));
  serving.Trip("payments");
  AcquireRequest request;
  request.set_breaker("payments");
  request.set_session(state.session());
  ASSERT_TRUE(WaitFor([&] { return serving.Acquire(request).probe(); }));
  request.clear_session();
  EXPECT_EQ(serving.Acquire(request).reason(), breaker::v1::PROBES_IN_USE);
  context.TryCancel();
  EXPECT_TRUE(WaitFor([&] { return serving.Acquire(request).probe(); }));
}

TEST(BreakerWatchTest, ABadQuestionEndsTheStreamWithItsError) {
  BreakerServing serving;
  grpc::ClientContext context;
  SetPatience(&context);
  WatchRequest nowhere;
  nowhere.add_breakers("nowhere");
  auto states = serving.stub().Watch(&context, nowhere);
  WatchResponse response;
  EXPECT_FALSE(states->Read(&response));
  EXPECT_EQ(states->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(BreakerWatchTest, MoreThanMayBeOpenAreRefused) {
  BreakerServing serving({.service = {.max_streams = 1}});
  grpc::ClientContext first, second;
  SetPatience(&first);
  SetPatience(&second);
  auto open = serving.stub().Watch(&first, WatchRequest());
  WatchResponse response;
  ASSERT_TRUE(open->Read(&response));
  auto refused = serving.stub().Watch(&second, WatchRequest());
  EXPECT_FALSE(refused->Read(&response));
  EXPECT_EQ(refused->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(serving.world().Counted(telemetry::kRpcRefused,
                                    {{"bound", "breaker_watch_streams"}}),
            1);
  first.TryCancel();
}

TEST(BreakerWatchTest, ADrainEndsItWell) {
  BreakerServing serving;
  grpc::ClientContext context;
  SetPatience(&context);
  auto states = serving.stub().Watch(&context, WatchRequest());
  WatchResponse response;
  ASSERT_TRUE(states->Read(&response));
  std::thread drains([&] { serving.server().Drain(std::chrono::seconds(30)); });
  while (states->Read(&response)) {
  }
  drains.join();
  const grpc::Status ended = states->Finish();
  EXPECT_TRUE(ended.ok()) << ended.error_message();
}

}  // namespace
}  // namespace outrigger::rpc
