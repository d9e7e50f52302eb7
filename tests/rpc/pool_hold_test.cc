// Hold over real gRPC: leases that belong to a stream.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "rpc/pool_serving.h"
#include "support/wait_for.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using pool::v1::HoldRequest;
using pool::v1::HoldResponse;
using ::testing::HasSubstr;

// A client's stream.
class Holder {
 public:
  explicit Holder(PoolServing& serving) {
    SetPatience(&context_);
    stream_ = serving.stub().Hold(&context_);
  }
  ~Holder() { context_.TryCancel(); }

  void Ask(uint64_t id, const std::string& pool, int64_t wait_seconds = 3600) {
    HoldRequest request;
    request.set_id(id);
    request.mutable_acquire()->set_pool(pool);
    request.mutable_acquire()->mutable_max_wait()->set_seconds(wait_seconds);
    Write(request);
  }
  void Release(uint64_t id, uint64_t lease_id) {
    HoldRequest request;
    request.set_id(id);
    request.mutable_release()->set_lease_id(lease_id);
    Write(request);
  }
  void Cancel(uint64_t id) {
    HoldRequest request;
    request.set_cancel(id);
    Write(request);
  }
  void Write(const HoldRequest& request) {
    ASSERT_TRUE(stream_->Write(request));
  }
  HoldResponse Read() {
    HoldResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }
  uint64_t Acquire(uint64_t id, const std::string& pool) {
    Ask(id, pool);
    const HoldResponse response = Read();
    EXPECT_EQ(response.id(), id);
    EXPECT_TRUE(response.acquired().acquired());
    return response.acquired().lease_id();
  }
  void Break() { context_.TryCancel(); }
  grpc::Status End() {
    stream_->WritesDone();
    HoldResponse response;
    while (stream_->Read(&response)) {
    }
    return stream_->Finish();
  }
  grpc::Status Finish() { return stream_->Finish(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<HoldRequest, HoldResponse>> stream_;
};

TEST(PoolHoldTest, WhatABrokenStreamHeldIsFreeAtOnce) {
  PoolServing serving;
  Holder dies(serving);
  dies.Acquire(1, "db");
  dies.Acquire(2, "db");
  EXPECT_EQ(serving.StatusOf("db").in_use(), 2);
  dies.Break();
  EXPECT_TRUE(WaitFor([&] { return serving.StatusOf("db").in_use() == 0; }));
}

TEST(PoolHoldTest, AStreamThatEndsWellFreesItsLeasesToo) {
  PoolServing serving;
  Holder holder(serving);
  holder.Acquire(1, "db");
  EXPECT_TRUE(holder.End().ok());
  EXPECT_TRUE(WaitFor([&] { return serving.StatusOf("db").in_use() == 0; }));
}

TEST(PoolHoldTest, OnlyItsOwnLeasesAreReleased) {
  PoolServing serving;
  Holder mine(serving), other(serving);
  const uint64_t lease = mine.Acquire(1, "db");
  other.Release(7, lease);
  const HoldResponse refused = other.Read();
  EXPECT_EQ(refused.id(), 7);
  EXPECT_FALSE(refused.released().released());
  mine.Release(2, lease);
  EXPECT_TRUE(mine.Read().released().released());
  EXPECT_EQ(serving.StatusOf("db").in_use(), 0);
}

TEST(PoolHoldTest, AReleaseOvertakesTheAcquiresThatWaitForIt) {
  PoolServing serving;
  Holder holder(serving);
  const uint64_t lease = holder.Acquire(1, "caps");
  constexpr uint64_t kWaiting = 400;
  for (uint64_t id = 2; id < 2 + kWaiting; ++id) holder.Ask(id, "caps");
  holder.Release(1000, lease);
  std::vector<uint64_t> order;
  while (order.size() < kWaiting) {
    const HoldResponse response = holder.Read();
    if (!response.has_acquired()) continue;
    ASSERT_TRUE(response.acquired().acquired());
    order.push_back(response.id());
    holder.Release(1000, response.acquired().lease_id());
  }
  std::vector<uint64_t> expected(kWaiting);
  for (uint64_t i = 0; i < kWaiting; ++i) expected[i] = 2 + i;
  EXPECT_EQ(order, expected) << "first come, first served";
}

TEST(PoolHoldTest, AWaitCanBeEnded) {
  PoolServing serving;
  Holder holder(serving);
  holder.Acquire(1, "caps");
  holder.Ask(2, "caps");
  ASSERT_TRUE(WaitFor([&] { return serving.StatusOf("caps").waiting() == 1; }));
  holder.Ask(2, "caps");
  const HoldResponse doubled = holder.Read();
  EXPECT_EQ(doubled.error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(doubled.error().message(), HasSubstr("id: "));
  holder.Cancel(99);  // nobody's: no answer
  holder.Cancel(2);
  const HoldResponse ended = holder.Read();
  EXPECT_EQ(ended.id(), 2);
  EXPECT_FALSE(ended.acquired().acquired());
  EXPECT_EQ(ended.acquired().reason(), pool::v1::TIMEOUT);
  EXPECT_EQ(serving.StatusOf("caps").waiting(), 0);
}

TEST(PoolHoldTest, ABadMessageIsAnErrorInItsAnswerAndTheStreamGoesOn) {
  PoolServing serving;
  Holder holder(serving);
  const auto refuses = [&](const HoldRequest& bad, grpc::StatusCode code,
                           const std::string& what) {
    holder.Write(bad);
    const HoldResponse response = holder.Read();
    EXPECT_EQ(response.id(), bad.id());
    EXPECT_EQ(response.error().code(), code) << what;
    EXPECT_THAT(response.error().message(), HasSubstr(what));
  };
  HoldRequest bad;
  bad.set_id(5);
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "request: ");
  bad.mutable_acquire()->set_pool("nowhere");
  refuses(bad, grpc::StatusCode::NOT_FOUND, "nowhere");
  bad.mutable_acquire()->set_pool("db");
  bad.mutable_acquire()->mutable_max_wait()->set_seconds(-1);
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "max_wait: ");
  bad.mutable_release()->set_result(static_cast<pool::v1::Result>(7));
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "result: ");
  EXPECT_NE(holder.Acquire(6, "db"), 0);
}

