// What callers of the rate limiter see: answers, errors, details.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "rpc/serving.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;

class AllowTest : public testing::Test {
 protected:
  grpc::Status Call(const v1::AllowRequest& request) {
    grpc::ClientContext context;
    SetPatience(&context);
    response_.Clear();
    return serving_.stub().Allow(&context, request, &response_);
  }
  grpc::Status CallMany(const v1::AllowManyRequest& request) {
    grpc::ClientContext context;
    SetPatience(&context);
    many_.Clear();
    return serving_.stub().AllowMany(&context, request, &many_);
  }

  Serving serving_{{.limits = {PerUser("three", 3, hours(1), 3),
                               PerUser("six", 6, hours(1), 6)}}};
  v1::AllowResponse response_;
  v1::AllowManyResponse many_;
};

TEST_F(AllowTest, CountsDownAndThenDenies) {
  for (const uint64_t left : {2, 1, 0}) {
    ASSERT_TRUE(serving_.Allow("ann", &response_).ok());
    EXPECT_TRUE(response_.allowed());
    EXPECT_EQ(response_.limit(), "three");
    EXPECT_EQ(response_.remaining(), left);
    EXPECT_FALSE(response_.has_retry_after());
  }
  ASSERT_TRUE(serving_.Allow("ann", &response_).ok());
  EXPECT_FALSE(response_.allowed());
  EXPECT_EQ(response_.limit(), "three");
  EXPECT_GT(response_.retry_after().seconds(), 60);
  ASSERT_TRUE(serving_.Allow("bob", &response_).ok());
  EXPECT_TRUE(response_.allowed());
}

TEST_F(AllowTest, NothingThatMatchesMeansAllowedWithoutALimit) {
  ASSERT_TRUE(Call({}).ok());
  EXPECT_TRUE(response_.allowed());
  EXPECT_EQ(response_.limit(), "");
  EXPECT_FALSE(response_.has_reset_after());
}

TEST_F(AllowTest, DetailHasEveryLimitThatApplied) {
  v1::AllowRequest request;
  (*request.mutable_attributes())["user"] = "ann";
  request.set_detail(true);
  request.set_cost(2);
  ASSERT_TRUE(Call(request).ok());
  ASSERT_EQ(response_.statuses_size(), 2);
  EXPECT_EQ(response_.statuses(0).limit(), "three");
  EXPECT_EQ(response_.statuses(0).remaining(), 1);
  EXPECT_EQ(response_.statuses(0).burst(), 3);
  EXPECT_EQ(response_.statuses(0).window().seconds(), 3600);
  EXPECT_EQ(response_.statuses(1).limit(), "six");
  EXPECT_EQ(response_.statuses(1).remaining(), 4);
}

TEST_F(AllowTest, OneLimitAloneCanDecide) {
  v1::AllowRequest request;
  (*request.mutable_attributes())["user"] = "ann";
  request.set_limit("six");
  request.set_cost(6);
  ASSERT_TRUE(Call(request).ok());
  EXPECT_TRUE(response_.allowed());
  EXPECT_EQ(response_.limit(), "six");
}

TEST_F(AllowTest, ACostAboveTheBurstIsNeverAdmitted) {
  v1::AllowRequest request;
  (*request.mutable_attributes())["user"] = "ann";
  request.set_cost(4);
  ASSERT_TRUE(Call(request).ok());
  EXPECT_FALSE(response_.allowed());
  EXPECT_FALSE(response_.has_retry_after());
}

TEST_F(AllowTest, RefundGivesBack) {
  v1::AllowRequest request;
  (*request.mutable_attributes())["user"] = "ann";
  request.set_cost(3);
  ASSERT_TRUE(Call(request).ok());
  grpc::ClientContext context;
  SetPatience(&context);
  v1::RefundRequest refund;
  (*refund.mutable_attributes())["user"] = "ann";
  refund.set_cost(2);
  v1::RefundResponse refunded;
  ASSERT_TRUE(serving_.stub().Refund(&context, refund, &refunded).ok());
  request.set_cost(2);
  ASSERT_TRUE(Call(request).ok());
  EXPECT_TRUE(response_.allowed());
}

TEST_F(AllowTest, StatusTellsWhatWasDecided) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(serving_.Allow("ann", &response_).ok());
  }
  grpc::ClientContext context;
  SetPatience(&context);
  v1::StatusResponse status;
  ASSERT_TRUE(serving_.stub().Status(&context, {}, &status).ok());
  ASSERT_EQ(status.limits_size(), 2);
  EXPECT_EQ(status.limits(0).limit(), "three");
  EXPECT_EQ(status.limits(0).allowed(), 3);
  EXPECT_EQ(status.limits(0).denied(), 1);
  EXPECT_EQ(status.limits(0).algorithm(), "token_bucket");
  EXPECT_EQ(serving_.Counted(
                telemetry::kRpcDuration,
                {{"rpc.system.name", "grpc"},
                 {"rpc.method", "outrigger.ratelimit.v1.RateLimiter/Allow"},
                 {"rpc.status_code", "OK"}}),
            4);
}

