#include "otlp/send/outcome.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "otlp/send/endpoint.h"

namespace outrigger::otlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = Outcome::Kind;
using ::testing::HasSubstr;

constexpr WallTime kNow{seconds(784111777)};  // 1994-11-06 08:49:37

std::string Details(Duration delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(delay.count() / 1'000'000'000);
  info.mutable_retry_delay()->set_nanos(
      static_cast<int>(delay.count() % 1'000'000'000));
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  return status.SerializeAsString();
}

TEST(Outcome, OnlySomeCodesAreTriedAgain) {
  using grpc::StatusCode;
  const StatusCode retried[] = {
      StatusCode::CANCELLED,   StatusCode::DEADLINE_EXCEEDED,
      StatusCode::ABORTED,     StatusCode::OUT_OF_RANGE,
      StatusCode::UNAVAILABLE, StatusCode::DATA_LOSS};
  for (int code = 1; code <= 16; ++code) {
    const auto status = static_cast<StatusCode>(code);
    const bool retry =
        std::count(std::begin(retried), std::end(retried), status) == 1;
    EXPECT_EQ(OutcomeOfGrpc(grpc::Status(status, "m"), "").kind,
              retry ? Kind::kRetry : Kind::kRefused)
        << code;
  }
}

TEST(Outcome, ExhaustedIsTriedAgainOnlyIfTheCollectorSaysWhen) {
  const grpc::Status status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full",
                            Details(milliseconds(1500)));
  const Outcome outcome = OutcomeOfGrpc(status, "");
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.retry_after, milliseconds(1500));
  EXPECT_EQ(outcome.error_type, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(outcome.message, "full");
}

TEST(Outcome, AnAbsurdDelayIsCut) {
  for (const Duration delay :
       {Duration(seconds(1'000'000'000)), Duration(-seconds(5))}) {
    const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "",
                              Details(delay));
    const Duration wait = OutcomeOfGrpc(status, "").retry_after;
    EXPECT_GE(wait, Duration::zero());
    EXPECT_LE(wait, std::chrono::hours(1));
  }
}

TEST(Outcome, PartialSuccessIsASuccess) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse answer;
  answer.mutable_partial_success()->set_rejected_spans(3);
  answer.mutable_partial_success()->set_error_message("too old");
  const Outcome outcome =
      OutcomeOfGrpc(grpc::Status::OK, answer.SerializeAsString());
  EXPECT_EQ(outcome.kind, Kind::kAccepted);
  EXPECT_EQ(outcome.rejected, 3);
  EXPECT_EQ(outcome.message, "too old");
  EXPECT_EQ(outcome.error_type, "");
}

TEST(Outcome, NonsenseIsRefused) {
  const Outcome grpc = OutcomeOfGrpc(grpc::Status::OK, "\xff\xff");
  EXPECT_EQ(grpc.kind, Kind::kRefused);
  EXPECT_EQ(grpc.error_type, "bad_answer");
  const Outcome page = OutcomeOfHttp(
      {.code = 200, .content_type = "text/html", .body = "<html>"}, kNow);
  EXPECT_EQ(page.kind, Kind::kRefused);
  EXPECT_THAT(page.message, HasSubstr("text/html"));
}

TEST(Outcome, Http) {
  EXPECT_EQ(OutcomeOfHttp({.code = 200}, kNow).kind, Kind::kAccepted);
  for (const int code : {429, 502, 503, 504}) {
    EXPECT_EQ(OutcomeOfHttp({.code = code}, kNow).kind, Kind::kRetry) << code;
  }
  for (const int code : {301, 307, 400, 401, 404, 413, 500, 501}) {
    EXPECT_EQ(OutcomeOfHttp({.code = code}, kNow).kind, Kind::kRefused) << code;
  }
}

TEST(Outcome, RetryAfterIsSecondsOrADate) {
  const auto wait = [](const std::string& retry_after) {
    return OutcomeOfHttp({.code = 503, .retry_after = retry_after}, kNow)
        .retry_after;
  };
  EXPECT_EQ(wait("7"), seconds(7));
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:40 GMT"), seconds(3));
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:00 GMT"), seconds(0));
  EXPECT_EQ(wait("soon"), seconds(0));
  EXPECT_EQ(wait("-1"), seconds(0));
}

TEST(Endpoint, UrlsAndTargets) {
  const struct {
    const char* text;
    bool insecure;
    Protocol protocol;
    bool tls;
    const char* authority;
    const char* target;
    const char* path;
  } cases[] = {
      {"http://c:4318/v1/traces", false, Protocol::kHttpProtobuf, false,
       "c:4318", "dns:///c:4318", "/v1/traces"},
      {"https://c", false, Protocol::kHttpProtobuf, true, "c", "dns:///c:443",
       "/"},
      {"http://c", false, Protocol::kGrpc, false, "c:4317", "dns:///c:4317",
       "/"},
      {"https://[::1]:1", true, Protocol::kGrpc, true, "[::1]:1",
       "dns:///[::1]:1", "/"},
      {"c:1", false, Protocol::kGrpc, true, "c:1", "dns:///c:1", "/"},
      {"c:1", true, Protocol::kGrpc, false, "c:1", "dns:///c:1", "/"},
      {"dns:4317", true, Protocol::kGrpc, false, "dns:4317", "dns:///dns:4317",
       "/"},
  };
  for (const auto& c : cases) {
    const auto endpoint = ParseEndpoint(
        {.protocol = c.protocol, .endpoint = c.text, .insecure = c.insecure});
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_EQ(endpoint->tls, c.tls) << c.text;
    EXPECT_EQ(endpoint->Authority(), c.authority);
    EXPECT_EQ(endpoint->grpc_target, c.target);
    EXPECT_EQ(endpoint->path, c.path);
  }
  const auto socket =
      ParseEndpoint({.protocol = Protocol::kGrpc, .endpoint = "unix:/run/x"});
  EXPECT_EQ(socket->grpc_target, "unix:/run/x");
  EXPECT_FALSE(socket->tls);
}

TEST(Endpoint, MistakesAreNamed) {
  for (const char* text : {"http://", "http://:1", "http://c:0", "http://c:x",
                           "http://[::1", "ftp://c", "unix:/x"}) {
    const auto endpoint =
        ParseEndpoint({.protocol = Protocol::kHttpProtobuf, .endpoint = text});
    EXPECT_EQ(endpoint.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(endpoint.status().message()), HasSubstr(text));
  }
}

}  // namespace
}  // namespace outrigger::otlp
