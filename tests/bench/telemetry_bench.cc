// What measuring itself costs: one increment, one record, one unsampled span.
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "telemetry/instruments/counter.h"
#include "telemetry/instruments/histogram.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::telemetry {
namespace {

class DroppedSpans final : public SpanSink {
 public:
  void Accept(Span span) override { benchmark::DoNotOptimize(span); }
};

Counter& SharedCounter() {
  static auto& counter = *new Counter();
  return counter;
}

Histogram& SharedHistogram(Aggregation aggregation) {
  static auto& explicit_bounds = *new Histogram(Aggregation::kExplicit);
  static auto& exponential = *new Histogram(Aggregation::kExponential);
  return aggregation == Aggregation::kExplicit ? explicit_bounds : exponential;
}

// The floor of what threads do beside each other on this machine: each bumps a
// number of its own, far from the others'.
void BM_FloorOwnNumber(benchmark::State& state) {
  struct alignas(4096) Slot {
    std::atomic<uint64_t> value{0};
  };
  static std::array<Slot, 4> slots;
  std::atomic<uint64_t>& value =
      slots[static_cast<size_t>(state.thread_index())].value;
  for (auto _ : state) {
    value.store(value.load(std::memory_order_relaxed) + 1,
                std::memory_order_relaxed);
  }
}
BENCHMARK(BM_FloorOwnNumber)->Threads(1)->Threads(2)->UseRealTime();

void BM_CounterAdd(benchmark::State& state) {
  Counter& counter = SharedCounter();
  for (auto _ : state) counter.Add();
}
BENCHMARK(BM_CounterAdd)->Threads(1)->Threads(2)->UseRealTime();

void Record(benchmark::State& state, Aggregation aggregation) {
  Histogram& histogram = SharedHistogram(aggregation);
  // Values as calls have them: a few to some hundred microseconds.
  double value = 3e-6;
  for (auto _ : state) {
    histogram.Record(value);
    value = value < 3e-4 ? value * 1.1 : 3e-6;
  }
}
void BM_RecordExplicit(benchmark::State& state) {
  Record(state, Aggregation::kExplicit);
}
BENCHMARK(BM_RecordExplicit)->Threads(1)->Threads(2)->UseRealTime();
void BM_RecordExponential(benchmark::State& state) {
  Record(state, Aggregation::kExponential);
}
BENCHMARK(BM_RecordExponential)->Threads(1)->Threads(2)->UseRealTime();

void BM_SpanPassedOver(benchmark::State& state) {
  static SystemClock clock;
  static PseudoRandomSource random(1);
  static DroppedSpans spans;
  static Tracer tracer({.sampler = {.ratio = 0}}, clock, random, &spans);
  ActiveSpan span;
  for (auto _ : state) {
    span.Begin(tracer, {});
    const ScopedSpan current(span.context());
    span.End("call", SpanKind::kServer, {}, {});
  }
}
BENCHMARK(BM_SpanPassedOver);

void BM_Collect1000Limits(benchmark::State& state) {
  static auto& registry =
      *new Registry(Registry::Options{.cardinality_limit = 10'000});
  for (int i = 0; i < 1000; ++i) {
    const std::string limit = "limit_" + std::to_string(i);
    for (const char* result : {"allowed", "denied", "shadow_denied"}) {
      registry.GetCounter(kAllowDecisions,
                          {{"limit", limit}, {"result", result}});
    }
    registry.GetCounter(kAllowDegraded, {{"limit", limit}});
    registry.GetCounter(kAllowLocal, {{"limit", limit}});
  }
  for (auto _ : state) benchmark::DoNotOptimize(registry.Collect());
}
BENCHMARK(BM_Collect1000Limits)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace outrigger::telemetry

BENCHMARK_MAIN();
