// The cache's bounds over real gRPC: sizes, bad requests, calls that wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rpc/cache_serving.h"
#include "support/wait_for.h"
#include "telemetry/cache_metrics.h"

namespace outrigger::rpc {
namespace {

using cache::v1::GetManyRequest;
using cache::v1::GetManyResponse;
using cache::v1::GetRequest;
using cache::v1::GetResponse;
using cache::v1::InvalidateRequest;
using cache::v1::InvalidateResponse;
using cache::v1::SetManyRequest;
using cache::v1::SetManyResponse;
using cache::v1::SetRequest;
using cache::v1::SetResponse;
using Stub = CacheServing::Api::Stub;
using ::testing::HasSubstr;

TEST(CacheBoundsTest, ValuesOfEightMebibytesGoThrough) {
  CacheServing serving;
  std::string value(8 << 20, '\0');
  for (size_t i = 0; i < value.size(); ++i) {
    value[i] = static_cast<char>(i * 2654435761u >> 13);
  }
  ASSERT_TRUE(serving.Set("large", value).stored());
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(serving.Get("large").value() == value);
  GetManyRequest two;
  *two.add_requests() = GetOf("large");
  *two.add_requests() = GetOf("large");
  GetManyResponse response;
  ASSERT_TRUE(Call(serving, &Stub::GetMany, two, &response).ok());
  EXPECT_TRUE(response.responses(0).value() == value);
  EXPECT_TRUE(response.responses(1).value() == value);
  SetRequest more = SetOf("large", value + "x");
  SetResponse refused;
  const grpc::Status status = Call(serving, &Stub::Set, more, &refused);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("value: "));
}

TEST(CacheBoundsTest, MoreThanFitsIntoOneAnswerIsRefusedAndItsLoadsAreOthers) {
  CacheServing serving;
  ASSERT_TRUE(serving.Set("large", std::string(8 << 20, 'x')).stored());
  GetManyRequest nine;
  for (int i = 0; i < 9; ++i) *nine.add_requests() = GetOf("large");
  *nine.add_requests() = GetOf("ann");
  GetManyResponse response;
  const grpc::Status status = Call(serving, &Stub::GetMany, nine, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("67108864"));
  EXPECT_FALSE(serving.Get("ann").fill_token().empty());
}

TEST(CacheBoundsTest, BadRequestsAreRefusedWithTheirPath) {
  CacheServing serving;
  const auto refuses = [&](const SetRequest& bad, const std::string& path) {
    SetResponse response;
    const grpc::Status status = Call(serving, &Stub::Set, bad, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << path;
    EXPECT_THAT(status.error_message(), HasSubstr(path));
    SetManyRequest many;
    *many.add_requests() = SetOf("first", "1");
    *many.add_requests() = bad;
    SetManyResponse responses;
    EXPECT_THAT(Call(serving, &Stub::SetMany, many, &responses).error_message(),
                HasSubstr("requests[1]." + path));
  };
  refuses(SetOf("", "x"), "key: ");
  refuses(SetOf(std::string(1025, 'k'), "x"), "key: ");
  SetRequest bad = SetOf("k", "x");
  bad.mutable_ttl()->set_seconds(-1);
  refuses(bad, "ttl: ");
  bad = SetOf("k", "x");
  bad.mutable_ttl()->set_seconds(int64_t{1} << 62);
  refuses(bad, "ttl: ");
  bad = SetOf("k", "x");
  bad.mutable_stale_for()->set_nanos(1'000'000'000);
  refuses(bad, "stale_for: ");
  bad = SetOf("k", "x");
  for (int i = 0; i < 17; ++i) bad.add_tags("t");
  refuses(bad, "tags: ");
  bad = SetOf("k", "x");
  bad.add_tags("");
  refuses(bad, "tags[0]: ");
  bad = SetOf("k", "x");
  bad.set_fill_token("");
  refuses(bad, "fill_token: ");
  bad = SetOf("k", "x");
  bad.set_fill_token("nonsense");
  SetResponse response;
  EXPECT_EQ(Call(serving, &Stub::Set, bad, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  bad = SetOf("k", "x");
  bad.set_if_version(0);
  refuses(bad, "if_version: ");
  bad = SetOf("k", "x");
  bad.set_if_absent(false);
  refuses(bad, "if_absent: ");
  bad = SetOf("k", "x");
  bad.set_absent(true);
  refuses(bad, "value: ");
  GetRequest look = GetOf("first");
  look.set_no_fill(true);
  EXPECT_EQ(serving.Get(look).status(), cache::v1::MISS);
}

TEST(CacheBoundsTest, BadGetsAreRefusedWithTheirPath) {
  CacheServing serving;
  const auto refuses = [&](const GetRequest& bad, grpc::StatusCode code,
                           const std::string& path) {
    GetResponse response;
    const grpc::Status status = Call(serving, &Stub::Get, bad, &response);
    EXPECT_EQ(status.error_code(), code) << path;
    EXPECT_THAT(status.error_message(), HasSubstr(path));
    GetManyRequest many;
    *many.add_requests() = GetOf("first");
    *many.add_requests() = bad;
    GetManyResponse responses;
    EXPECT_THAT(Call(serving, &Stub::GetMany, many, &responses).error_message(),
                HasSubstr("requests[1]." + path));
  };
  refuses(GetOf(""), grpc::StatusCode::INVALID_ARGUMENT, "key: ");
  GetRequest bad = GetOf("k");
  bad.mutable_max_wait()->set_seconds(3601);
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "max_wait: ");
  bad.mutable_max_wait()->set_seconds(-1);
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "max_wait: ");
  bad = GetOf("k");
  bad.set_namespace_("nowhere");
  refuses(bad, grpc::StatusCode::NOT_FOUND, "namespace: ");
  GetManyResponse responses;
  EXPECT_THAT(Call(serving, &Stub::GetMany, GetManyRequest(), &responses)
                  .error_message(),
              HasSubstr("requests: 0; 1 to 1000"));
  InvalidateResponse invalidated;
  InvalidateRequest nothing;
  nothing.set_namespace_("profiles");
  EXPECT_EQ(
      Call(serving, &Stub::Invalidate, nothing, &invalidated).error_code(),
      grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(CacheBoundsTest, ACallerWhoGoesLeavesNothingThatWaits) {
  CacheServing serving;
  ASSERT_FALSE(serving.Get("ann").fill_token().empty());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  auto waits = serving.stub().AsyncGet(&context, GetOf("ann"), &queue);
  GetResponse response;
  grpc::Status status;
  waits->Finish(&response, &status, nullptr);
  const auto waiting = [&] {
    return serving.Counted(telemetry::kCacheWaiting, {});
  };
  EXPECT_TRUE(WaitFor([&] { return waiting() == 1; }));
  context.TryCancel();
  EXPECT_TRUE(WaitFor([&] { return waiting() == 0; }));
  void* tag;
  bool ok;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
}

TEST(CacheBoundsTest, MoreWaitingThanMayIsRefused) {
  CacheServing serving({.bounds = {.max_parked = 1}});
  ASSERT_FALSE(serving.Get("ann").fill_token().empty());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  auto waits = serving.stub().AsyncGet(&context, GetOf("ann"), &queue);
  GetResponse response;
  grpc::Status status;
  waits->Finish(&response, &status, nullptr);
  EXPECT_TRUE(WaitFor(
      [&] { return serving.Counted(telemetry::kCacheWaiting, {}) == 1; }));
  GetResponse refused;
  EXPECT_EQ(Call(serving, &Stub::Get, GetOf("ann"), &refused).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  context.TryCancel();
  void* tag;
  bool ok;
  ASSERT_TRUE(queue.Next(&tag, &ok));
}

}  // namespace
}  // namespace outrigger::rpc
