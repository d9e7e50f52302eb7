// What is traced and measured of calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "rpc/serving.h"
#include "support/collected_spans.h"
#include "support/wait_for.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using std::chrono::hours;
using telemetry::Span;
using testing::HasSubstr;

constexpr char kTraceParent[] =
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kAllow[] = "outrigger.ratelimit.v1.RateLimiter/Allow";

class TraceTest : public testing::Test {
 protected:
  void Serve(double ratio, uint32_t notable = 100) {
    Serving::Options options;
    options.limits = {PerUser("three", 3, hours(1), 3)};
    options.tracing.sampler.ratio = ratio;
    options.tracing.notable_per_second = notable;
    options.tracing.baggage_attributes = {"tenant"};
    options.spans = &spans_;
    serving_ = std::make_unique<Serving>(std::move(options));
  }

  grpc::Status Allow(
      const std::vector<std::pair<std::string, std::string>>& metadata = {},
      const std::string& limit = "") {
    grpc::ClientContext context;
    SetPatience(&context);
    for (const auto& [name, value] : metadata) {
      context.AddMetadata(name, value);
    }
    v1::AllowRequest request;
    (*request.mutable_attributes())["user"] = "ann";
    request.set_limit(limit);
    v1::AllowResponse response;
    return serving_->stub().Allow(&context, request, &response);
  }

  // The only span; a span may arrive just after its answer.
  Span OnlySpan() {
    WaitFor([this] { return spans_.All().size() == 1; });
    return spans_.All().at(0);
  }

  CollectedSpans spans_;
  std::unique_ptr<Serving> serving_;
};

TEST_F(TraceTest, ASampledCallIsASpanBelowItsCaller) {
  Serve(0);
  ASSERT_TRUE(Allow({{"traceparent", kTraceParent},
                     {"tracestate", "vendor=1"},
                     {"baggage", "tenant=acme,other=1"}})
                  .ok());
  const Span span = OnlySpan();
  EXPECT_EQ(telemetry::Hex(span.context.trace_id),
            "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(telemetry::SpanIdHex(span.parent.span_id), "00f067aa0ba902b7");
  EXPECT_TRUE(span.parent.remote);
  EXPECT_EQ(span.trace_state, "vendor=1");
  EXPECT_EQ(span.name, kAllow);
  EXPECT_EQ(span.kind, telemetry::SpanKind::kServer);
  EXPECT_FALSE(span.error);
  EXPECT_EQ(AttributeText(span, "rpc.system.name"), "grpc");
  EXPECT_EQ(AttributeText(span, "rpc.method"), kAllow);
  EXPECT_EQ(AttributeText(span, "rpc.status_code"), "OK");
  EXPECT_EQ(AttributeText(span, "network.transport"), "unix");
  EXPECT_EQ(AttributeText(span, "network.peer.address"), serving_->socket());
  EXPECT_EQ(AttributeText(span, "outrigger.allow.limit"), "three");
  EXPECT_EQ(AttributeText(span, "outrigger.allow.allowed"), "true");
  EXPECT_EQ(AttributeText(span, "outrigger.degraded"), "false");
  EXPECT_EQ(AttributeText(span, "baggage.tenant"), "acme");
  EXPECT_EQ(AttributeText(span, "baggage.other"), "");
}

TEST_F(TraceTest, ACallerThatDoesNotTraceIsFollowed) {
  Serve(1);
  std::string unsampled = kTraceParent;
  unsampled.back() = '0';
  ASSERT_TRUE(Allow({{"traceparent", unsampled}}).ok());
  ASSERT_TRUE(Allow().ok());
  EXPECT_FALSE(OnlySpan().parent.valid());  // the second call's
}

TEST_F(TraceTest, DenialsAreTracedWithoutBeingSampled) {
  Serve(0);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Allow().ok());
  EXPECT_TRUE(spans_.All().empty());
  ASSERT_TRUE(Allow().ok());
  const Span span = OnlySpan();
  EXPECT_EQ(AttributeText(span, "outrigger.allow.allowed"), "false");
  EXPECT_EQ(AttributeText(span, "rpc.status_code"), "OK");
  EXPECT_FALSE(span.error);  // a denial is an answer
}

TEST_F(TraceTest, DenialsAreTracedOnlySoOften) {
  Serve(0, /*notable=*/0);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Allow().ok());
  EXPECT_TRUE(spans_.All().empty());
}

TEST_F(TraceTest, MistakesOfTheCallerAreTracedButAreNoErrors) {
  Serve(0);
  EXPECT_EQ(Allow({}, "nonsense").error_code(), grpc::StatusCode::NOT_FOUND);
  const Span span = OnlySpan();
  EXPECT_EQ(AttributeText(span, "rpc.status_code"), "NOT_FOUND");
  EXPECT_FALSE(span.error);
  EXPECT_EQ(AttributeText(span, "error.type"), "");
}

TEST_F(TraceTest, BatchesTellHowManyWereDenied) {
  Serve(0);
  v1::AllowManyRequest request;
  for (int i = 0; i < 5; ++i) {
    (*request.add_requests()->mutable_attributes())["user"] = "ann";
  }
  v1::AllowManyResponse response;
  grpc::ClientContext context;
  SetPatience(&context);
  ASSERT_TRUE(serving_->stub().AllowMany(&context, request, &response).ok());
  const Span span = OnlySpan();
  EXPECT_EQ(AttributeText(span, "outrigger.allow.requests"), "5");
  EXPECT_EQ(AttributeText(span, "outrigger.allow.denied"), "2");
}

TEST_F(TraceTest, MessagesOfAStreamAreSpansOfTheirOwn) {
  Serve(1);
  grpc::ClientContext context;
  SetPatience(&context);
  context.AddMetadata("traceparent", kTraceParent);
  auto stream = serving_->stub().AllowStream(&context);
  v1::AllowStreamRequest request;
  (*request.add_requests()->mutable_attributes())["user"] = "ann";
  v1::AllowStreamResponse response;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
  }
  stream->WritesDone();
  ASSERT_TRUE(stream->Finish().ok());
  WaitFor([this] { return spans_.All().size() == 3; });
  int messages = 0;
  for (const Span& span : spans_.All()) {
    EXPECT_EQ(telemetry::SpanIdHex(span.parent.span_id), "00f067aa0ba902b7");
    messages +=
        span.name == "outrigger.ratelimit.v1.RateLimiter/AllowStream message";
  }
  EXPECT_EQ(messages, 2);
  EXPECT_EQ(
      serving_->Counted(
          telemetry::kRpcMessageDuration,
          {{"rpc.system.name", "grpc"},
           {"rpc.method", "outrigger.ratelimit.v1.RateLimiter/AllowStream"},
           {"rpc.status_code", "OK"}}),
      2);
}

TEST_F(TraceTest, SlowBucketsLeadToATrace) {
  Serve(1);
  ASSERT_TRUE(Allow({{"traceparent", kTraceParent}}).ok());
  WaitFor([this] { return spans_.All().size() == 1; });
  const telemetry::Snapshot all = serving_->registry().Collect();
  const telemetry::Metric* metric =
      telemetry::Find(all, telemetry::kRpcDuration.name);
  ASSERT_NE(metric, nullptr);
  const auto& data =
      std::get<telemetry::HistogramData>(metric->points[0].value);
  ASSERT_EQ(data.exemplars.size(), 1);
  EXPECT_EQ(data.exemplars[0].span.trace_id, OnlySpan().context.trace_id);
  EXPECT_EQ(data.exemplars[0].span.span_id, OnlySpan().context.span_id);
}

}  // namespace
}  // namespace outrigger::rpc
