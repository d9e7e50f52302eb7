// Two sidecars with one Redis, as programs: one load for both, each hears what
// the other changes, and both answer when Redis is gone.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "admin/http_client.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"
#include "server/program.h"
#include "support/redis_server.h"
#include "support/wait_for.h"

namespace outrigger {
namespace {

using cache::v1::Cache;
using cache::v1::GetRequest;
using cache::v1::GetResponse;
using cache::v1::InvalidateRequest;
using cache::v1::InvalidateResponse;
using cache::v1::SetRequest;
using cache::v1::SetResponse;
using ::testing::HasSubstr;

// A sidecar, and a client of it, in the namespace "profiles".
class Pod {
 public:
  explicit Pod(const RedisServer& redis)
      : sidecar_("store: {redis: {url: 'redis://" +
                     redis::ToString(redis.address()) +
                     "'}}\n"
                     "cache: {namespaces: [{name: profiles, ttl: 1h, "
                     "stale_for: 1h, write_behind: true}]}\n",
                 "  admin: 127.0.0.1:0\n") {
    stub_ = Connect();
  }

  // A connection of its own.
  std::unique_ptr<Cache::Stub> Connect() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return Cache::NewStub(grpc::CreateCustomChannel(
        sidecar_.target(), grpc::InsecureChannelCredentials(), arguments));
  }

  GetResponse Get(const std::string& key, bool fill = false,
                  uint64_t min_version = 0) {
    GetRequest request;
    request.set_namespace_("profiles");
    request.set_key(key);
    request.set_no_fill(!fill);
    request.set_min_version(min_version);
    return Ask<GetResponse>(&Cache::Stub::Get, request);
  }
  SetResponse Set(const std::string& key, const std::string& value,
                  const std::string& token = "") {
    SetRequest request;
    request.set_namespace_("profiles");
    request.set_key(key);
    request.set_value(value);
    request.add_tags("people");
    if (!token.empty()) request.set_fill_token(token);
    return Ask<SetResponse>(&Cache::Stub::Set, request);
  }
  InvalidateResponse InvalidateTag(const std::string& tag) {
    InvalidateRequest request;
    request.set_namespace_("profiles");
    request.add_tags(tag);
    return Ask<InvalidateResponse>(&Cache::Stub::Invalidate, request);
  }
  // Whether it answers `value` from its own copy, verified.
  bool Has(const std::string& key, const std::string& value) {
    const GetResponse response = Get(key);
    return response.status() == cache::v1::HIT && response.coherent() &&
           response.value() == value;
  }

  // Whether it hears of all changes, so that its copies count.
  bool Verified() {
    const std::string metrics = Metrics();
    const size_t at = metrics.find("\noutrigger_cache_verified_ratio{");
    return at != std::string::npos &&
           metrics.compare(metrics.find("} ", at), 4, "} 1\n") == 0;
  }
  std::string Metrics() {
    return ::outrigger::Get(sidecar_.AdminPort(), "/metrics").body;
  }

  Sidecar& sidecar() { return sidecar_; }
  Cache::Stub& stub() { return *stub_; }

