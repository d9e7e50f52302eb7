// Two pods' pools under several threads at once: for the thread sanitizer, that
// the fleet never holds more than the cap, and that every question is answered
// once.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/timer_thread.h"
#include "coord/pool/pools.h"
#include "store/memory_pool_store.h"
#include "telemetry/log.h"
#include "tests/support/wait_for.h"

namespace outrigger {
namespace {

using std::chrono::milliseconds;

constexpr int kThreads = 4;
constexpr int kOperations = 3000;
constexpr size_t kPods = 2;
// Shared in blocks, one by one, and with endpoints; the last one comes and
// goes.
constexpr size_t kPools = 3;
constexpr std::array<const char*, kPools> kNames = {"blocks", "few", "ends"};
constexpr std::array<int64_t, kPools> kCaps = {8, 3, 6};

pool::PoolOptions Options(size_t which, bool smaller) {
  pool::PoolOptions options;
  options.name = kNames[which];
  options.max_overflow = which == 0 ? 2 : 0;
  options.max_connections = kCaps[which] - options.max_overflow;
  if (smaller) --options.max_connections;
  options.acquire_timeout = milliseconds(20);
  options.max_waiting = 20;
  options.leak_after = milliseconds(2);
  // So long that none expires, however slow the machine is.
  options.lease = std::chrono::hours(1);
  if (which < 2) return options;
  for (const char* address : {"10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"}) {
    options.endpoints.emplace_back().address = address;
  }
  options.health.check = pool::Check::kTcp;
  options.health.eject_for = milliseconds(1);
  return options;
}

std::vector<pool::PoolOptions> Configured(bool smaller, bool all) {
  std::vector<pool::PoolOptions> options = {Options(0, smaller),
                                            Options(1, false)};
  if (all) options.push_back(Options(2, false));
  return options;
}

struct Pod {
  Pod(std::string name, uint64_t seed, const Clock& clock, Executor& timers,
      store::PoolStore& store)
      : random(seed),
        pools({std::move(name), 100}, Configured(false, true), clock, timers,
              random, registry, store) {}

  PseudoRandomSource random;
  telemetry::Registry registry;
  coord::Pools pools;
};

struct HeldLease {
  size_t pod = 0;
  size_t pool = 0;
  uint64_t id = 0;
};

// Each thread acquires, waits, cancels, renews, releases, opens and closes
// sessions, configures and looks, at random.
class Crowd {
 public:
  Crowd() : timers_(clock_), store_(clock_) {
    for (size_t i = 0; i < kPods; ++i) {
      pods_[i] = std::make_unique<Pod>("pod-" + std::to_string(i), i + 1,
                                       clock_, timers_, store_);
    }
  }
  ~Crowd() { timers_.Stop(); }

  void Run(uint64_t seed) {
    PseudoRandomSource random(seed);
    for (int i = 0; i < kOperations; ++i) Operate(random);
  }

  // Whoever still waits gets what is released, or is told no.
  bool Settle() {
    return WaitFor([this] {
      while (Release()) {
      }
      return asked_.load() == answered_.load();
    });
  }
  // True: the pods have given all back.
  bool Drain() {
    std::atomic<size_t> drained{0};
    for (auto& pod : pods_) pod->pools.Drain([&drained] { ++drained; });
    return WaitFor([&drained] { return drained == kPods; });
  }
  const coord::Pools& pools(size_t pod) const { return pods_[pod]->pools; }
  int64_t asked() const { return asked_.load(); }
  int64_t acquired() const { return acquired_.load(); }
  int64_t waited() const { return waited_.load(); }

 private:
  // A session's share in what is held.
  struct Stream {
    std::mutex mutex;
    bool closed = false;
    std::vector<size_t> pools;  // one for each lease
  };

  void Operate(RandomSource& random) {
    const size_t which = random.Next() % kPods;
    Pod& pod = *pods_[which];
    switch (random.Next() % 64) {
      case 0:
        return HoldStream(which, random);
      case 1:
        return pod.pools.Update(
            Configured(random.Next() % 2 == 0, random.Next() % 4 != 0));
      case 2:
        (void)pod.registry.Collect();
        return;
      case 3:
        EXPECT_TRUE(pod.pools.GetStatus("").ok());
        return;
      case 4:
        pod.pools.OnCheck("ends", "10.0.0.1:1", random.Next() % 2 == 0, "");
        return;
      case 5: {
        coord::SlotQuery query;
        query.pool = "ends";
        (void)pod.pools.Pick(query);
        (void)pod.pools.ReportLoad("ends", "10.0.0.2:1", {.cpu = 0.9});
        return;
      }
      default:
        break;
    }
    if (random.Next() % 2 == 0) return Acquire(which, random, 0, nullptr);
    Release();
  }

