// One pod's cache under several threads at once: for the thread sanitizer, and
// that every question is answered once.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/timer_thread.h"
#include "coord/cache/cache.h"
#include "store/memory_cache_store.h"
#include "tests/support/cache_fleet.h"

namespace outrigger {
namespace {

constexpr int kThreads = 4;
constexpr int kOperations = 4000;
constexpr uint64_t kKeys = 16;

// Each thread asks, loads, writes, invalidates, watches and cancels at random.
class Crowd {
 public:
  Crowd()
      : timers_(clock_),
        store_(clock_, 1 << 20),
        cache_(Options(), {}, clock_, timers_, random_, registry_, store_) {}
  ~Crowd() { timers_.Stop(); }

  coord::Cache& cache() { return cache_; }
  int64_t asked() const { return asked_.load(); }
  int64_t answered() const { return answered_.load(); }

  void Run(uint64_t seed) {
    PseudoRandomSource random(seed);
    for (int i = 0; i < kOperations; ++i) Operate(random);
  }

 private:
  static cache::Options Options() {
    cache::Options options = TestCacheOptions();
    cache::NamespaceOptions& ns = options.namespaces[0];
    ns.fill_timeout = std::chrono::milliseconds(10);
    ns.ttl = std::chrono::milliseconds(50);
    ns.early_refresh = 1;
    ns.refresh_ahead = true;
    ns.memory_bytes = 1 << 20;
    return options;
  }

  void Operate(RandomSource& random) {
    const std::string key = absl::StrCat("k", random.Next() % kKeys);
    switch (random.Next() % 16) {
      case 0:
        return Set(key, "");
      case 1:
        return Invalidate(key);
      case 2:
        store_.Flush();
        return;
      case 3:
        return Watch(key);
      default:
        return Get(key, random.Next() % 8 == 0);
    }
  }

  void Get(const std::string& key, bool cancel) {
    coord::GetQuery query;
    query.ns = "ns";
    query.key = key;
    query.max_wait = std::chrono::milliseconds(20);
    coord::GetAnswer answer;
    absl::Status error;
    if (cache_.GetNow(query, &answer, &error)) return;
    query.refresh = answer.refresh;
    ++asked_;
    const auto ticket = cache_.GetLater(
        query, [this, key](const absl::StatusOr<coord::GetAnswer>& later) {
          ++answered_;
          if (later.ok() && !later->fill_token.empty()) {
            Set(key, later->fill_token);
          }
        });
    if (cancel) cache_.Cancel(ticket);
  }

  void Set(const std::string& key, const std::string& token) {
    coord::SetQuery query;
    query.ns = "ns";
    query.key = key;
    query.value = key;
    query.tags = {"t"};
    query.fill_token = token;
    ++asked_;
    cache_.Set(query, [this](const absl::StatusOr<coord::SetAnswer>& answer) {
      ++answered_;
      EXPECT_TRUE(answer.ok());
    });
  }

  void Invalidate(const std::string& key) {
    coord::InvalidateQuery query;
    query.ns = "ns";
    query.keys = {key};
    query.tags = {"t"};
    ++asked_;
    cache_.Invalidate(query,
                      [this](const absl::StatusOr<coord::InvalidateAnswer>&) {
                        ++answered_;
                      });
  }

  void Watch(const std::string& key) {
    coord::WatchQuery query;
    query.ns = "ns";
    query.keys = {key};
    const auto ticket = cache_.Watch(query, [](const coord::WatchedChange&) {});
    if (ticket.ok()) cache_.Unwatch(*ticket);
  }

  SystemClock clock_;
  PseudoRandomSource random_{1};
  telemetry::Registry registry_;
  TimerThread timers_;
  store::MemoryCacheStore store_;
  coord::Cache cache_;
  std::atomic<int64_t> asked_{0};
  std::atomic<int64_t> answered_{0};
};

TEST(CacheThreadsTest, EveryQuestionIsAnsweredOnce) {
  Crowd crowd;
  std::vector<std::thread> threads;
  for (uint64_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&crowd, i] { crowd.Run(i); });
  }
  for (std::thread& thread : threads) thread.join();
  crowd.cache().Drain();
  EXPECT_EQ(crowd.answered(), crowd.asked());
}

}  // namespace
}  // namespace outrigger
