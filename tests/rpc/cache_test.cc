// The cache over real gRPC: what each method does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rpc/cache_serving.h"
#include "support/collected_spans.h"
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

InvalidateResponse Invalidate(CacheServing& serving,
                              const InvalidateRequest& request) {
  InvalidateResponse response;
  const grpc::Status status =
      Call(serving, &Stub::Invalidate, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

TEST(CacheTest, AMissIsLoadedByItsCallerAndThenHit) {
  CacheServing serving;
  const GetResponse miss = serving.Get("ann");
  EXPECT_EQ(miss.status(), cache::v1::MISS);
  EXPECT_FALSE(miss.fill_token().empty());
  SetRequest fill = SetOf("ann", "Ann");
  fill.set_fill_token(miss.fill_token());
  const SetResponse set = serving.Set(fill);
  EXPECT_TRUE(set.stored());
  const GetResponse hit = serving.Get("ann");
  EXPECT_EQ(hit.status(), cache::v1::HIT);
  EXPECT_EQ(hit.value(), "Ann");
  EXPECT_EQ(hit.version(), set.version());
  EXPECT_TRUE(hit.coherent());
  EXPECT_GT(hit.ttl().seconds(), 200);
  EXPECT_EQ(hit.stale_ttl().seconds(), 30);
  EXPECT_TRUE(hit.fill_token().empty());
  EXPECT_FALSE(hit.degraded());
}

TEST(CacheTest, AnotherCallerWaitsForTheLoadAndGetsItsValue) {
  CacheServing serving;
  const GetResponse first = serving.Get("ann");
  grpc::ClientContext context;
  SetPatience(&context);
  grpc::CompletionQueue queue;
  auto waits = serving.stub().AsyncGet(&context, GetOf("ann"), &queue);
  GetResponse second;
  grpc::Status status;
  waits->Finish(&second, &status, nullptr);
  EXPECT_TRUE(WaitFor(
      [&] { return serving.Counted(telemetry::kCacheWaiting, {}) == 1; }));
  SetRequest fill = SetOf("ann", "Ann");
  fill.set_fill_token(first.fill_token());
  ASSERT_TRUE(serving.Set(fill).stored());
  void* tag;
  bool ok;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(second.status(), cache::v1::HIT);
  EXPECT_EQ(second.value(), "Ann");
  EXPECT_GT(second.waited().nanos() + second.waited().seconds(), 0);
}

TEST(CacheTest, ACallerWhosePatienceEndsIsAnsweredBeforeItsDeadline) {
  CacheServing serving;
  ASSERT_FALSE(serving.Get("ann").fill_token().empty());
  // On a machine that is too busy the answer may come too late all the same.
  GetResponse response;
  EXPECT_TRUE(WaitFor([&] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(400));
    return serving.stub().Get(&context, GetOf("ann"), &response).ok();
  }));
  EXPECT_EQ(response.status(), cache::v1::MISS);
  EXPECT_TRUE(response.fill_token().empty());
}

TEST(CacheTest, OneThatOnlyLooksNeitherWaitsNorLoads) {
  CacheServing serving;
  GetRequest look = GetOf("ann");
  look.set_no_fill(true);
  EXPECT_EQ(serving.Get(look).status(), cache::v1::MISS);
  EXPECT_TRUE(serving.Get(look).fill_token().empty());
}

TEST(CacheTest, AnAbandonedLoadIsAnothers) {
  CacheServing serving;
  const GetResponse first = serving.Get("ann");
  cache::v1::AbandonRequest abandon;
  abandon.set_namespace_("profiles");
  abandon.set_key("ann");
  abandon.set_fill_token(first.fill_token());
  cache::v1::AbandonResponse abandoned;
  EXPECT_TRUE(Call(serving, &Stub::Abandon, abandon, &abandoned).ok());
  const GetResponse second = serving.Get("ann");
  EXPECT_FALSE(second.fill_token().empty());
  EXPECT_NE(second.fill_token(), first.fill_token());
}

