// The pool over real gRPC: what each unary method does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "rpc/pool_serving.h"
#include "support/collected_spans.h"
#include "support/wait_for.h"

namespace outrigger::rpc {
namespace {

using pool::v1::AcquireRequest;
using pool::v1::AcquireResponse;
using pool::v1::PickRequest;
using pool::v1::PickResponse;
using pool::v1::ReleaseRequest;
using pool::v1::ReleaseResponse;
using pool::v1::RenewRequest;
using pool::v1::RenewResponse;
using pool::v1::ReportLoadRequest;
using pool::v1::ReportLoadResponse;
using Stub = PoolServing::Stub;
using ::testing::HasSubstr;

// A call that waits; its answer comes through a queue.
struct Waiting {
  Waiting(Stub& stub, const AcquireRequest& request) {
    SetPatience(&context);
    reader = stub.AsyncAcquire(&context, request, &queue);
    reader->Finish(&response, &status, nullptr);
  }
  void Await() {
    void* tag;
    bool ok;
    ASSERT_TRUE(queue.Next(&tag, &ok));
  }

  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  std::unique_ptr<grpc::ClientAsyncResponseReader<AcquireResponse>> reader;
  AcquireResponse response;
  grpc::Status status;
};

AcquireRequest Patient(const std::string& pool) {
  AcquireRequest request;
  request.set_pool(pool);
  request.mutable_max_wait()->set_seconds(3600);
  return request;
}

TEST(PoolTest, ASlotHasALeaseATokenAndAnEndpoint) {
  PoolServing serving;
  AcquireRequest request;
  request.set_pool("db");
  request.set_role(pool::v1::PRIMARY);
  const AcquireResponse first = serving.Acquire(request);
  EXPECT_TRUE(first.acquired());
  EXPECT_NE(first.lease_id(), 0);
  EXPECT_EQ(first.endpoint().address(), "10.0.0.1:5432");
  EXPECT_EQ(first.endpoint().zone(), "a");
  EXPECT_EQ(first.endpoint().role(), pool::v1::PRIMARY);
  EXPECT_GT(first.expires_after().seconds(), 0);
  const AcquireResponse second = serving.Acquire("db");
  EXPECT_GT(second.fencing_token(), first.fencing_token());
  EXPECT_EQ(serving.StatusOf("db").in_use(), 2);
  EXPECT_TRUE(serving.Release(first.lease_id()));
  EXPECT_FALSE(serving.Release(first.lease_id())) << "twice is no error";
  EXPECT_EQ(serving.StatusOf("db").in_use(), 1);
  EXPECT_FALSE(serving.Acquire("caps").has_endpoint());
}

TEST(PoolTest, NoSlotIsAnAnswerWithAReasonAndAdvice) {
  PoolServing serving;
  ASSERT_TRUE(serving.Acquire("caps").acquired());
  AcquireRequest request;
  request.set_pool("caps");
  request.mutable_max_wait();
  const AcquireResponse none = serving.Acquire(request);
  EXPECT_FALSE(none.acquired());
  EXPECT_EQ(none.reason(), pool::v1::TIMEOUT);
  EXPECT_EQ(none.advice(), pool::v1::RETRY);
  EXPECT_TRUE(none.has_retry_after());
  request.set_attempt(100);
  EXPECT_EQ(serving.Acquire(request).advice(), pool::v1::FALL_BACK);
}

TEST(PoolTest, WhoWaitsGetsWhatIsReleased) {
  PoolServing serving;
  const AcquireResponse held = serving.Acquire("caps");
  Waiting waiting(serving.stub(), Patient("caps"));
  ASSERT_TRUE(WaitFor([&] { return serving.StatusOf("caps").waiting() == 1; }));
  EXPECT_TRUE(serving.Release(held.lease_id()));
  waiting.Await();
  EXPECT_TRUE(waiting.status.ok());
  EXPECT_TRUE(waiting.response.acquired());
  EXPECT_GT(waiting.response.fencing_token(), held.fencing_token());
  EXPECT_TRUE(waiting.response.has_waited());
}

TEST(PoolTest, ACallerWhosePatienceEndsIsAnsweredBeforeItsDeadline) {
  PoolServing serving;
  ASSERT_TRUE(serving.Acquire("caps").acquired());
  // On a machine that is too busy the answer may come too late all the same.
  EXPECT_TRUE(WaitFor([&serving] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(400));
    AcquireRequest request;
    request.set_pool("caps");
    AcquireResponse response;
    const grpc::Status status =
        serving.stub().Acquire(&context, request, &response);
    return status.ok() && response.reason() == pool::v1::TIMEOUT;
  }));
}