 private:
  template <typename Response, typename Method, typename Request>
  Response Ask(Method method, const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    Response response;
    const grpc::Status status =
        (stub_.get()->*method)(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  Sidecar sidecar_;
  std::unique_ptr<Cache::Stub> stub_;
};

TEST(CacheFleetTest, OneLoadsForAllAndTheOthersWaitForIt) {
  RedisServer redis;
  Pod one(redis), two(redis);
  ASSERT_TRUE(WaitFor([&] { return one.Verified() && two.Verified(); }));
  const GetResponse first = one.Get("ann", /*fill=*/true);
  EXPECT_EQ(first.status(), cache::v1::MISS);
  ASSERT_FALSE(first.fill_token().empty());
  std::vector<std::thread> callers;
  std::atomic<int> hits = 0, loads = 0;
  for (int i = 0; i < 10; ++i) {
    callers.emplace_back([&, i] {
      const GetResponse response =
          (i % 2 == 0 ? one : two).Get("ann", /*fill=*/true);
      hits += response.value() == "Ann" ? 1 : 0;
      loads += response.fill_token().empty() ? 0 : 1;
    });
  }
  EXPECT_TRUE(two.Set("ann", "Ann", first.fill_token()).stored());
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(hits, 10);
  EXPECT_EQ(loads, 0);
  EXPECT_TRUE(one.Has("ann", "Ann"));
  EXPECT_TRUE(two.Has("ann", "Ann"));
}

TEST(CacheFleetTest, TwoHundredCallersOfFourSidecarsLoadOnce) {
  constexpr int kCallers = 200;
  RedisServer redis;
  Pod pods[] = {Pod(redis), Pod(redis), Pod(redis), Pod(redis)};
  for (Pod& pod : pods) {
    ASSERT_TRUE(WaitFor([&] { return pod.Verified(); }));
  }
  std::vector<std::thread> callers;
  std::atomic<int> hits = 0, loads = 0;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      Pod& pod = pods[i % 4];
      const GetResponse response = pod.Get("all", /*fill=*/true);
      if (response.fill_token().empty()) {
        hits += response.value() == "loaded" ? 1 : 0;
      } else {
        ++loads;
        EXPECT_TRUE(pod.Set("all", "loaded", response.fill_token()).stored());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(loads, 1);
  EXPECT_EQ(hits, kCallers - 1);
}

TEST(CacheFleetTest, EachHearsWhatTheOtherChanges) {
  RedisServer redis;
  Pod one(redis), two(redis);
  ASSERT_TRUE(WaitFor([&] { return one.Verified() && two.Verified(); }));
  ASSERT_TRUE(one.Set("ann", "old").stored());
  EXPECT_TRUE(two.Has("ann", "old"));
  const uint64_t version = one.Set("ann", "new").version();
  EXPECT_EQ(two.Get("ann", false, version).value(), "new");
  EXPECT_TRUE(WaitFor([&] { return two.Has("ann", "new"); }));
  EXPECT_FALSE(one.InvalidateTag("people").degraded());
  EXPECT_EQ(one.Get("ann").status(), cache::v1::MISS);
  EXPECT_TRUE(
      WaitFor([&] { return two.Get("ann").status() == cache::v1::MISS; }));
}

TEST(CacheFleetTest, WithoutRedisTheyAnswerWithWhatTheyHave) {
  RedisServer redis;
  Pod pod(redis);
  ASSERT_TRUE(WaitFor([&] { return pod.Verified(); }));
  ASSERT_TRUE(pod.Set("ann", "Ann").stored());
  ASSERT_TRUE(pod.Has("ann", "Ann"));
  redis.Kill();
  GetResponse stale;
  ASSERT_TRUE(WaitFor([&] {
    stale = pod.Get("ann");
    return stale.degraded();
  }));
  EXPECT_EQ(stale.value(), "Ann");
  EXPECT_EQ(stale.status(), cache::v1::STALE);
  EXPECT_FALSE(stale.coherent());
  const GetResponse miss = pod.Get("bob", /*fill=*/true);
  EXPECT_EQ(miss.status(), cache::v1::MISS);
  EXPECT_TRUE(miss.degraded());
  EXPECT_FALSE(miss.fill_token().empty());  // one load for the pod
  EXPECT_TRUE(pod.Set("bob", "Bob", miss.fill_token()).degraded());
  EXPECT_EQ(pod.Get("bob").value(), "Bob");
  EXPECT_TRUE(pod.InvalidateTag("people").degraded());
  EXPECT_EQ(pod.Get("ann").status(), cache::v1::MISS);
  redis.Restart();
  EXPECT_TRUE(WaitFor([&] {
    return pod.Set("carl", "Carl").stored() && pod.Has("carl", "Carl");
  }));
  EXPECT_EQ(pod.Get("ann").status(), cache::v1::MISS);
}

TEST(CacheFleetTest, AStopFailsNoCallNeitherWaitingOnesNorStreams) {
  RedisServer redis;
  Pod pod(redis);
  ASSERT_TRUE(WaitFor([&] { return pod.Verified(); }));
  ASSERT_TRUE(pod.Set("ann", "Ann").stored());
  ASSERT_FALSE(pod.Get("bob", /*fill=*/true).fill_token().empty());
  std::atomic<int> calls = 0;
  std::vector<std::thread> callers;
  // Waits for a load that never comes.
  callers.emplace_back([&] {
    EXPECT_EQ(pod.Get("bob", /*fill=*/true).status(), cache::v1::MISS);
  });
  callers.emplace_back([&] {
    grpc::ClientContext context;
    cache::v1::WatchRequest request;
    request.set_namespace_("profiles");
    auto events = pod.stub().Watch(&context, request);
    cache::v1::WatchEvent event;
    while (events->Read(&event)) {
    }
    EXPECT_TRUE(events->Finish().ok());
  });
  callers.emplace_back([&] {
    grpc::ClientContext context;
    auto stream = pod.stub().PullWrites(&context);
    cache::v1::PullWritesRequest request;
    request.set_namespace_("profiles");
    request.set_consumer("writer");
    stream->Write(request);
    cache::v1::PullWritesResponse response;
    EXPECT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.writes_size(), 0);
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_TRUE(stream->Finish().ok());
  });
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] {
      const auto stub = pod.Connect();
      while (true) {
        GetRequest request;
        request.set_namespace_("profiles");
        request.set_key("ann");
        GetResponse response;
        grpc::ClientContext context;
        const grpc::Status status = stub->Get(&context, request, &response);
        if (!status.ok()) {
          // A new connection that found nobody: all that is allowed to fail.
          EXPECT_THAT(status.error_message(), HasSubstr("failed to connect"));
          return;
        }
        ++calls;
      }
    });
  }
  EXPECT_TRUE(WaitFor([&] { return calls > 200; })) << calls;
  EXPECT_THAT(pod.Metrics(), HasSubstr("cache=\"profiles\",result=\"hit\""));
  pod.sidecar().process().Signal(SIGTERM);
  EXPECT_EQ(pod.sidecar().process().ExitCode(), 0);
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace outrigger
