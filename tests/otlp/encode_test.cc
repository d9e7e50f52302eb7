#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "otlp/encode/attributes.h"
#include "otlp/encode/logs.h"
#include "otlp/encode/spans.h"
#include "otlp/encode_testing.h"

namespace outrigger::otlp {
namespace {

namespace collector = opentelemetry::proto::collector;
namespace trace = opentelemetry::proto::trace::v1;

trace::ScopeSpans Decoded(const std::vector<telemetry::Span>& spans,
                          const SpanLimits& limits = {}) {
  collector::trace::v1::ExportTraceServiceRequest request;
  EXPECT_TRUE(
      request.ParseFromString(EncodeSpans(TestOrigin(), limits, spans)));
  EXPECT_EQ(request.resource_spans_size(), 1);
  EXPECT_EQ(request.resource_spans(0).scope_spans_size(), 1);
  return request.resource_spans(0).scope_spans(0);
}

TEST(Origin, SaysWhoSends) {
  collector::trace::v1::ExportTraceServiceRequest request;
  request.ParseFromString(
      EncodeSpans(TestOrigin(), {}, std::vector<telemetry::Span>(1)));
  const auto& attributes = request.resource_spans(0).resource().attributes();
  EXPECT_EQ(TextOf(attributes, "service.name"), "shop");
  EXPECT_EQ(TextOf(attributes, "telemetry.sdk.name"), "outrigger");
  EXPECT_EQ(TextOf(attributes, "telemetry.sdk.language"), "cpp");
  const std::string id = TextOf(attributes, "service.instance.id");
  EXPECT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}"
                                          "-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  const auto& scope = request.resource_spans(0).scope_spans(0).scope();
  EXPECT_EQ(scope.name(), "outrigger");
  EXPECT_FALSE(scope.version().empty());
}

TEST(Origin, GivenAttributesStay) {
  PseudoRandomSource random(1);
  const Origin origin =
      MakeOrigin({{"service.instance.id", "me"}, {"host.name", "h"}}, random);
  EXPECT_EQ(TextOf(origin.resource.attributes(), "service.instance.id"), "me");
  EXPECT_EQ(TextOf(origin.resource.attributes(), "host.name"), "h");
}

telemetry::Span FullSpan() {
  telemetry::Span span;
  span.context = Context(7, false);
  span.parent = Context(6, true);
  span.trace_state = "a=b";
  span.name = "pkg.Svc/Method";
  span.kind = telemetry::SpanKind::kServer;
  span.start = kStart;
  span.duration = std::chrono::milliseconds(5);
  span.attributes = {{"flag", true},
                     {"whole", int64_t{-3}},
                     {"number", 1.5},
                     {"constant", absl::string_view("c")},
                     {"text", std::string("t")}};
  span.events.push_back({"retry", kStart + Duration(9), {{"n", int64_t{1}}}});
  span.links.push_back(Context(5, true));
  span.dropped_events = 2;
  span.dropped_links = 3;
  span.error = true;
  span.error_message = "went wrong";
  return span;
}

TEST(EncodeSpans, KeepsEveryField) {
  const trace::ScopeSpans scope = Decoded({FullSpan()});
  ASSERT_EQ(scope.spans_size(), 1);
  const trace::Span& span = scope.spans(0);
  const std::string trace_id =
      "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";
  EXPECT_EQ(span.trace_id(), trace_id);
  EXPECT_EQ(span.span_id(), std::string("\0\0\0\0\0\0\0\x07", 8));
  EXPECT_EQ(span.parent_span_id(), std::string("\0\0\0\0\0\0\0\x06", 8));
  EXPECT_EQ(span.trace_state(), "a=b");
  EXPECT_EQ(span.flags(), 0x301u);
  EXPECT_EQ(span.name(), "pkg.Svc/Method");
  EXPECT_EQ(span.kind(), trace::Span::SPAN_KIND_SERVER);
  EXPECT_EQ(span.start_time_unix_nano(), 1'700'000'000'000'000'000u);
  EXPECT_EQ(span.end_time_unix_nano(), 1'700'000'000'005'000'000u);
  ASSERT_EQ(span.attributes_size(), 5);
  EXPECT_TRUE(span.attributes(0).value().bool_value());
  EXPECT_EQ(span.attributes(1).value().int_value(), -3);
  EXPECT_EQ(span.attributes(2).value().double_value(), 1.5);
  EXPECT_EQ(TextOf(span.attributes(), "constant"), "c");
  EXPECT_EQ(TextOf(span.attributes(), "text"), "t");
  ASSERT_EQ(span.events_size(), 1);
  EXPECT_EQ(span.events(0).name(), "retry");
  EXPECT_EQ(span.events(0).time_unix_nano(), 1'700'000'000'000'000'009u);
  EXPECT_EQ(span.events(0).attributes(0).value().int_value(), 1);
  ASSERT_EQ(span.links_size(), 1);
  EXPECT_EQ(span.links(0).trace_id(), trace_id);
  EXPECT_EQ(span.links(0).span_id(), std::string("\0\0\0\0\0\0\0\x05", 8));
  EXPECT_EQ(span.links(0).flags(), 0x301u);
  EXPECT_EQ(span.dropped_events_count(), 2u);
  EXPECT_EQ(span.dropped_links_count(), 3u);
  EXPECT_EQ(span.status().code(), trace::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(span.status().message(), "went wrong");
}

TEST(EncodeSpans, ARootHasNoParent) {
  telemetry::Span span;
  span.context = Context(1, false);
  const trace::Span out = Decoded({span}).spans(0);
  EXPECT_EQ(out.parent_span_id(), "");
  EXPECT_EQ(out.flags(), 0x101u);
  EXPECT_EQ(out.kind(), trace::Span::SPAN_KIND_INTERNAL);
  EXPECT_FALSE(out.has_status());
}

TEST(EncodeSpans, StaysWithinItsLimits) {
  SpanLimits limits;
  limits.attributes = 2;
  limits.value_length = 3;
  limits.events = 0;
  limits.links = 0;
  telemetry::Span span = FullSpan();
  span.attributes = {{"a", std::string("abcdef")},
                     {"b", std::string("ab\u00e9")},
                     {"c", true}};
  const trace::Span out = Decoded({span}, limits).spans(0);
  ASSERT_EQ(out.attributes_size(), 2);
  EXPECT_EQ(out.attributes(0).value().string_value(), "abc");
  EXPECT_EQ(out.attributes(1).value().string_value(), "ab");
  EXPECT_EQ(out.dropped_attributes_count(), 1u);
  EXPECT_EQ(out.events_size(), 0);
  EXPECT_EQ(out.dropped_events_count(), 3u);
  EXPECT_EQ(out.dropped_links_count(), 4u);
}

TEST(EncodeSpans, KeysAreUniqueAndTheLastOneWins) {
  telemetry::Span span;
  span.attributes = {{"a", int64_t{1}}, {"b", true}, {"a", int64_t{2}}};
  const trace::Span out = Decoded({span}).spans(0);
  ASSERT_EQ(out.attributes_size(), 2);
  EXPECT_EQ(out.attributes(1).key(), "a");
  EXPECT_EQ(out.attributes(1).value().int_value(), 2);
}

TEST(Clean, GivesUtf8WhateverComes) {
  EXPECT_EQ(Clean("plain", 100), "plain");
  EXPECT_EQ(Clean("\u00e9\u20ac\U0001F600", 100), "\u00e9\u20ac\U0001F600");
  EXPECT_EQ(Clean("a\xff\xc0\x80z", 100), "a???z");
  EXPECT_EQ(Clean("\xed\xa0\x80", 100), "???");       // a surrogate
  EXPECT_EQ(Clean("\xf4\x90\x80\x80", 100), "????");  // above U+10FFFF
  EXPECT_EQ(Clean("\xe2\x82", 100), "??");            // cut off
  EXPECT_EQ(Clean("\u20ac\u20ac", 5), "\u20ac");
}

TEST(EncodeLogs, KeepsEveryField) {
  telemetry::LogRecord record;
  record.time = kStart;
  record.level = telemetry::LogLevel::kWarning;
  record.part = "redis";
  record.message = "lost";
  record.fields = {{"node", "h:1"}};
  record.span = Context(4, false);
  collector::logs::v1::ExportLogsServiceRequest request;
  ASSERT_TRUE(request.ParseFromString(
      EncodeLogs(TestOrigin(), {}, std::vector<telemetry::LogRecord>{record})));
  const auto& out = request.resource_logs(0).scope_logs(0).log_records(0);
  EXPECT_EQ(out.time_unix_nano(), 1'700'000'000'000'000'000u);
  EXPECT_EQ(out.observed_time_unix_nano(), 1'700'000'000'000'000'000u);
  EXPECT_EQ(out.severity_number(), 13);
  EXPECT_EQ(out.severity_text(), "WARN");
  EXPECT_EQ(out.body().string_value(), "lost");
  EXPECT_EQ(TextOf(out.attributes(), "outrigger.part"), "redis");
  EXPECT_EQ(TextOf(out.attributes(), "node"), "h:1");
  EXPECT_EQ(out.trace_id().size(), 16u);
  EXPECT_EQ(out.span_id(), std::string("\0\0\0\0\0\0\0\x04", 8));
  EXPECT_EQ(out.flags(), 1u);
}

}  // namespace
}  // namespace outrigger::otlp
