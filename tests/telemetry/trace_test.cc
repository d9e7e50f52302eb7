// Span contexts on the wire, sampling, and spans under way.
#include <cmath>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/collected_spans.h"
#include "support/fake_clock.h"
#include "telemetry/trace/baggage.h"
#include "telemetry/trace/sampler.h"
#include "telemetry/trace/span_context.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// The example of the W3C's specification.
constexpr char kTraceParent[] =
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceParent, IsReadAndWritten) {
  const auto context = ParseTraceParent(kTraceParent);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(Hex(context->trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(SpanIdHex(context->span_id), "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled);
  EXPECT_TRUE(context->remote);
  EXPECT_EQ(FormatTraceParent(*context), kTraceParent);
  EXPECT_EQ(Bytes(context->trace_id).size(), 16);
  EXPECT_EQ(Bytes(context->trace_id)[0], '\x4b');
  EXPECT_EQ(SpanIdBytes(context->span_id)[7], '\xb7');
}

TEST(TraceParent, OfALaterVersionIsReadAsFarAsItIsKnown) {
  EXPECT_TRUE(
      ParseTraceParent(
          "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what")
          .has_value());
}

TEST(TraceParent, MalformedOnesAreNone) {
  for (const char* bad : {
           "",
           "00",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
           "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
       }) {
    EXPECT_FALSE(ParseTraceParent(bad).has_value()) << bad;
  }
}

TEST(TraceState, PassesIfWellFormed) {
  EXPECT_EQ(ValidTraceState("a=1,b=2"), "a=1,b=2");
  EXPECT_EQ(ValidTraceState(""), "");
  EXPECT_EQ(ValidTraceState("a"), "");
  EXPECT_EQ(ValidTraceState("=1"), "");
  EXPECT_EQ(ValidTraceState("a=\x01"), "");
  EXPECT_EQ(ValidTraceState("a=" + std::string(600, 'x')), "");
  std::string many = "a=1";
  for (int i = 0; i < 32; ++i) many += ",a=1";
  EXPECT_EQ(ValidTraceState(many), "");
}

TEST(Baggage, GivesTheEntriesThatAreWanted) {
  EXPECT_THAT(
      PickBaggage("tenant=ac%20me;prop=1, user = 42 ,x=y", {"tenant", "user"}),
      ElementsAre(Pair("baggage.tenant", "ac me"), Pair("baggage.user", "42")));
  EXPECT_THAT(PickBaggage("tenant", {"tenant"}), IsEmpty());
  EXPECT_THAT(PickBaggage("tenant=" + std::string(9000, 'x'), {"tenant"}),
              IsEmpty());
}

TEST(Sampler, FollowsTheCallerIfParentBased) {
  const TraceId id{1, 1};
  const SpanContext yes{id, 1, /*sampled=*/true}, no{id, 1, false};
  const Sampler none{.ratio = 0, .parent_based = true};
  const Sampler all{.ratio = 1, .parent_based = true};
  EXPECT_TRUE(none.Samples(yes, id));
  EXPECT_FALSE(all.Samples(no, id));
  EXPECT_TRUE(all.Samples({}, id));
  EXPECT_FALSE(none.Samples({}, id));
  const Sampler deaf{.ratio = 0, .parent_based = false};
  EXPECT_FALSE(deaf.Samples(yes, id));
}

TEST(Sampler, TakesItsShareByTheTracesId) {
  PseudoRandomSource random(1);
  const Sampler tenth{.ratio = 0.1};
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    taken += tenth.Samples({}, {random.Next(), random.Next()});
  }
  EXPECT_NEAR(taken, 10'000, 500);
}

TEST(RateBound, GrantsSoManyASecond) {
  RateBound bound(3);
  int granted = 0;
  for (int ms = 0; ms < 2000; ++ms) {
    granted += bound.Grant(MonotonicTime(seconds(5) + milliseconds(ms)));
  }
  EXPECT_EQ(granted, 6);
  EXPECT_FALSE(RateBound(0).Grant(MonotonicTime(seconds(1))));
}

class TracerTest : public testing::Test {
 protected:
  Tracer Make(double ratio, uint32_t notable = 10) {
    return Tracer({.sampler = {.ratio = ratio}, .notable_per_second = notable},
                  clock_, random_, &spans_);
  }

  FakeClock clock_;
  PseudoRandomSource random_{1};
  CollectedSpans spans_;
};

TEST_F(TracerTest, ASampledSpanArrivesWithAllThatWasSetOnIt) {
  Tracer tracer = Make(1);
  const SpanContext parent = *ParseTraceParent(kTraceParent);
  const MonotonicTime began = clock_.Now();
  const WallTime wall = clock_.WallNow();
  ActiveSpan span;
  span.Begin(tracer, parent);
  ASSERT_TRUE(span.recording());
  span.Set("n", int64_t{7});
  span.SetTraceState("a=1");
  span.AddEvent("denied", wall, {{"limit", std::string("per_user")}});
  span.AddLink(parent);
  span.SetError("why");
  clock_.Advance(milliseconds(5));
  span.End("name", SpanKind::kServer, began, clock_.Now());
  ASSERT_EQ(spans_.All().size(), 1);
  const Span got = spans_.All()[0];
  EXPECT_EQ(got.context.trace_id, parent.trace_id);
  EXPECT_NE(got.context.span_id, parent.span_id);
  EXPECT_NE(got.context.span_id, 0);
  EXPECT_EQ(got.parent, parent);
  EXPECT_EQ(got.trace_state, "a=1");
  EXPECT_EQ(got.name, "name");
  EXPECT_EQ(got.start, wall);
  EXPECT_EQ(got.duration, milliseconds(5));
  EXPECT_EQ(AttributeText(got, "n"), "7");
  EXPECT_EQ(got.events.size(), 1);
  EXPECT_THAT(got.links, ElementsAre(parent));
  EXPECT_TRUE(got.error);
  EXPECT_FALSE(span.recording());  // ready for the next
}

TEST_F(TracerTest, WhatIsNotSampledLeavesNothing) {
  Tracer tracer = Make(0);
  ActiveSpan span;
  span.Begin(tracer, {});
  EXPECT_FALSE(span.recording());
  span.Set("n", int64_t{7});
  span.End("name", SpanKind::kServer, clock_.Now(), clock_.Now());
  EXPECT_THAT(spans_.All(), IsEmpty());
}

TEST_F(TracerTest, NotableSpansAreKeptUpToARate) {
  Tracer tracer = Make(0, /*notable=*/2);
  for (int i = 0; i < 5; ++i) {
    ActiveSpan span;
    span.Begin(tracer, {});
    span.KeepNotable();
    span.End("denied", SpanKind::kServer, clock_.Now(), clock_.Now());
  }
  EXPECT_EQ(spans_.All().size(), 2);
  EXPECT_TRUE(spans_.All()[0].context.valid());
  clock_.Advance(seconds(1));
  ActiveSpan span;
  span.Begin(tracer, {});
  span.KeepNotable();
  span.End("denied", SpanKind::kServer, clock_.Now(), clock_.Now());
  EXPECT_EQ(spans_.All().size(), 3);
}

TEST_F(TracerTest, EventsAndLinksAreBoundedAndCounted) {
  Tracer tracer = Make(1);
  ActiveSpan span;
  span.Begin(tracer, {});
  for (size_t i = 0; i < Span::kMaxEvents + 3; ++i) {
    span.AddEvent("e", clock_.WallNow(), {});
    span.AddLink(*ParseTraceParent(kTraceParent));
  }
  span.End("name", SpanKind::kInternal, clock_.Now(), clock_.Now());
  const Span got = spans_.All()[0];
  EXPECT_EQ(got.events.size(), Span::kMaxEvents);
  EXPECT_EQ(got.dropped_events, 3);
  EXPECT_EQ(got.links.size(), Span::kMaxLinks);
  EXPECT_EQ(got.dropped_links, 3);
}

TEST_F(TracerTest, ScopesNest) {
  const SpanContext outer{{1, 2}, 3, true}, inner{{1, 2}, 4, true};
  EXPECT_FALSE(CurrentSpan().valid());
  {
    const ScopedSpan a(outer);
    EXPECT_EQ(CurrentSpan(), outer);
    {
      const ScopedSpan b(inner);
      EXPECT_EQ(CurrentSpan(), inner);
      const ScopedSpan none{SpanContext()};
      EXPECT_FALSE(CurrentSpan().valid());
    }
    EXPECT_EQ(CurrentSpan(), outer);
  }
  EXPECT_FALSE(CurrentSpan().valid());
}

TEST(TracerOff, DoesNothing) {
  EXPECT_FALSE(Tracer::Off().enabled());
  ActiveSpan span;
  span.Begin(Tracer::Off(), {});
  span.KeepNotable();
  EXPECT_FALSE(span.recording());
}

}  // namespace
}  // namespace outrigger::telemetry
