// The breaker over real gRPC: what each method does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "rpc/breaker_serving.h"
#include "support/breaker_fleet.h"
#include "support/collected_spans.h"
#include "support/wait_for.h"

namespace outrigger::rpc {
namespace {

using breaker::v1::AcquireRequest;
using breaker::v1::AcquireResponse;
using breaker::v1::ForceRequest;
using breaker::v1::ForceResponse;
using breaker::v1::ListRequest;
using breaker::v1::ListResponse;
using breaker::v1::Outcome;
using breaker::v1::ReportRequest;
using breaker::v1::ReportResponse;
using breaker::v1::ResetRequest;
using breaker::v1::ResetResponse;
using Stub = BreakerServing::Stub;
using ::testing::HasSubstr;

TEST(BreakerTest, FailuresInARowOpenItAndTheDenialSaysWhy) {
  BreakerServing serving;
  const AcquireResponse first = serving.Acquire("payments");
  EXPECT_TRUE(first.allowed());
  EXPECT_EQ(first.state(), breaker::v1::CLOSED);
  EXPECT_NE(first.permit(), 0);
  EXPECT_NE(first.generation(), 0);
  serving.Trip("payments");
  const AcquireResponse denied = serving.Acquire("payments");
  EXPECT_FALSE(denied.allowed());
  EXPECT_EQ(denied.state(), breaker::v1::OPEN);
  EXPECT_EQ(denied.permit(), 0);
  EXPECT_EQ(denied.reason(), breaker::v1::CONSECUTIVE_FAILURES);
  EXPECT_THAT(denied.message(), HasSubstr("3"));
  EXPECT_TRUE(denied.has_retry_after());
  EXPECT_GT(denied.generation(), first.generation());
  EXPECT_EQ(serving.Report("payments", first, breaker::v1::SUCCESS), 1)
      << "of an older generation";
}

TEST(BreakerTest, AProbeThatSucceedsClosesItAgain) {
  BreakerServing serving(
      {.breakers = {{.name = "payments",
                     .consecutive_failures = 3,
                     .open_for = std::chrono::milliseconds(50),
                     .half_open_probes = 1,
                     .recover_for = Duration::zero()}}});
  serving.Trip("payments");
  AcquireResponse probe;
  ASSERT_TRUE(WaitFor([&] {
    probe = serving.Acquire("payments");
    return probe.allowed();
  }));
  EXPECT_TRUE(probe.probe());
  EXPECT_EQ(probe.state(), breaker::v1::HALF_OPEN);
  const AcquireResponse second = serving.Acquire("payments");
  EXPECT_FALSE(second.allowed());
  EXPECT_EQ(second.reason(), breaker::v1::PROBES_IN_USE);
  EXPECT_EQ(serving.Report("payments", probe, breaker::v1::SUCCESS), 0);
  EXPECT_TRUE(WaitFor([&] {
    return serving.Acquire("payments").state() == breaker::v1::CLOSED;
  }));
}

TEST(BreakerTest, EachMethodHasItsOwn) {
  BreakerServing serving;
  serving.Trip("api", "Charge");
  EXPECT_FALSE(serving.Acquire("api", "Charge").allowed());
  EXPECT_TRUE(serving.Acquire("api", "Refund").allowed());
  EXPECT_TRUE(serving.Acquire("api").allowed());
  ListRequest request;
  request.set_breaker("api");
  ListResponse response;
  ASSERT_TRUE(CallOf(serving.stub(), &Stub::List, request, &response).ok());
  ASSERT_EQ(response.breakers_size(), 3);
  EXPECT_EQ(response.breakers(1).method(), "Charge");
  EXPECT_EQ(response.breakers(1).state(), breaker::v1::OPEN);
  EXPECT_EQ(response.breakers(1).rejected(), 2);
  EXPECT_FALSE(response.breakers(1).opened_by().empty());
}

TEST(BreakerTest, ForceAndResetAreForPeople) {
  BreakerServing serving;
  ForceRequest force;
  force.set_breaker("payments");
  force.set_state(breaker::v1::FORCED_OPEN);
  ForceResponse forced;
  ASSERT_TRUE(CallOf(serving.stub(), &Stub::Force, force, &forced).ok());
  EXPECT_FALSE(forced.degraded());
  const AcquireResponse denied = serving.Acquire("payments");
  EXPECT_EQ(denied.state(), breaker::v1::FORCED_OPEN);
  EXPECT_EQ(denied.reason(), breaker::v1::FORCED);
  EXPECT_FALSE(denied.has_retry_after());
  ResetRequest reset;
  reset.set_breaker("payments");
  ResetResponse done;
  ASSERT_TRUE(CallOf(serving.stub(), &Stub::Reset, reset, &done).ok());
  EXPECT_TRUE(serving.Acquire("payments").allowed());
  for (const breaker::v1::State state :
       {breaker::v1::OPEN, breaker::v1::HALF_OPEN,
        breaker::v1::STATE_UNSPECIFIED, static_cast<breaker::v1::State>(77)}) {
    force.set_state(state);
    const grpc::Status status =
        CallOf(serving.stub(), &Stub::Force, force, &forced);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("state: "));
  }
}

TEST(BreakerTest, CountsOfStubsThatDecideByThemselvesCount) {
  BreakerServing serving;
  ReportRequest request;
  Outcome& outcome = *request.add_outcomes();
  outcome.set_breaker("payments");
  outcome.set_generation(serving.StatusOf("payments").generation());
  outcome.set_result(breaker::v1::SUCCESS);
  outcome.set_count(40);
  ReportResponse response;
  ASSERT_TRUE(CallOf(serving.stub(), &Stub::Report, request, &response).ok());
  EXPECT_EQ(response.dropped(), 0);
  EXPECT_EQ(serving.StatusOf("payments").pod().calls(), 40);
}

TEST(BreakerTest, BadRequestsAreRefusedWithTheirPath) {
  BreakerServing serving;
  const auto refuses = [&](const AcquireRequest& bad, grpc::StatusCode code,
                           const std::string& what) {
    AcquireResponse response;
    const grpc::Status status =
        CallOf(serving.stub(), &Stub::Acquire, bad, &response);
    EXPECT_EQ(status.error_code(), code) << what;
    EXPECT_THAT(status.error_message(), HasSubstr(what));
  };
  AcquireRequest bad;
  bad.set_breaker("nowhere");
  refuses(bad, grpc::StatusCode::NOT_FOUND, "nowhere");
  bad.set_breaker("api");
  bad.set_method(std::string(257, 'm'));
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "method");
  bad.clear_method();
  bad.mutable_timeout()->set_seconds(3601);
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "timeout: ");
  bad.mutable_timeout()->set_seconds(-1);
  refuses(bad, grpc::StatusCode::INVALID_ARGUMENT, "timeout: ");
}