TEST(CacheTest, AWriteDuringALoadWins) {
  CacheServing serving;
  const GetResponse miss = serving.Get("ann");
  const SetResponse write = serving.Set("ann", "new");
  SetRequest late = SetOf("ann", "old");
  late.set_fill_token(miss.fill_token());
  const SetResponse refused = serving.Set(late);
  EXPECT_FALSE(refused.stored());
  EXPECT_EQ(refused.reason(), cache::v1::FILL_REVOKED);
  EXPECT_EQ(refused.version(), write.version());
  EXPECT_EQ(serving.Get("ann").value(), "new");
}

TEST(CacheTest, ConditionsAndKnownAbsences) {
  CacheServing serving;
  SetRequest absent = SetOf("ann", "");
  absent.set_absent(true);
  ASSERT_TRUE(serving.Set(absent).stored());
  EXPECT_EQ(serving.Get("ann").status(), cache::v1::ABSENT);
  SetRequest first = SetOf("ann", "1");
  first.set_if_absent(true);
  const SetResponse stored = serving.Set(first);
  EXPECT_TRUE(stored.stored());
  EXPECT_EQ(serving.Set(first).reason(), cache::v1::ALREADY_EXISTS);
  SetRequest swap = SetOf("ann", "2");
  swap.set_if_version(stored.version());
  EXPECT_TRUE(serving.Set(swap).stored());
  const SetResponse mismatch = serving.Set(swap);
  EXPECT_EQ(mismatch.reason(), cache::v1::VERSION_MISMATCH);
  EXPECT_GT(mismatch.version(), stored.version());
}

TEST(CacheTest, WhatIsNotModifiedCarriesNoValue) {
  CacheServing serving;
  const SetResponse set = serving.Set("ann", "Ann");
  GetRequest again = GetOf("ann");
  again.set_if_not_version(set.version());
  const GetResponse response = serving.Get(again);
  EXPECT_EQ(response.status(), cache::v1::NOT_MODIFIED);
  EXPECT_EQ(response.value(), "");
  EXPECT_EQ(response.version(), set.version());
}

TEST(CacheTest, DeleteAndInvalidateTakeValuesAway) {
  CacheServing serving;
  const SetResponse set = serving.Set("ann", "Ann");
  cache::v1::DeleteRequest remove;
  remove.set_namespace_("profiles");
  remove.set_key("ann");
  remove.set_if_version(set.version() - 1);
  cache::v1::DeleteResponse removed;
  ASSERT_TRUE(Call(serving, &Stub::Delete, remove, &removed).ok());
  EXPECT_FALSE(removed.deleted());
  remove.set_if_version(0);
  ASSERT_TRUE(Call(serving, &Stub::Delete, remove, &removed).ok());
  EXPECT_TRUE(removed.deleted());

  serving.Set("ann", "Ann");
  SetRequest tagged = SetOf("bob", "Bob");
  tagged.add_tags("org:acme");
  serving.Set(tagged);
  InvalidateRequest keys;
  keys.set_namespace_("profiles");
  keys.add_keys("ann");
  keys.add_keys("nobody");
  EXPECT_EQ(Invalidate(serving, keys).invalidated(), 1u);
  EXPECT_EQ(serving.Get("ann").status(), cache::v1::MISS);
  InvalidateRequest tag;
  tag.set_namespace_("profiles");
  tag.add_tags("org:acme");
  EXPECT_FALSE(Invalidate(serving, tag).has_invalidated());
  EXPECT_EQ(serving.Get("bob").status(), cache::v1::MISS);
  serving.Set("carl", "Carl");
  InvalidateRequest soft;
  soft.set_namespace_("profiles");
  soft.set_glob("c*");
  soft.set_soft(true);
  Invalidate(serving, soft);
  const GetResponse stale = serving.Get("carl");
  EXPECT_EQ(stale.status(), cache::v1::STALE);
  EXPECT_EQ(stale.value(), "Carl");
  EXPECT_FALSE(stale.fill_token().empty());
}

