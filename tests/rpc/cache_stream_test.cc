// Watch and PullWrites over real gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rpc/cache_serving.h"
#include "support/wait_for.h"
#include "telemetry/cache_metrics.h"

namespace outrigger::rpc {
namespace {

using cache::v1::PullWritesRequest;
using cache::v1::PullWritesResponse;
using cache::v1::WatchEvent;
using cache::v1::WatchRequest;

double OpenWatches(const CacheServing& serving) {
  return serving.Counted(telemetry::kCacheWatches, {});
}

WatchRequest WatchOf(const std::vector<std::string>& keys = {}) {
  WatchRequest request;
  request.set_namespace_("profiles");
  for (const std::string& key : keys) request.add_keys(key);
  return request;
}

// Reads until an event of that kind comes.
bool ReadKind(grpc::ClientReader<WatchEvent>& reader, WatchEvent::Kind kind,
              WatchEvent* event) {
  while (reader.Read(event)) {
    if (event->kind() == kind) return true;
  }
  return false;
}

TEST(CacheWatchTest, TellsOfWritesAndInvalidations) {
  CacheServing serving;
  grpc::ClientContext context;
  SetPatience(&context);
  auto events = serving.stub().Watch(&context, WatchOf({"ann"}));
  ASSERT_TRUE(WaitFor([&] { return OpenWatches(serving) == 1; }));
  serving.Set("bob", "Bob");
  const uint64_t version = serving.Set("ann", "Ann").version();
  WatchEvent event;
  ASSERT_TRUE(ReadKind(*events, WatchEvent::WRITTEN, &event));
  EXPECT_EQ(event.key(), "ann");
  EXPECT_EQ(event.version(), version);
  cache::v1::DeleteRequest remove;
  remove.set_namespace_("profiles");
  remove.set_key("ann");
  cache::v1::DeleteResponse removed;
  ASSERT_TRUE(
      Call(serving, &CacheServing::Api::Stub::Delete, remove, &removed).ok());
  ASSERT_TRUE(ReadKind(*events, WatchEvent::INVALIDATED, &event));
  EXPECT_EQ(event.key(), "ann");
  context.TryCancel();
  EXPECT_EQ(events->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(WaitFor([&] { return OpenWatches(serving) == 0; }));
}

TEST(CacheWatchTest, ABadQuestionEndsTheStreamWithItsError) {
  CacheServing serving;
  grpc::ClientContext context;
  SetPatience(&context);
  WatchRequest nowhere;
  nowhere.set_namespace_("nowhere");
  auto events = serving.stub().Watch(&context, nowhere);
  WatchEvent event;
  EXPECT_FALSE(events->Read(&event));
  EXPECT_EQ(events->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(CacheWatchTest, MoreThanMayBeOpenAreRefused) {
  CacheServing serving({.service = {.max_streams = 1}});
  grpc::ClientContext first, second;
  SetPatience(&first);
  SetPatience(&second);
  auto open = serving.stub().Watch(&first, WatchOf());
  ASSERT_TRUE(WaitFor([&] { return OpenWatches(serving) == 1; }));
  auto refused = serving.stub().Watch(&second, WatchOf());
  WatchEvent event;
  EXPECT_FALSE(refused->Read(&event));
  EXPECT_EQ(refused->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(serving.Counted(telemetry::kRpcRefused,
                            {{"bound", "cache_watch_streams"}}),
            1);
  first.TryCancel();
}

// A client that does not read: gRPC takes what its windows hold, the rest waits
// here, and beyond that bound events are replaced.
TEST(CacheWatchTest, ASlowClientIsToldThatItMissedSome) {
  CacheServing serving({.service = {.max_waiting_events = 10}});
  grpc::ClientContext context;
  SetPatience(&context);
  auto events = serving.stub().Watch(&context, WatchOf());
  ASSERT_TRUE(WaitFor([&] { return OpenWatches(serving) == 1; }));
  const std::string key(1000, 'k');
  const auto dropped = [&] {
    return serving.Counted(telemetry::kCacheRefused,
                           {{"bound", "watch_events"}});
  };
  for (int i = 0; i < 100'000 && dropped() < 50; ++i) {
    serving.cache().Set({.ns = "profiles", .key = key, .value = "x"},
                        [](const absl::StatusOr<coord::SetAnswer>&) {});
  }
  EXPECT_GE(dropped(), 50);
  // What is written after a RESYNC comes, or another RESYNC in its place.
  uint64_t version = 0;
  WatchEvent event;
  do {
    ASSERT_TRUE(events->Read(&event));
    if (event.kind() == WatchEvent::RESYNC) {
      version = serving.Set("last", "x").version();
    }
  } while (event.key() != "last" || event.version() != version);
  context.TryCancel();
}

TEST(CacheWatchTest, ADrainEndsItWell) {
  CacheServing serving;
  grpc::ClientContext context;
  SetPatience(&context);
  auto events = serving.stub().Watch(&context, WatchOf());
  ASSERT_TRUE(WaitFor([&] { return OpenWatches(serving) == 1; }));
  serving.cache().Drain();
  serving.server().Drain(std::chrono::seconds(30));
  WatchEvent event;
  while (events->Read(&event)) {
  }
  EXPECT_TRUE(events->Finish().ok());
}

PullWritesRequest Pull(const std::vector<std::string>& ack = {}) {
  PullWritesRequest request;
  request.set_namespace_("orders");
  request.set_consumer("writer-1");
  for (const std::string& id : ack) request.add_ack(id);
  return request;
}

TEST(CachePullTest, WritesComeUntilTheyAreAcknowledged) {
  CacheServing serving;
  grpc::ClientContext context;
  SetPatience(&context);
  auto stream = serving.stub().PullWrites(&context);
  ASSERT_TRUE(stream->Write(Pull()));  // waits: there are none yet
  cache::v1::SetRequest set = SetOf("7", "paid");
  set.set_namespace_("orders");
  set.set_write_behind(true);
  const uint64_t version = serving.Set(set).version();
  PullWritesResponse first;
  ASSERT_TRUE(stream->Read(&first));
  ASSERT_EQ(first.writes_size(), 1);
  EXPECT_EQ(first.writes(0).key(), "7");
  EXPECT_EQ(first.writes(0).value(), "paid");
  EXPECT_EQ(first.writes(0).version(), version);
  ASSERT_TRUE(stream->Write(Pull({first.writes(0).id()})));
  set.set_value("shipped");
  serving.Set(set);
  PullWritesResponse second;
  ASSERT_TRUE(stream->Read(&second));
  ASSERT_EQ(second.writes_size(), 1);
  EXPECT_EQ(second.writes(0).value(), "shipped");
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(CachePullTest, ADrainAnswersWithNothing) {
  CacheServing serving;
  grpc::ClientContext context;
  SetPatience(&context);
  auto stream = serving.stub().PullWrites(&context);
  ASSERT_TRUE(stream->Write(Pull()));
  // The server has it when it is about to wait.
  ASSERT_TRUE(WaitFor([&] {
    cache::v1::StatusResponse status;
    return Call(serving, &CacheServing::Api::Stub::Status,
                cache::v1::StatusRequest(), &status)
        .ok();
  }));
  serving.cache().Drain();
  PullWritesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.writes_size(), 0);
  serving.server().Drain(std::chrono::seconds(30));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(CachePullTest, ABadQuestionEndsTheStream) {
  CacheServing serving;
  const auto ends_with = [&](const PullWritesRequest& bad,
                             grpc::StatusCode code) {
    grpc::ClientContext context;
    SetPatience(&context);
    auto stream = serving.stub().PullWrites(&context);
    stream->Write(bad);
    PullWritesResponse response;
    EXPECT_FALSE(stream->Read(&response));
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), code) << status.error_message();
  };
  PullWritesRequest bad = Pull();
  bad.set_consumer("");
  ends_with(bad, grpc::StatusCode::INVALID_ARGUMENT);
  bad = Pull();
  bad.set_max_writes(uint32_t{1} << 31);
  ends_with(bad, grpc::StatusCode::INVALID_ARGUMENT);
  bad = Pull();
  bad.set_namespace_("profiles");
  ends_with(bad, grpc::StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace outrigger::rpc