  void Acquire(size_t pod, RandomSource& random, uint64_t session,
               const std::shared_ptr<Stream>& stream) {
    const size_t pool = random.Next() % kPools;
    coord::SlotQuery query;
    query.pool = kNames[pool];
    query.session = session;
    if (random.Next() % 2 == 0)
      query.max_wait = milliseconds(random.Next() % 3);
    const auto take = [=, this](const coord::SlotAnswer& answer) {
      ++answered_;
      if (answer.acquired) Take({pod, pool, answer.lease_id}, stream);
    };
    ++asked_;
    coord::SlotAnswer answer;
    absl::Status error;
    if (pods_[pod]->pools.AcquireNow(query, &answer, &error)) {
      return take(error.ok() ? answer : coord::SlotAnswer{});
    }
    ++waited_;
    const auto ticket = pods_[pod]->pools.AcquireLater(
        query, [take](const absl::StatusOr<coord::SlotAnswer>& later) {
          take(later.ok() ? *later : coord::SlotAnswer{});
        });
    if (random.Next() % 8 == 0) pods_[pod]->pools.Cancel(ticket);
  }

  void Take(const HeldLease& lease, const std::shared_ptr<Stream>& stream) {
    ++acquired_;
    if (stream != nullptr) {
      // What came after the end is the session's no more.
      const std::lock_guard<std::mutex> lock(stream->mutex);
      if (stream->closed) return;
      stream->pools.push_back(lease.pool);
      return CountIn(lease.pool);
    }
    CountIn(lease.pool);
    const std::lock_guard<std::mutex> lock(mutex_);
    leases_.push_back(lease);
  }
  void CountIn(size_t pool) {
    EXPECT_LE(held_[pool].fetch_add(1) + 1, kCaps[pool]) << kNames[pool];
  }

  // One of those that are held, which is renewed first. False: none is.
  bool Release() {
    HeldLease lease;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (leases_.empty()) return false;
      lease = leases_.back();
      leases_.pop_back();
    }
    coord::Pools& pools = pods_[lease.pod]->pools;
    EXPECT_TRUE(pools.Renew(lease.id).ok());
    --held_[lease.pool];
    const auto outcome =
        lease.id % 4 == 0 ? pool::Outcome::kFailure : pool::Outcome::kSuccess;
    EXPECT_TRUE(pools.Release(lease.id, outcome));
    EXPECT_FALSE(pools.Release(lease.id, outcome));
    return true;
  }

  void HoldStream(size_t pod, RandomSource& random) {
    coord::Pools& pools = pods_[pod]->pools;
    const auto session = pools.OpenSession(
        [](uint64_t lease_id) { ADD_FAILURE() << lease_id << " was lost"; });
    ASSERT_TRUE(session.ok());
    const auto stream = std::make_shared<Stream>();
    for (uint64_t i = random.Next() % 4; i > 0; --i) {
      Acquire(pod, random, *session, stream);
    }
    {
      const std::lock_guard<std::mutex> lock(stream->mutex);
      stream->closed = true;
      for (const size_t pool : stream->pools) --held_[pool];
    }
    pools.CloseSession(*session);
  }

  SystemClock clock_;
  TimerThread timers_;
  store::MemoryPoolStore store_;
  std::array<std::unique_ptr<Pod>, kPods> pods_;
  std::atomic<int64_t> asked_{0};
  std::atomic<int64_t> answered_{0};
  std::atomic<int64_t> acquired_{0};
  std::atomic<int64_t> waited_{0};
  std::array<std::atomic<int64_t>, kPools> held_{};
  std::mutex mutex_;
  std::vector<HeldLease> leases_;  // but for the sessions'
};

TEST(PoolThreads, TheCapHoldsAndEveryQuestionIsAnsweredOnce) {
  telemetry::Log::SetMinimum(telemetry::LogLevel::kError);  // there are leaks
  Crowd crowd;
  std::vector<std::thread> threads;
  for (uint64_t t = 1; t <= kThreads; ++t) {
    threads.emplace_back([&crowd, t] { crowd.Run(t); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(crowd.Settle()) << "of " << crowd.asked();
  EXPECT_GT(crowd.acquired(), kThreads * kOperations / 20);
  EXPECT_GT(crowd.waited(), 0);
  EXPECT_TRUE(crowd.Drain());
  for (size_t pod = 0; pod < kPods; ++pod) {
    const auto views = crowd.pools(pod).GetStatus("");
    ASSERT_TRUE(views.ok());
    for (const coord::PoolView& view : *views) {
      EXPECT_EQ(view.in_use, 0u) << view.name;
      EXPECT_EQ(view.slots, 0u) << view.name;
      EXPECT_EQ(view.waiting, 0u) << view.name;
    }
  }
}

}  // namespace
}  // namespace outrigger
