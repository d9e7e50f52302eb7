// A slot acquired and released in process, with no RPC around it, from a block
// that has free ones: of a pool that only caps, and of one with endpoints.
// Beside what the two clock reads cost here.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "coord/pool/pools.h"
#include "store/memory_pool_store.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"

namespace outrigger {
namespace {

constexpr int kSlots = 200;
constexpr size_t kHeld = 100;  // by other callers, all the time

pool::PoolOptions Options(std::string name, int endpoints) {
  pool::PoolOptions options;
  options.name = std::move(name);
  options.max_connections = kSlots;
  options.lease = std::chrono::hours(1);
  for (int i = 0; i < endpoints; ++i) {
    pool::EndpointOptions endpoint;
    endpoint.address = absl::StrCat("10.0.0.", i, ":5432");
    options.endpoints.push_back(endpoint);
  }
  return options;
}

// The program's own parts around pools of one pod.
struct Pod {
  SystemClock clock;
  TimerThread timers{clock};
  PseudoRandomSource random{1};
  telemetry::Registry registry;
  store::MemoryPoolStore store{clock};
  coord::Pools pools{
      {"bench", 100},
      {Options("caps", 0), Options("caps_too", 0), Options("three", 3)},
      clock,
      timers,
      random,
      registry,
      store};

  Pod() {
    for (const char* pool : {"caps", "caps_too", "three"}) Fill(pool);
  }

  // The block gets all that there is, and keeps it; some stay held.
  void Fill(const char* pool) {
    std::vector<uint64_t> leases;
    coord::SlotQuery query;
    query.pool = pool;
    for (int i = 0; i < kSlots; ++i) {
      pools.AcquireLater(query,
                         [&leases](absl::StatusOr<coord::SlotAnswer> answer) {
                           leases.push_back(answer.value().lease_id);
                         });
    }
    while (leases.size() > kHeld) {
      pools.Release(leases.back(), pool::Outcome::kSuccess);
      leases.pop_back();
    }
  }
};

Pod& SharedPod() {
  static Pod* const pod = new Pod;
  return *pod;
}

void AcquireAndRelease(benchmark::State& state, const char* pool) {
  coord::Pools& pools = SharedPod().pools;
  coord::SlotQuery query;
  query.pool = pool;
  for (auto _ : state) {
    coord::SlotAnswer answer;
    absl::Status error;
    if (!pools.AcquireNow(query, &answer, &error) || !answer.acquired ||
        !pools.Release(answer.lease_id, pool::Outcome::kSuccess)) {
      state.SkipWithError("there was no slot");
      break;
    }
  }
}

void BM_Caps(benchmark::State& state) { AcquireAndRelease(state, "caps"); }
BENCHMARK(BM_Caps)->Threads(1)->Threads(2)->UseRealTime();

void BM_ThreeEndpoints(benchmark::State& state) {
  AcquireAndRelease(state, "three");
}
BENCHMARK(BM_ThreeEndpoints)->Threads(1)->Threads(2)->UseRealTime();

// Each thread has a pool of its own.
void BM_PoolEach(benchmark::State& state) {
  constexpr std::array<const char*, 2> kPools = {"caps", "caps_too"};
  AcquireAndRelease(state, kPools[static_cast<size_t>(state.thread_index())]);
}
BENCHMARK(BM_PoolEach)->Threads(2)->UseRealTime();

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