TEST(PoolHoldTest, WhoWaitsOnAStreamThatBreaksWaitsNoMore) {
  PoolServing serving;
  const uint64_t lease = serving.Acquire("caps").lease_id();
  Holder dies(serving);
  dies.Ask(1, "caps");
  ASSERT_TRUE(WaitFor([&] { return serving.StatusOf("caps").waiting() == 1; }));
  dies.Break();
  EXPECT_TRUE(WaitFor([&] { return serving.StatusOf("caps").waiting() == 0; }));
  EXPECT_TRUE(serving.Release(lease));
  EXPECT_TRUE(serving.Acquire("caps").acquired());
}

TEST(PoolHoldTest, ALeaseThatTheFleetNoLongerGrantsIsToldToBeLost) {
  PoolServing serving({.pools = {{.name = "caps",
                                  .max_connections = 1,
                                  .lease = std::chrono::seconds(1)}}});
  Holder holder(serving);
  const uint64_t lease = holder.Acquire(1, "caps");
  serving.store().Cut();
  const HoldResponse lost = holder.Read();
  EXPECT_EQ(lost.id(), 0);
  EXPECT_EQ(lost.lost_lease_id(), lease);
  holder.Release(2, lease);
  EXPECT_FALSE(holder.Read().released().released());
}

TEST(PoolHoldTest, MoreThanMayBeOpenAreRefused) {
  PoolServing serving({.settings = {.max_sessions = 1}});
  Holder first(serving);
  first.Acquire(1, "db");
  Holder second(serving);
  EXPECT_EQ(second.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(PoolHoldTest, MoreStreamsThanMayBeOpenAreRefused) {
  PoolServing serving({.service = {.max_streams = 1}});
  Holder first(serving);
  first.Acquire(1, "db");
  Holder second(serving);
  EXPECT_EQ(second.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(serving.world().Counted(telemetry::kRpcRefused,
                                    {{"bound", "pool_hold_streams"}}),
            1);
}

TEST(PoolHoldTest, ADrainAnswersThoseWhoWaitAndEndsTheStreamWell) {
  PoolServing serving;
  Holder holder(serving);
  holder.Acquire(1, "caps");
  holder.Ask(2, "caps");
  ASSERT_TRUE(WaitFor([&] { return serving.StatusOf("caps").waiting() == 1; }));
  std::thread drains([&] {
    serving.pools().EndWaits();
    serving.server().Drain(std::chrono::seconds(30));
  });
  const HoldResponse denied = holder.Read();
  EXPECT_EQ(denied.id(), 2);
  EXPECT_FALSE(denied.acquired().acquired());
  const grpc::Status ended = holder.End();
  EXPECT_TRUE(ended.ok()) << ended.error_message();
  drains.join();
  // The application has its connection still.
  EXPECT_EQ((*serving.pools().GetStatus("caps"))[0].in_use, 1u);
}

}  // namespace
}  // namespace outrigger::rpc
