// What a scrape of /metrics costs with 1,000 limits: reading the instruments,
// writing the text, and compressing it for those who ask.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "admin/http/gzip.h"
#include "admin/prometheus/exposition.h"
#include "telemetry/metrics.h"
#include "telemetry/registry.h"

namespace outrigger {
namespace {

constexpr int kLimits = 1'000;

// All that limits measure, each of them used, with nothing cut off.
class Busy {
 public:
  Busy() : registry_({.cardinality_limit = 10 * kLimits}) {
    for (int i = 0; i < kLimits; ++i) Use(absl::StrCat("limit_", i), i);
    observation_ = registry_.Observe([](telemetry::Observations& to) {
      for (int i = 0; i < kLimits; ++i) {
        to.Add(telemetry::kAllowUsed, {{"limit", absl::StrCat("limit_", i)}},
               1.0 / (i + 1));
      }
    });
  }

  const telemetry::Registry& registry() const { return registry_; }

 private:
  void Use(const std::string& limit, int times) {
    for (const char* result : {"allowed", "denied", "shadow_denied"}) {
      registry_
          .GetCounter(telemetry::kAllowDecisions,
                      {{"limit", limit}, {"result", result}})
          .Add(1'000 * times);
    }
    registry_.GetCounter(telemetry::kAllowDegraded, {{"limit", limit}})
        .Add(times);
    registry_.GetCounter(telemetry::kAllowLocal, {{"limit", limit}}).Add(times);
    telemetry::Histogram& wait =
        registry_.GetHistogram(telemetry::kAllowWait, {{"limit", limit}});
    for (int i = 0; i < 100; ++i) wait.Record(1e-5 * i * times);
  }

  telemetry::Registry registry_;
  telemetry::Observation observation_;
};

const Busy& SharedBusy() {
  static const Busy* const busy = new Busy;
  return *busy;
}

std::string Scrape(admin::Format format) {
  return admin::Expose(SharedBusy().registry().Collect(),
                       {{"service.name", "bench"}}, "1.0.0", format,
                       4 << 20);  // as of the second scrape
}

void BM_CollectThousandLimits(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(SharedBusy().registry().Collect());
  }
}
BENCHMARK(BM_CollectThousandLimits)->Unit(benchmark::kMillisecond);

void BM_ScrapeThousandLimits(benchmark::State& state) {
  for (auto _ : state) {
    const std::string text = Scrape(static_cast<admin::Format>(state.range(0)));
    state.counters["bytes"] = static_cast<double>(text.size());
    benchmark::DoNotOptimize(text.data());
  }
}
BENCHMARK(BM_ScrapeThousandLimits)
    ->Arg(static_cast<int>(admin::Format::kText))
    ->Arg(static_cast<int>(admin::Format::kOpenMetrics))
    ->Unit(benchmark::kMillisecond);

void BM_CompressThousandLimits(benchmark::State& state) {
  const std::string text = Scrape(admin::Format::kText);
  for (auto _ : state) {
    const std::string small = admin::Gzip(text);
    state.counters["bytes"] = static_cast<double>(small.size());
    benchmark::DoNotOptimize(small.data());
  }
}
BENCHMARK(BM_CompressThousandLimits)->Unit(benchmark::kMillisecond);

// The least that it takes: as many bytes copied.
void BM_FloorCopyThousandLimits(benchmark::State& state) {
  const std::string text = Scrape(admin::Format::kText);
  for (auto _ : state) {
    std::string copy = text;
    benchmark::DoNotOptimize(copy.data());
  }
}
BENCHMARK(BM_FloorCopyThousandLimits)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace outrigger

BENCHMARK_MAIN();
