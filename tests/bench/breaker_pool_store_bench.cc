// Breakers' and pools' stores over a Redis of their own, on loopback: how soon
// all pods hear that one has swapped a breaker's record, and what the scripts
// cost with a thousand pods.
//
// Prints one JSON object. CPU is this process': the caller's and the store's
// thread together. "redis_us" is Redis' own count of a script.
#include <chrono>
#include <cstdio>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/json.h"
#include "bench/store_meter.h"
#include "redis/breaker/breaker_store.h"
#include "redis/pool/pool_store.h"
#include "support/breaker_calls.h"
#include "support/redis_server.h"

namespace outrigger {
namespace {

constexpr int kHearers = 8;
constexpr int kSwaps = 1000;
constexpr int kPods = 1000;
constexpr int kOperations = 50'000;
constexpr int kInFlight = 64;
const store::BreakerKey kBreaker{"payments", ""};

using Done = std::function<void()>;

// Waits for changes and for hearing of them.
class Waiter final : public store::BreakerListener, public store::PoolListener {
 public:
  void OnChanged(const std::vector<store::BreakerKey>& keys) override {
    absl::MutexLock lock(&mutex_);
    changed_ += keys.size();
  }
  void OnUnheard() override {}
  void OnHeard() override { Hear(); }
  void OnCalled(const std::vector<std::string>&) override {}
  void OnBack() override { Hear(); }

  void AwaitHearing() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&hears_));
  }
  void AwaitChanges(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return changed_ >= count; };
    mutex_.Await(absl::Condition(&enough));
  }

 private:
  void Hear() {
    absl::MutexLock lock(&mutex_);
    hears_ = true;
  }

  absl::Mutex mutex_;
  size_t changed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool hears_ ABSL_GUARDED_BY(mutex_) = false;
};

struct Pod {
  explicit Pod(const redis::Options& options)
      : breakers(options, clock, random, registry),
        pools(options, clock, random, registry) {
    breakers.Listen(&breaker_news);
    pools.Listen("bench", &pool_news);
    breaker_news.AwaitHearing();
    pool_news.AwaitHearing();
  }

  SystemClock clock;
  PseudoRandomSource random;
  telemetry::Registry registry;
  Waiter breaker_news, pool_news;
  redis::BreakerStore breakers;
  redis::PoolStore pools;
};

// Microseconds from before a swap in one pod until the last of all has heard.
void MeasureNews(const redis::Options& options, JsonWriter& json) {
  std::deque<Pod> pods;
  for (int i = 0; i < kHearers; ++i) pods.emplace_back(options);
  BreakerCaller swapper(pods[0].breakers);
  const SystemClock clock;
  std::vector<double> micros;
  uint64_t revision = 0;
  for (size_t i = 1; i <= kSwaps; ++i) {
    const MonotonicTime begun = clock.Now();
    const auto reply = swapper.Swap(kBreaker, revision, "open");
    if (reply.ok()) revision = reply->record.revision;
    for (Pod& pod : pods) pod.breaker_news.AwaitChanges(i);
    micros.push_back(ToSeconds(clock.Now() - begun) * 1e6);
  }
  WriteQuantiles("swapped_until_all_8_heard_us", std::move(micros), json);
}

template <typename T>
std::function<void(absl::StatusOr<T>)> When(Done done) {
  return [done = std::move(done)](const absl::StatusOr<T>&) { done(); };
}

void MeasureBreakers(const StoreMeter& meter, Pod& pod, JsonWriter& json) {
  meter.Measure(
      "report", "evalsha",
      [&](int i, Done done) {
        const auto calls = static_cast<uint64_t>(i);
        pod.breakers.Report({kBreaker,
                             "pod-" + std::to_string(i % kPods),
                             1,
                             {calls, calls / 2, 0},
                             i % 2 == 0,
                             10'000},
                            When<store::BreakerReply>(std::move(done)));
      },
      json);
  meter.Measure(
      "read", "evalsha",
      [&](int, Done done) {
        pod.breakers.Read(kBreaker, When<store::BreakerReply>(std::move(done)));
      },
      json);
}

// All pods ask in turn for `need` of `cap`.
void MeasurePool(const StoreMeter& meter, absl::string_view name, Pod& pod,
                 uint32_t cap, uint32_t need, JsonWriter& json) {
  absl::Mutex mutex;
  std::vector<uint32_t> slots(kPods);
  const auto ask = [&](int i, Done done) {
    const auto who = static_cast<size_t>(i % kPods);
    store::PoolRequest request;
    request.pool = std::string(name);
    request.pod = "pod-" + std::to_string(who);
    request.sequence = static_cast<uint64_t>(i) + 1;
    request.cap = request.overflow_above = cap;
    request.need = request.want = need;
    request.lease_us = 60'000'000;
    if (cap < 2 * kPods) request.waited_us.assign(need, 1000 - i % 1000);
    {
      absl::MutexLock lock(&mutex);
      request.held = slots[who];
    }
    pod.pools.Exchange(
        std::move(request),
        [&, who, done](const absl::StatusOr<store::PoolReply>& reply) {
          if (reply.ok()) {
            absl::MutexLock lock(&mutex);
            slots[who] = std::min(reply->slots, reply->target);
          }
          done();
        });
  };
  meter.Measure(name, "evalsha", ask, json);
}

void Run() {
  RedisServer server;
  redis::Options options;
  options.addresses = {server.address()};
  options.timeout = std::chrono::seconds(5);
  JsonWriter json;
  json.BeginObject();
  MeasureNews(options, json);
  Pod pod(options);
  const StoreMeter meter(server, kOperations, kInFlight);
  MeasureBreakers(meter, pod, json);
  MeasurePool(meter, "exchange_enough", pod, 5 * kPods, 4, json);
  MeasurePool(meter, "exchange_scarce", pod, 5 * kPods, 8, json);
  MeasurePool(meter, "exchange_one_by_one", pod, kPods, 4, json);
  json.EndObject();
  std::puts(std::move(json).Take().c_str());
}

}  // namespace
}  // namespace outrigger

int main() { outrigger::Run(); }
