// Calls that wait: for their tokens, until their deadline, until their caller
// has gone.
#include <gtest/gtest.h>

#include <future>

#include "rpc/serving.h"
#include "support/wait_for.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// One token at a time; the first is there.
Serving::Options OneEvery(std::chrono::microseconds period) {
  return {.limits = {PerUser("slow", 1, period, 1)},
          .limiter = {.max_parked = 2}};
}

v1::AllowRequest Waiting(std::chrono::seconds max_wait) {
  v1::AllowRequest request;
  (*request.mutable_attributes())["user"] = "ann";
  request.mutable_max_wait()->set_seconds(max_wait.count());
  return request;
}

uint64_t Parked(Serving& serving) {
  return serving.limiter().GetStatus().parked;
}

TEST(ParkTest, AWaitEndsWhenTheTokenIsDue) {
  Serving serving(OneEvery(milliseconds(200)));
  v1::AllowResponse response;
  ASSERT_TRUE(serving.Allow("ann", &response).ok());
  grpc::ClientContext context;
  ASSERT_TRUE(serving.stub()
                  .Allow(&context, Waiting(std::chrono::seconds(10)), &response)
                  .ok());
  EXPECT_TRUE(response.allowed());
  EXPECT_TRUE(response.has_waited());
}

TEST(ParkTest, AWaitThatWouldOutliveTheDeadlineIsDeniedAtOnce) {
  Serving serving(OneEvery(hours(1)));
  v1::AllowResponse response;
  ASSERT_TRUE(serving.Allow("ann", &response).ok());
  grpc::ClientContext context;
  SetPatience(&context);
  ASSERT_TRUE(
      serving.stub()
          .Allow(&context, Waiting(std::chrono::seconds(3600)), &response)
          .ok());
  EXPECT_FALSE(response.allowed());
  EXPECT_GT(response.retry_after().seconds(), 30);
}

// Starts a call with no deadline that has to wait for about an hour.
std::future<grpc::Status> StartLongWait(Serving& serving,
                                        grpc::ClientContext* context) {
  return std::async(std::launch::async, [&serving, context] {
    v1::AllowResponse response;
    return serving.stub().Allow(context, Waiting(std::chrono::seconds(3600)),
                                &response);
  });
}

TEST(ParkTest, AClientThatCancelsIsForgotten) {
  Serving serving(OneEvery(std::chrono::minutes(50)));
  v1::AllowResponse response;
  ASSERT_TRUE(serving.Allow("ann", &response).ok());
  grpc::ClientContext context;
  auto call = StartLongWait(serving, &context);
  ASSERT_TRUE(WaitFor([&] { return Parked(serving) == 1; }));
  context.TryCancel();
  EXPECT_EQ(call.get().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(WaitFor([&] { return Parked(serving) == 0; }));
}

TEST(ParkTest, MoreThanMayWaitAreRefused) {
  Serving serving({.limits = {PerUser("slow", 1, std::chrono::minutes(10), 1)},
                   .limiter = {.max_parked = 1}});
  v1::AllowResponse response;
  ASSERT_TRUE(serving.Allow("ann", &response).ok());
  grpc::ClientContext first, second;
  auto call = StartLongWait(serving, &first);
  ASSERT_TRUE(WaitFor([&] { return Parked(serving) == 1; }));
  EXPECT_EQ(StartLongWait(serving, &second).get().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(serving.Counted(telemetry::kAllowRefused, {{"bound", "parked"}}),
            1);
  first.TryCancel();
  call.get();
}

TEST(ParkTest, WhoWaitsWhenTheServerGoesIsCancelled) {
  auto serving = std::make_unique<Serving>(OneEvery(std::chrono::minutes(50)));
  v1::AllowResponse response;
  ASSERT_TRUE(serving->Allow("ann", &response).ok());
  auto stub = v1::RateLimiter::NewStub(serving->Connect());
  grpc::ClientContext context;
  auto call = std::async(std::launch::async, [&] {
    v1::AllowResponse late;
    return stub->Allow(&context, Waiting(std::chrono::seconds(3600)), &late);
  });
  ASSERT_TRUE(WaitFor([&] { return Parked(*serving) == 1; }));
  serving->server().Drain(milliseconds(1));
  EXPECT_FALSE(call.get().ok());
  serving.reset();
}

TEST(ParkTest, ManyAnswersWhenTheLastIsThere) {
  Serving serving(OneEvery(milliseconds(100)));
  v1::AllowManyRequest request;
  for (int i = 0; i < 2; ++i) {
    *request.add_requests() = Waiting(std::chrono::seconds(10));
  }
  (*request.add_requests()->mutable_attributes())["user"] = "bob";
  grpc::ClientContext context;
  SetPatience(&context);
  v1::AllowManyResponse response;
  ASSERT_TRUE(serving.stub().AllowMany(&context, request, &response).ok());
  ASSERT_EQ(response.responses_size(), 3);
  for (const auto& answer : response.responses()) {
    EXPECT_TRUE(answer.allowed());
  }
  EXPECT_FALSE(response.responses(0).has_waited());
  EXPECT_TRUE(response.responses(1).has_waited());
  EXPECT_FALSE(response.responses(2).has_waited());
}

}  // namespace
}  // namespace outrigger::rpc
