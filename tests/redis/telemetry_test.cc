// What is traced and measured of commands, on a real Redis.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "redis/limit_store.h"
#include "redis/net/client.h"
#include "support/await.h"
#include "support/collected_spans.h"
#include "support/redis_server.h"
#include "telemetry/metrics.h"

namespace outrigger::redis {
namespace {

using telemetry::Span;
using testing::HasSubstr;

class RedisTelemetryTest : public testing::Test {
 protected:
  RedisTelemetryTest() { client_->Start(/*hooks=*/nullptr); }

  Options OptionsForServer() {
    Options options;
    options.addresses = {server_.address()};
    options.timeout = std::chrono::milliseconds(500);
    return options;
  }

  // Sends a command for the span `asker`.
  absl::StatusOr<Reply> Ask(std::initializer_list<absl::string_view> words,
                            const telemetry::SpanContext& asker) {
    return Await<absl::StatusOr<Reply>>([&](auto done) {
      const telemetry::ScopedSpan current(asker);
      client_->Send(MakeCommand(words, Command::kAnySlot, std::move(done)));
    });
  }

  // How often the command was measured, with these attributes besides the
  // system's.
  double Measured(telemetry::Attributes attributes) {
    attributes.insert(attributes.begin(), {"db.system.name", "redis"});
    const telemetry::Snapshot all = registry_.Collect();
    const telemetry::Metric* metric =
        telemetry::Find(all, telemetry::kRedisDuration.name);
    if (metric == nullptr) return 0;
    for (const telemetry::Point& point : metric->points) {
      if (*point.attributes == attributes) return telemetry::NumberOf(point);
    }
    return 0;
  }

  RedisServer server_;
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  CollectedSpans spans_;
  telemetry::Tracer tracer_{{}, clock_, random_, &spans_};
  std::unique_ptr<Client> client_ = std::make_unique<Client>(
      OptionsForServer(), clock_, random_, registry_, tracer_);
  const telemetry::SpanContext asker_{{1, 2}, 3, /*sampled=*/true};
};

TEST_F(RedisTelemetryTest, ACommandOfATracedCallIsASpanBelowIt) {
  ASSERT_TRUE(Ask({"SET", "k", "v"}, asker_).ok());
  ASSERT_EQ(spans_.All().size(), 1);
  const Span span = spans_.All()[0];
  EXPECT_EQ(span.context.trace_id, asker_.trace_id);
  EXPECT_EQ(span.parent.span_id, asker_.span_id);
  EXPECT_EQ(span.name, "SET");
  EXPECT_EQ(span.kind, telemetry::SpanKind::kClient);
  EXPECT_EQ(AttributeText(span, "db.system.name"), "redis");
  EXPECT_EQ(AttributeText(span, "db.operation.name"), "SET");
  EXPECT_EQ(AttributeText(span, "server.address"), server_.address().host);
  EXPECT_FALSE(span.error);
  EXPECT_EQ(Measured({{"db.operation.name", "SET"}}), 1);
}

TEST_F(RedisTelemetryTest, ACallThatIsNotTracedLeavesNoSpan) {
  ASSERT_TRUE(Ask({"SET", "k", "v"}, {}).ok());
  EXPECT_TRUE(spans_.All().empty());
  EXPECT_EQ(Measured({{"db.operation.name", "SET"}}), 1);
}

TEST_F(RedisTelemetryTest, AnErrorReplyIsTheSpansError) {
  ASSERT_TRUE(Ask({"SET", "k", "v"}, {}).ok());
  EXPECT_FALSE(Ask({"LPUSH", "k", "v"}, asker_).ok());
  const Span span = spans_.All().at(0);
  EXPECT_TRUE(span.error);
  EXPECT_EQ(AttributeText(span, "db.response.status_code"), "WRONGTYPE");
  EXPECT_EQ(AttributeText(span, "error.type"), "WRONGTYPE");
  EXPECT_EQ(
      Measured({{"db.operation.name", "LPUSH"}, {"error.type", "WRONGTYPE"}}),
      1);
}

TEST_F(RedisTelemetryTest, ScriptsAreNamed) {
  LimitStore store(OptionsForServer(), clock_, random_, registry_, tracer_);
  store::TakeRequest request;
  request.items.resize(1);
  request.items[0].bucket.key = "k";
  request.items[0].bucket.shape.tokens = 5;
  request.items[0].bucket.shape.burst = 5;
  request.items[0].bucket.shape.period_us = 1'000'000;
  request.items[0].cost = 1;
  const auto reply = Await<absl::StatusOr<store::TakeReply>>([&](auto done) {
    const telemetry::ScopedSpan current(asker_);
    store.Take(request, std::move(done));
  });
  ASSERT_TRUE(reply.ok()) << reply.status();
  bool found = false;
  for (const Span& span : spans_.All()) {
    found |= AttributeText(span, "db.stored_procedure.name") == "take_one" &&
             span.name == "EVALSHA" && span.parent == asker_;
  }
  EXPECT_TRUE(found);
}

TEST_F(RedisTelemetryTest, AServerThatIsGoneIsNamedAsTheError) {
  ASSERT_TRUE(Ask({"SET", "k", "v"}, {}).ok());
  server_.Kill();
  EXPECT_FALSE(Ask({"GET", "k"}, asker_).ok());
  const Span span = spans_.All().at(0);
  EXPECT_TRUE(span.error);
  EXPECT_THAT(AttributeText(span, "error.type"),
              testing::AnyOf("unavailable", "timeout"));
  EXPECT_EQ(client_->in_flight(), 0);
}

}  // namespace
}  // namespace outrigger::redis
