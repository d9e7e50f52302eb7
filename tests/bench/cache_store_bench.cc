// The cache's store over a Redis of its own, on loopback: how soon one pod
// hears of what another has removed, and what the operations cost.
//
// Prints one JSON object. CPU is this process': the caller's and the store's
// thread together. "redis_us" is Redis' own count of a command.
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/json.h"
#include "bench/store_meter.h"
#include "redis/cache/cache_store.h"
#include "support/cache_calls.h"
#include "support/redis_server.h"

namespace outrigger {
namespace {

constexpr int kNotices = 1000;
constexpr int kOperations = 200'000;
constexpr int kInFlight = 64;

// Waits for changes and for being verified.
class Waiter final : public store::CacheListener {
 public:
  void OnChanged(const std::vector<store::CacheKey>& keys) override {
    absl::MutexLock lock(&mutex_);
    changed_ += keys.size();
  }
  void OnMarked(const std::string&) override {}
  void OnJournal(const std::string&) override {}
  void OnUnverified() override {}
  void OnVerified(bool) override {
    absl::MutexLock lock(&mutex_);
    verified_ = true;
  }
  void AwaitVerified() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&verified_));
  }
  void AwaitChanges(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return changed_ >= count; };
    mutex_.Await(absl::Condition(&enough));
  }

 private:
  absl::Mutex mutex_;
  size_t changed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool verified_ ABSL_GUARDED_BY(mutex_) = false;
};

// One pod.
struct Pod {
  explicit Pod(const redis::Options& options)
      : store(options, clock, random, registry) {
    store.Listen(&heard);
    heard.AwaitVerified();
  }

  SystemClock clock;
  PseudoRandomSource random;
  telemetry::Registry registry;
  Waiter heard;
  redis::CacheStore store;
  CacheCaller call{store};
};

// Microseconds from before a removal in one pod until another hears of it.
void MeasureNotices(const redis::Options& options, JsonWriter& json) {
  Pod remover(options), hearer(options);
  const SystemClock clock;
  std::vector<double> micros;
  for (size_t i = 1; i <= kNotices; ++i) {
    const MonotonicTime begun = clock.Now();
    remover.store.Remove({{"ns", "key"}, false, 0},
                         [](const absl::StatusOr<bool>&) {});
    hearer.heard.AwaitChanges(i);
    micros.push_back(ToSeconds(clock.Now() - begun) * 1e6);
  }
  WriteQuantiles("removed_until_heard_us", std::move(micros), json);
}

void MeasureOperations(const RedisServer& server, Pod& pod, JsonWriter& json) {
  const auto key = [](int i) {
    return store::CacheKey{"ns", "user:" + std::to_string(i % 10'000)};
  };
  const std::string value(256, 'v');
  using Done = std::function<void()>;
  const auto when = [](Done done) { return [done](const auto&) { done(); }; };
  const StoreMeter meter(server, kOperations, kInFlight);
  meter.Measure(
      "write", "evalsha",
      [&](int i, Done done) {
        pod.store.Write(CacheCaller::RequestOf(key(i), value), when(done));
      },
      json);
  meter.Measure(
      "read", "get",
      [&](int i, Done done) { pod.store.Read(key(i), when(done)); }, json);
  meter.Measure(
      "acquire", "evalsha",
      [&](int i, Done done) {
        pod.store.Acquire({key(i), 1'000'000, ~uint64_t{0}, 1}, when(done));
      },
      json);
  meter.Measure(
      "remove", "evalsha",
      [&](int i, Done done) {
        pod.store.Remove({key(i), false, 0}, when(done));
      },
      json);
}

void MeasureLargeValue(Pod& pod, JsonWriter& json) {
  const SystemClock clock;
  const store::CacheKey key{"ns", "large"};
  const std::string value(8 << 20, 'x');
  store::WriteRequest request = CacheCaller::RequestOf(key, value);
  MonotonicTime begun = clock.Now();
  const bool stored = pod.call.Write(std::move(request)).ok();
  json.BeginObject("eight_mebibytes");
  json.Field("write_ms", ToSeconds(clock.Now() - begun) * 1e3);
  begun = clock.Now();
  const bool found = pod.call.Read(key).ok();
  json.Field("read_ms", ToSeconds(clock.Now() - begun) * 1e3);
  json.Field("ok", stored && found).EndObject();
}

void Run() {
  RedisServer server;
  redis::Options options;
  options.addresses = {server.address()};
  options.timeout = std::chrono::seconds(5);
  JsonWriter json;
  json.BeginObject();
  MeasureNotices(options, json);
  Pod pod(options);
  MeasureOperations(server, pod, json);
  MeasureLargeValue(pod, json);
  json.EndObject();
  std::puts(std::move(json).Take().c_str());
}

}  // namespace
}  // namespace outrigger

int main() { outrigger::Run(); }