TEST(PoolTest, ACallerWhoHasGoneWaitsNoMoreAndHoldsNothing) {
  PoolServing serving;
  const AcquireResponse held = serving.Acquire("caps");
  Waiting waiting(serving.stub(), Patient("caps"));
  ASSERT_TRUE(WaitFor([&] { return serving.StatusOf("caps").waiting() == 1; }));
  waiting.context.TryCancel();
  waiting.Await();
  EXPECT_EQ(waiting.status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(WaitFor([&] { return serving.StatusOf("caps").waiting() == 0; }));
  EXPECT_TRUE(serving.Release(held.lease_id()));
  EXPECT_TRUE(serving.Acquire("caps").acquired());
}

// Callers cancel while slots come free: a slot whose answer is not sent any
// more is free at once, and one whose answer nobody reads when its lease ends.
TEST(PoolTest, NoSlotIsLostToCallersWhoGoAsTheyAreAnswered) {
  PoolServing serving({.pools = {{.name = "caps",
                                  .max_connections = 1,
                                  .lease = std::chrono::seconds(1)}}});
  for (int i = 0; i < 20; ++i) {
    const AcquireResponse held = serving.Acquire(Patient("caps"));
    ASSERT_TRUE(held.acquired());
    Waiting waiting(serving.stub(), Patient("caps"));
    ASSERT_TRUE(
        WaitFor([&] { return serving.StatusOf("caps").waiting() == 1; }));
    std::thread releases([&] { serving.Release(held.lease_id()); });
    waiting.context.TryCancel();
    waiting.Await();
    releases.join();
    if (waiting.status.ok()) serving.Release(waiting.response.lease_id());
    ASSERT_TRUE(
        WaitFor([&] { return serving.StatusOf("caps").in_use() == 0; }));
  }
}

TEST(PoolTest, ALeaseIsRenewedUntilItIsReleased) {
  PoolServing serving;
  RenewRequest request;
  request.set_lease_id(serving.Acquire("db").lease_id());
  RenewResponse response;
  ASSERT_TRUE(CallOf(serving.stub(), &Stub::Renew, request, &response).ok());
  EXPECT_GT(response.expires_after().seconds(), 0);
  serving.Release(request.lease_id());
  EXPECT_EQ(
      CallOf(serving.stub(), &Stub::Renew, request, &response).error_code(),
      grpc::StatusCode::NOT_FOUND);
}

TEST(PoolTest, PickTakesNoSlotAndLoadIsHeeded) {
  PoolServing serving;
  ReportLoadRequest load;
  load.set_pool("db");
  load.set_address("10.0.0.1:5432");
  load.set_cpu(0.95);
  ReportLoadResponse taken;
  ASSERT_TRUE(CallOf(serving.stub(), &Stub::ReportLoad, load, &taken).ok());
  PickRequest pick;
  pick.set_pool("db");
  for (int i = 0; i < 10; ++i) {
    PickResponse response;
    ASSERT_TRUE(CallOf(serving.stub(), &Stub::Pick, pick, &response).ok());
    EXPECT_EQ(response.endpoint().address(), "10.0.0.2:5432");
  }
  EXPECT_EQ(serving.StatusOf("db").in_use(), 0);
  EXPECT_EQ(serving.StatusOf("db").endpoints(0).health(),
            pool::v1::EndpointStatus::OVERLOADED);
  pick.set_role(pool::v1::SHARD);
  pick.set_session_key("user 42");
  PickResponse none;
  ASSERT_TRUE(CallOf(serving.stub(), &Stub::Pick, pick, &none).ok());
  EXPECT_FALSE(none.has_endpoint());
  EXPECT_EQ(none.reason(), pool::v1::NO_ENDPOINT);
}

TEST(PoolTest, BadAcquiresAreRefusedWithTheirPath) {
  PoolServing serving;
  const auto refuses = [&](const AcquireRequest& bad, grpc::StatusCode code,
                           const std::string& what) {
    AcquireResponse response;
    const grpc::Status status =
        CallOf(serving.stub(), &Stub::Acquire, bad, &response);
    EXPECT_EQ(status.error_code(), code) << what;
    EXPECT_THAT(status.error_message(), HasSubstr(what));
  };
  AcquireRequest bad;
  bad.set_pool("nowhere");
  refuses(bad, grpc::StatusCode::NOT_FOUND, "nowhere");
  bad.set_pool("db");
  bad.set_role(static_cast<pool::v1::Role>(9));
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "role: ");
  bad.clear_role();
  bad.set_session_key(std::string(1025, 'k'));
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "session_key: ");
  bad.clear_session_key();
  bad.mutable_max_wait()->set_seconds(3601);
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "max_wait: ");
  bad.clear_max_wait();
  for (int i = 0; i < 17; ++i) bad.add_avoid("a:1");
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "avoid: 17; at most 16");
}

