#include "telemetry/registry.h"

#include <algorithm>

namespace outrigger::telemetry {

size_t Counter::AssignCell() {
  static std::atomic<size_t> next{0};
  return std::min(next.fetch_add(1, std::memory_order_relaxed), kCells - 1);
}

uint64_t Counter::Value() const {
  uint64_t sum = 0;
  for (const Cell& cell : cells_) {
    sum += cell.value.load(std::memory_order_relaxed);
  }
  return sum;
}

Counter& Registry::GetCounter(const MetricInfo& info,
                              const Attributes& attributes) {
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<Counter>& slot = counters_[{&info, attributes}];
  if (slot == nullptr) slot = std::make_unique<Counter>();
  return *slot;
}

void Registry::AddGauge(const MetricInfo& info, const Attributes& attributes,
                        std::function<double()> read) {
  absl::MutexLock lock(&mutex_);
  gauges_[{&info, attributes}] = std::move(read);
}

std::vector<Sample> Registry::Collect() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Sample> samples;
  samples.reserve(counters_.size() + gauges_.size());
  for (const auto& [key, counter] : counters_) {
    samples.push_back(
        {key.first, key.second, static_cast<double>(counter->Value())});
  }
  for (const auto& [key, read] : gauges_) {
    samples.push_back({key.first, key.second, read()});
  }
  return samples;
}

}  // namespace outrigger::telemetry
