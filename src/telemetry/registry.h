// Instruments and their registry: counters that cost a few nanoseconds.
//
// An instrument is made once, at start or at a configuration's reload, with its
// attributes bound; a hot path then only bumps it, with no lock and no
// allocation. Names, units and descriptions stand once, in telemetry/metrics.h.
#ifndef OUTRIGGER_TELEMETRY_REGISTRY_H_
#define OUTRIGGER_TELEMETRY_REGISTRY_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "telemetry/metrics.h"

namespace outrigger::telemetry {

// A monotonic sum. Thread-safe; the first threads of the process have a cache
// line each that only they write, so that they neither slow each other nor pay
// for an atomic addition. All later ones share the last line.
class Counter {
 public:
  void Add(uint64_t n = 1) {
    const size_t cell = CellOfThread();
    std::atomic<uint64_t>& value = cells_[cell].value;
    if (cell == kCells - 1) {
      value.fetch_add(n, std::memory_order_relaxed);
    } else {
      value.store(value.load(std::memory_order_relaxed) + n,
                  std::memory_order_relaxed);
    }
  }
  // The sum of what was added before the call, by any thread.
  uint64_t Value() const;

 private:
  static constexpr size_t kCells = 8;
  struct alignas(64) Cell {
    std::atomic<uint64_t> value{0};
  };
  static size_t CellOfThread() {
    thread_local size_t cell = kCells;  // not assigned yet
    if (cell == kCells) cell = AssignCell();
    return cell;
  }
  static size_t AssignCell();

  std::array<Cell, kCells> cells_;
};

// Bound attributes, in order: names to values. Values are configured names
// only, never a key's or a user's value.
using Attributes = std::vector<std::pair<std::string, std::string>>;

// One value at a moment.
struct Sample {
  const MetricInfo* metric = nullptr;
  Attributes attributes;
  double value = 0;
};

// Owns all instruments. Thread-safe.
class Registry {
 public:
  // The counter of these attributes; made at the first call. Lives as long as
  // the registry. REQUIRES: info.kind == kCounter; `info` is static.
  Counter& GetCounter(const MetricInfo& info, const Attributes& attributes = {})
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Reads a value when somebody looks. `read` must be thread-safe, and what it
  // uses must outlive the registry. REQUIRES: `info` is static.
  void AddGauge(const MetricInfo& info, const Attributes& attributes,
                std::function<double()> read) ABSL_LOCKS_EXCLUDED(mutex_);

  // All values now, ordered by metric and attributes.
  std::vector<Sample> Collect() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Key = std::pair<const MetricInfo*, Attributes>;

  mutable absl::Mutex mutex_;
  std::map<Key, std::unique_ptr<Counter>> counters_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, std::function<double()>> gauges_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_REGISTRY_H_