TEST(PoolTest, BadReleasesAndLoadsAreRefusedWithTheirPath) {
  PoolServing serving;
  ReleaseRequest release;
  release.set_result(static_cast<pool::v1::Result>(7));
  ReleaseResponse released;
  const grpc::Status bad =
      CallOf(serving.stub(), &Stub::Release, release, &released);
  EXPECT_EQ(bad.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(bad.error_message(), HasSubstr("result: "));
  ReportLoadRequest load;
  load.set_pool("db");
  load.set_address("10.0.0.9:1");
  ReportLoadResponse taken;
  EXPECT_EQ(
      CallOf(serving.stub(), &Stub::ReportLoad, load, &taken).error_code(),
      grpc::StatusCode::NOT_FOUND);
  load.set_memory(1.5);
  EXPECT_THAT(
      CallOf(serving.stub(), &Stub::ReportLoad, load, &taken).error_message(),
      HasSubstr("memory: must be 0 to 1"));
  load.clear_memory();
  load.set_requests_per_second(-1);
  EXPECT_THAT(
      CallOf(serving.stub(), &Stub::ReportLoad, load, &taken).error_message(),
      HasSubstr("requests_per_second: must be 0 or more"));
}

TEST(PoolTest, TheLongestLeasesHaveTheirHoldersTraces) {
  CollectedSpans spans;
  PoolServing serving({.spans = &spans});
  grpc::ClientContext context;
  SetPatience(&context);
  context.AddMetadata(
      "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  AcquireRequest request;
  request.set_pool("db");
  AcquireResponse response;
  ASSERT_TRUE(serving.stub().Acquire(&context, request, &response).ok());
  const pool::v1::PoolStatus status = serving.StatusOf("db");
  ASSERT_EQ(status.longest_held_size(), 1);
  EXPECT_EQ(status.longest_held(0).lease_id(), response.lease_id());
  EXPECT_EQ(status.longest_held(0).trace_id(),
            "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(status.longest_held(0).address(), response.endpoint().address());
  ASSERT_TRUE(WaitFor([&] { return !spans.All().empty(); }));
  EXPECT_EQ(AttributeText(spans.All()[0], "outrigger.pool.name"), "db");
  EXPECT_EQ(AttributeText(spans.All()[0], "outrigger.pool.endpoint"),
            response.endpoint().address());
}

}  // namespace
}  // namespace outrigger::rpc