TEST(CacheTest, BatchesAreAnsweredInOrder) {
  CacheServing serving;
  SetManyRequest sets;
  GetManyRequest gets;
  for (int i = 0; i < 1000; ++i) {
    *sets.add_requests() =
        SetOf(std::to_string(i), std::string(static_cast<size_t>(i), 'x'));
    *gets.add_requests() = GetOf(std::to_string(i));
  }
  *gets.mutable_requests(3) = GetOf("nobody");
  SetManyResponse stored;
  ASSERT_TRUE(Call(serving, &Stub::SetMany, sets, &stored).ok());
  ASSERT_EQ(stored.responses_size(), 1000);
  GetManyResponse got;
  ASSERT_TRUE(Call(serving, &Stub::GetMany, gets, &got).ok());
  ASSERT_EQ(got.responses_size(), 1000);
  for (int i = 0; i < 1000; ++i) {
    const GetResponse& response = got.responses(i);
    if (i == 3) {
      EXPECT_EQ(response.status(), cache::v1::MISS);
      EXPECT_FALSE(response.fill_token().empty());
      continue;
    }
    EXPECT_EQ(response.status(), cache::v1::HIT);
    EXPECT_EQ(response.value().size(), static_cast<size_t>(i));
    EXPECT_EQ(response.version(), stored.responses(i).version());
  }
}

// Else two batches could each have what the other waits for.
TEST(CacheTest, ABatchDoesNotWaitForOtherLoaders) {
  CacheServing serving;
  ASSERT_FALSE(serving.Get("ann").fill_token().empty());
  GetManyRequest gets;
  *gets.add_requests() = GetOf("ann");
  *gets.add_requests() = GetOf("bob");
  GetManyResponse got;
  ASSERT_TRUE(Call(serving, &Stub::GetMany, gets, &got).ok());
  ASSERT_EQ(got.responses_size(), 2);
  EXPECT_EQ(got.responses(0).status(), cache::v1::MISS);
  EXPECT_TRUE(got.responses(0).fill_token().empty());
  EXPECT_EQ(got.responses(0).waited().seconds(), 0);
  EXPECT_FALSE(got.responses(1).fill_token().empty());
}

TEST(CacheTest, WarmAndStatus) {
  CacheServing serving;
  serving.Set("ann", "Ann");
  serving.Get("ann");
  cache::v1::WarmRequest warm;
  warm.set_namespace_("profiles");
  warm.add_keys("ann");
  warm.add_keys("nobody");
  cache::v1::WarmResponse warmed;
  EXPECT_TRUE(Call(serving, &Stub::Warm, warm, &warmed).ok());
  EXPECT_LE(warmed.loaded(), 1u);
  cache::v1::StatusResponse status;
  ASSERT_TRUE(
      Call(serving, &Stub::Status, cache::v1::StatusRequest(), &status).ok());
  ASSERT_EQ(status.namespaces_size(), 2);
  EXPECT_EQ(status.namespaces(0).name(), "profiles");
  EXPECT_EQ(status.namespaces(0).policy(), "s3fifo");
  EXPECT_EQ(status.namespaces(0).hits(), 1u);
  EXPECT_EQ(status.namespaces(0).entries(), 1u);
  EXPECT_GT(status.namespaces(0).max_bytes(), status.namespaces(0).bytes());
}

TEST(CacheTest, SpansTellWhatWasFound) {
  CollectedSpans spans;
  CacheServing serving({.spans = &spans});
  serving.Get("ann");  // not sampled, but it was told to load: of note
  ASSERT_TRUE(WaitFor([&] { return !spans.All().empty(); }));
  const telemetry::Span span = spans.All().front();
  EXPECT_EQ(span.name, "outrigger.cache.v1.Cache/Get");
  EXPECT_EQ(AttributeText(span, "outrigger.cache.namespace"), "profiles");
  EXPECT_EQ(AttributeText(span, "outrigger.cache.status"), "miss");
  EXPECT_EQ(AttributeText(span, "outrigger.cache.fill"), "true");
  EXPECT_EQ(AttributeText(span, "outrigger.degraded"), "false");
}

}  // namespace
}  // namespace outrigger::rpc
