// The latest value of something that threads see one after another.
#ifndef OUTRIGGER_TELEMETRY_INSTRUMENTS_GAUGE_H_
#define OUTRIGGER_TELEMETRY_INSTRUMENTS_GAUGE_H_

#include <array>
#include <atomic>
#include <cmath>
#include <limits>

#include "telemetry/instruments/thread_cell.h"

namespace outrigger::telemetry {

// Thread-safe; a write touches a cache line of the thread's own (see
// thread_cell.h), so that threads do not slow each other.
class Gauge {
 public:
  // NaN stands for "not set".
  void Set(double value) {
    cells_[CellOfThread()].value.store(value, std::memory_order_relaxed);
  }

  // The highest of the threads' latest values; NaN if none was set.
  double Value() const {
    double highest = std::numeric_limits<double>::quiet_NaN();
    for (const Cell& cell : cells_) {
      // fmax passes over NaN.
      highest = std::fmax(highest, cell.value.load(std::memory_order_relaxed));
    }
    return highest;
  }

 private:
  struct alignas(64) Cell {
    std::atomic<double> value{std::numeric_limits<double>::quiet_NaN()};
  };

  std::array<Cell, kCells> cells_;
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_INSTRUMENTS_GAUGE_H_