TEST(BreakerTest, ABadOutcomeLeavesNoneCounted) {
  BreakerServing serving;
  ReportRequest request;
  Outcome& good = *request.add_outcomes();
  good.set_breaker("payments");
  good.set_generation(serving.StatusOf("payments").generation());
  good.set_result(breaker::v1::SUCCESS);
  Outcome& bad = *request.add_outcomes();
  const auto refuses = [&](grpc::StatusCode code, const std::string& what) {
    ReportResponse response;
    const grpc::Status status =
        CallOf(serving.stub(), &Stub::Report, request, &response);
    EXPECT_EQ(status.error_code(), code) << what;
    EXPECT_THAT(status.error_message(), HasSubstr(what));
  };
  bad = good;
  bad.clear_result();
  refuses(grpc::StatusCode::INVALID_ARGUMENT, "outcomes[1].result: ");
  bad = good;
  bad.mutable_duration()->set_nanos(-1);
  refuses(grpc::StatusCode::INVALID_ARGUMENT, "outcomes[1].duration: ");
  bad = good;
  bad.set_breaker("nowhere");
  refuses(grpc::StatusCode::NOT_FOUND, "nowhere");
  bad = good;
  bad.set_count(1'000'001);
  refuses(grpc::StatusCode::INVALID_ARGUMENT, "outcomes[1].count: ");
  bad.set_count(2);
  bad.set_permit(1);
  refuses(grpc::StatusCode::INVALID_ARGUMENT, "outcomes[1].count: ");
  for (int i = 0; i < 1000; ++i) *request.add_outcomes() = good;
  refuses(grpc::StatusCode::INVALID_ARGUMENT, "outcomes: 1002; at most 1000");
  EXPECT_EQ(serving.StatusOf("payments").pod().calls(), 0);
}