TEST_F(AllowTest, ManyAreDecidedInOrderEachOnItsOwn) {
  v1::AllowManyRequest request;
  for (const uint64_t cost : {2, 2, 1}) {
    v1::AllowRequest* one = request.add_requests();
    (*one->mutable_attributes())["user"] = "ann";
    one->set_cost(cost);
  }
  ASSERT_TRUE(CallMany(request).ok());
  ASSERT_EQ(many_.responses_size(), 3);
  EXPECT_TRUE(many_.responses(0).allowed());
  EXPECT_FALSE(many_.responses(1).allowed());
  EXPECT_TRUE(many_.responses(2).allowed());
}

TEST_F(AllowTest, ABadRequestAmongManyTakesNothing) {
  v1::AllowManyRequest request;
  (*request.add_requests()->mutable_attributes())["user"] = "ann";
  request.add_requests()->set_limit("nine");
  const grpc::Status status = CallMany(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("requests[1].limit: "));
  EXPECT_THAT(status.error_message(), HasSubstr("nine"));
  ASSERT_TRUE(serving_.Allow("ann", &response_).ok());
  EXPECT_EQ(response_.remaining(), 2);
}

TEST_F(AllowTest, ManyMeansOneToAThousand) {
  v1::AllowManyRequest request;
  EXPECT_THAT(CallMany(request).error_message(), HasSubstr("requests: 0"));
  for (int i = 0; i < 1000; ++i) request.add_requests();
  EXPECT_TRUE(CallMany(request).ok());
  EXPECT_EQ(many_.responses_size(), 1000);
  request.add_requests();
  const grpc::Status status = CallMany(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("requests: 1001"));
}

struct BadField {
  std::string message;
  std::function<void(v1::AllowRequest&)> spoil;
};

TEST_F(AllowTest, BadFieldsAreNamedWithWhatIsAllowed) {
  const BadField fields[] = {
      {"attributes: more than 64",
       [](auto& r) {
         for (int i = 0; i < 65; ++i) {
           (*r.mutable_attributes())["a" + std::to_string(i)] = "";
         }
       }},
      {"attributes: a name has 0 bytes",
       [](auto& r) { (*r.mutable_attributes())[""] = "x"; }},
      {"attributes: a name has 129 bytes",
       [](auto& r) { (*r.mutable_attributes())[std::string(129, 'n')] = "x"; }},
      {"attributes[user]: the value has 1025 bytes",
       [](auto& r) {
         (*r.mutable_attributes())["user"] = std::string(1025, 'v');
       }},
      {"cost: 1000000001", [](auto& r) { r.set_cost(1'000'000'001); }},
      {"max_wait: must not be negative",
       [](auto& r) { r.mutable_max_wait()->set_seconds(-1); }},
      {"max_wait: must not be negative",
       [](auto& r) { r.mutable_max_wait()->set_nanos(-1); }},
      {"max_wait: nanos must be below",
       [](auto& r) { r.mutable_max_wait()->set_nanos(1'000'000'000); }},
      {"max_wait: at most one hour",
       [](auto& r) { r.mutable_max_wait()->set_seconds(3601); }},
  };
  for (const BadField& field : fields) {
    v1::AllowManyRequest many;
    many.add_requests();
    field.spoil(*many.add_requests());
    const grpc::Status status = Call(many.requests(1));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), testing::StartsWith(field.message));
    EXPECT_THAT(CallMany(many).error_message(),
                testing::StartsWith("requests[1]." + field.message));
  }
}

TEST_F(AllowTest, AtTheBoundsAllIsWell) {
  v1::AllowRequest request;
  for (int i = 0; i < 64; ++i) {
    const std::string name = std::to_string(i);
    (*request
          .mutable_attributes())[name + std::string(128 - name.size(), 'n')] =
        std::string(1024, 'v');
  }
  request.set_cost(1'000'000'000);
  request.mutable_max_wait()->set_seconds(3600);
  EXPECT_TRUE(Call(request).ok());
}

TEST_F(AllowTest, ReportNeedsAResultAndAnAdaptiveLimit) {
  v1::ReportRequest request;
  v1::ReportResponse response;
  (*request.mutable_attributes())["user"] = "ann";
  grpc::ClientContext first, second;
  grpc::Status status = serving_.stub().Report(&first, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("result: "));
  request.set_result(v1::ReportRequest::SUCCESS);
  status = serving_.stub().Report(&second, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("adaptive"));
}

TEST(AllowBoundsTest, OurOwnBoundIsAnErrorThatSaysWhenToComeBack) {
  Serving serving(
      {.limits = {PerUser("l", 10, hours(1), 10)}, .limiter = {.max_keys = 1}});
  v1::AllowResponse response;
  grpc::Status status;
  for (int i = 0; i < 10'000 && status.ok(); ++i) {
    status = serving.Allow("user" + std::to_string(i), &response);
  }
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_details(), HasSubstr("google.rpc.RetryInfo"));
}

}  // namespace
}  // namespace outrigger::rpc
