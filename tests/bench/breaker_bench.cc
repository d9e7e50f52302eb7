// One decision of a breaker in process, with no RPC around it, and one outcome
// taken: beside what a clock read costs here.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "coord/breaker/breakers.h"
#include "store/memory_breaker_store.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"

namespace outrigger {
namespace {

constexpr int kBreakers = 100;

std::vector<breaker::BreakerOptions> Options() {
  std::vector<breaker::BreakerOptions> all;
  for (int i = 0; i < kBreakers; ++i) {
    breaker::BreakerOptions options;
    options.name = absl::StrCat("service-", i);
    options.per_method = i == 0;
    all.push_back(std::move(options));
  }
  return all;
}

// The program's own parts around breakers of one pod.
struct Pod {
  SystemClock clock;
  TimerThread timers{clock};
  PseudoRandomSource random{1};
  telemetry::Registry registry;
  store::MemoryBreakerStore store{clock};
  coord::Breakers breakers{{},     Options(), clock, timers,
                           random, registry,  store};
};

Pod& SharedPod() {
  static Pod* const pod = new Pod;
  return *pod;
}

std::vector<std::string> Names(int first) {
  std::vector<std::string> names;
  for (int i = 0; i < kBreakers / 2; ++i) {
    names.push_back(absl::StrCat("service-", 1 + (first + i) % 99));
  }
  return names;
}

bool Acquire(Pod& pod, const coord::PermitQuery& query,
             coord::PermitAnswer* answer) {
  absl::Status error;
  return pod.breakers.AcquireNow(query, answer, &error) && answer->allowed;
}

// Closed, one breaker after another; each thread has breakers of its own.
void BM_Acquire(benchmark::State& state) {
  Pod& pod = SharedPod();
  const std::vector<std::string> names = Names(state.thread_index() * 50);
  size_t next = 0;
  coord::PermitAnswer answer;
  for (auto _ : state) {
    coord::PermitQuery query;
    query.breaker = names[next];
    next = next + 1 == names.size() ? 0 : next + 1;
    if (!Acquire(pod, query, &answer)) {
      state.SkipWithError("denied");
      break;
    }
    benchmark::DoNotOptimize(answer);
  }
}
BENCHMARK(BM_Acquire)->Threads(1)->Threads(2)->UseRealTime();

void BM_AcquireOneOfManyMethods(benchmark::State& state) {
  Pod& pod = SharedPod();
  const std::vector<std::string> names = Names(0);
  size_t next = 0;
  coord::PermitAnswer answer;
  for (auto _ : state) {
    coord::PermitQuery query;
    query.breaker = "service-0";
    query.method = names[next];
    next = next + 1 == names.size() ? 0 : next + 1;
    if (!Acquire(pod, query, &answer)) {
      state.SkipWithError("denied");
      break;
    }
  }
}
BENCHMARK(BM_AcquireOneOfManyMethods);

void BM_AcquireAndReport(benchmark::State& state) {
  Pod& pod = SharedPod();
  const std::vector<std::string> names = Names(0);
  size_t next = 0;
  for (auto _ : state) {
    coord::PermitQuery query;
    query.breaker = names[next];
    next = next + 1 == names.size() ? 0 : next + 1;
    coord::PermitAnswer answer;
    if (!Acquire(pod, query, &answer)) {
      state.SkipWithError("denied");
      break;
    }
    coord::CallOutcome outcome;
    outcome.breaker = query.breaker;
    outcome.permit = answer.permit;
    outcome.generation = answer.generation;
    benchmark::DoNotOptimize(pod.breakers.Report({outcome}).value());
  }
}
BENCHMARK(BM_AcquireAndReport);

// What a denial costs, with its message.
void BM_Deny(benchmark::State& state) {
  Pod pod;
  pod.breakers.Force("service-1", "", coord::BreakerState::kForcedOpen,
                     [](const absl::StatusOr<bool>&) {});
  coord::PermitQuery query;
  query.breaker = "service-1";
  coord::PermitAnswer answer;
  for (auto _ : state) {
    if (Acquire(pod, query, &answer)) {
      state.SkipWithError("allowed");
      break;
    }
  }
}
BENCHMARK(BM_Deny);

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
  outrigger::telemetry::Log::SetMinimum(outrigger::telemetry::LogLevel::kError);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
