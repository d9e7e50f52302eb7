// One decision in process, with no RPC around it: what the limiter itself
// costs, beside what a clock read and a look-up in a map cost here.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "coord/limit/limiter.h"
#include "limit/matcher.h"
#include "limit/token_bucket.h"
#include "telemetry/registry.h"

namespace outrigger {
namespace {

constexpr size_t kUsers = 10'000;
// Threads ask for users of their own: this many apart.
constexpr size_t kUsersPerThread = kUsers / 2;

limit::LimitConfig TokenBucket(std::string name, std::vector<std::string> key) {
  limit::LimitConfig limit;
  limit.name = std::move(name);
  limit.key = std::move(key);
  // Wide enough that nothing is denied.
  limit.shape.tokens = 1e9;
  limit.shape.burst = 1e9;
  return limit;
}

std::vector<limit::LimitConfig> OneLimit() {
  return {TokenBucket("per_user", {"user"})};
}

std::vector<limit::LimitConfig> FourLimits() {
  return {TokenBucket("per_user", {"user"}), TokenBucket("per_org", {"org"}),
          TokenBucket("per_route", {"route"}),
          TokenBucket("per_user_route", {"user", "route"})};
}

// The users' names, close together: a real request's bytes are in the cache
// when it is decided.
struct UserNames {
  UserNames() {
    for (size_t i = 0; i < kUsers; ++i)
      std::snprintf(names[i], sizeof(names[i]), "%07zu", i);
  }
  absl::string_view operator[](size_t user) const { return {names[user], 7}; }
  char names[kUsers][8];
};

const UserNames& Users() {
  static const UserNames* const users = new UserNames;
  return *users;
}

// One user after another, in an order that no cache can guess; each thread has
// users of its own.
class Turns {
 public:
  explicit Turns(const benchmark::State& state)
      : first_(state.thread_index() * kUsersPerThread) {}
  absl::string_view Next() {
    step_ = step_ * 1664525 + 1013904223;
    return Users()[first_ + (step_ >> 8) % kUsersPerThread];
  }

 private:
  const size_t first_;
  uint32_t step_ = 1;
};

// What user, organisation and route say; a limiter with one limit sees the
// user.
using Request = std::array<limit::Attribute, 3>;
Request RequestOf(absl::string_view user) {
  return {{{"user", user}, {"org", "acme"}, {"route", "/checkout"}}};
}

// The program's own parts around a limiter without a store.
struct Pod {
  explicit Pod(std::vector<limit::LimitConfig> limits)
      : limiter({}, std::move(limits), clock, timers, random, registry,
                nullptr) {}
  SystemClock clock;
  TimerThread timers{clock};
  PseudoRandomSource random{1};
  telemetry::Registry registry;
  coord::Limiter limiter;
};

// `attributes`: how many of the request's are sent.
void Ask(benchmark::State& state, Pod& pod, size_t attributes) {
  Turns turns(state);
  coord::AllowAnswer answer;
  absl::Status error;
  for (auto _ : state) {
    const Request request = RequestOf(turns.Next());
    coord::AllowQuery query;
    query.attributes = absl::MakeSpan(request).subspan(0, attributes);
    if (!pod.limiter.AllowNow(query, &answer, &error) || !answer.allowed) {
      state.SkipWithError("a decision was parked or denied");
      break;
    }
    benchmark::DoNotOptimize(answer);
  }
}

Pod& SharedPod() {
  static Pod* const pod = new Pod(OneLimit());
  return *pod;
}

void BM_DecideOneLimit(benchmark::State& state) { Ask(state, SharedPod(), 1); }
BENCHMARK(BM_DecideOneLimit)->Threads(1)->Threads(2)->UseRealTime();

void BM_DecideFourLimits(benchmark::State& state) {
  Pod pod(FourLimits());
  Ask(state, pod, 3);
}
BENCHMARK(BM_DecideFourLimits);

void Match(benchmark::State& state, std::vector<limit::LimitConfig> limits) {
  const limit::Matcher matcher(std::move(limits));
  const Request request = RequestOf("42");
  for (auto _ : state) {
    limit::Matches matches;
    matcher.MatchAll(request, matches);
    benchmark::DoNotOptimize(matches.data());
  }
}
void BM_MatchOneLimit(benchmark::State& state) { Match(state, OneLimit()); }
BENCHMARK(BM_MatchOneLimit);
void BM_MatchFourLimits(benchmark::State& state) { Match(state, FourLimits()); }
BENCHMARK(BM_MatchFourLimits);

void BM_TakeFromBucket(benchmark::State& state) {
  limit::Shape shape;
  shape.tokens = 1e9;
  shape.burst = 1e9;
  limit::TokenBucket bucket = limit::TokenBucket::Full(shape, 0);
  int64_t now_us = 0;
  for (auto _ : state) {
    bucket.AdvanceTo(++now_us, shape, shape.burst);
    benchmark::DoNotOptimize(bucket.Take(1, 0, bucket.as_of_us, shape));
  }
}
BENCHMARK(BM_TakeFromBucket);

// The least that any limiter does: lock, find the key, look at the clock. One
// map a thread, so that threads meet in nothing but the memory bus.
void BM_FloorFindAndClock(benchmark::State& state) {
  const SystemClock clock;
  absl::Mutex mutex;
  absl::flat_hash_map<std::string, double> tokens;
  for (size_t i = 0; i < kUsers; ++i) tokens[Users()[i]] = 1e9;
  Turns turns(state);
  for (auto _ : state) {
    absl::MutexLock lock(&mutex);
    tokens.find(turns.Next())->second -= 1;
    benchmark::DoNotOptimize(clock.Now());
  }
}
BENCHMARK(BM_FloorFindAndClock)->Threads(1)->Threads(2)->UseRealTime();

void BM_ClockNow(benchmark::State& state) {
  const SystemClock clock;
  for (auto _ : state) benchmark::DoNotOptimize(clock.Now());
}
BENCHMARK(BM_ClockNow);

}  // namespace
}  // namespace outrigger

int main(int argc, char** argv) {
  // As main.cc does.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