// A call of Acquire without a server: the test says when its caller goes.
class AcquireCall final : public Pending<grpc::ByteBuffer> {
 public:
  explicit AcquireCall(PermitHandlers& handlers) {
    AcquireRequest request;
    request.set_breaker("b");
    const grpc::Slice slice(request.SerializeAsString());
    handlers.Acquire(grpc::ByteBuffer(&slice, 1), RawCompletion(this));
  }

  void Finish(absl::Status with) override {
    status = std::move(with);
    if (on_finish) on_finish();
  }
  MonotonicTime deadline() const override { return MonotonicTime::max(); }
  void OnClientGone(absl::AnyInvocable<void()> gone) override {
    gone_ = std::move(gone);
  }
  void Go() { gone_(); }

  std::optional<absl::Status> status;
  std::function<void()> on_finish;

 private:
  absl::AnyInvocable<void()> gone_;
};

TEST(BreakerTest, AProbeWhoseCallerGoesBeforeItsAnswerIsGivenBack) {
  BreakerFleet fleet(2);
  for (int i = 0; i < fleet.size(); ++i) fleet[i].Fail(5);
  fleet.Advance(std::chrono::seconds(60));
  PermitHandlers handlers(fleet[0].breakers(), fleet.clock());
  const auto probes_out = [&fleet] { return fleet[1].View().probes_out; };
  AcquireCall answered(handlers);
  ASSERT_TRUE(answered.status->ok());
  EXPECT_EQ(probes_out(), 1u);
  answered.Go();
  EXPECT_EQ(probes_out(), 0u);
  // Before it is granted; and between its grant and its answer.
  fleet[0].link().HoldSwaps();
  AcquireCall first(handlers), second(handlers), third(handlers);
  third.Go();
  EXPECT_TRUE(absl::IsCancelled(*third.status));
  first.on_finish = [&second] { second.Go(); };
  fleet[0].link().LetSwapsGo();
  ASSERT_TRUE(first.status->ok());
  ASSERT_TRUE(second.status.has_value());
  EXPECT_EQ(probes_out(), 1u);
  EXPECT_EQ(fleet[1].View().probes_failed, 0u);
}

TEST(BreakerTest, ADenialIsTracedWithItsReason) {
  CollectedSpans spans;
  BreakerServing serving({.spans = &spans});
  serving.Trip("payments");
  ASSERT_FALSE(serving.Acquire("payments").allowed());
  telemetry::Span denied;
  ASSERT_TRUE(WaitFor([&] {
    for (const telemetry::Span& span : spans.All()) {
      if (!span.events.empty()) denied = span;
    }
    return !denied.events.empty();
  }));
  EXPECT_EQ(AttributeText(denied, "outrigger.breaker.name"), "payments");
  EXPECT_EQ(AttributeText(denied, "outrigger.breaker.allowed"), "false");
  ASSERT_THAT(denied.events, testing::SizeIs(1));
  EXPECT_EQ(denied.events[0].name, "outrigger.breaker.denied");
  std::vector<std::string> keys;
  for (const auto& attribute : denied.events[0].attributes) {
    keys.emplace_back(attribute.key);
  }
  EXPECT_THAT(keys, testing::IsSupersetOf({"outrigger.breaker.state",
                                           "outrigger.breaker.reason",
                                           "outrigger.breaker.generation"}));
}

}  // namespace
}  // namespace outrigger::rpc
