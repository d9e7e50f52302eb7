// Sums: counters, which only grow, and up-down counters.
#ifndef OUTRIGGER_TELEMETRY_INSTRUMENTS_COUNTER_H_
#define OUTRIGGER_TELEMETRY_INSTRUMENTS_COUNTER_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "telemetry/instruments/thread_cell.h"

namespace outrigger::telemetry {

// A sum of what all threads add. Thread-safe; an addition takes no lock, and no
// atomic addition on the first threads (see thread_cell.h).
template <typename Number>
class Sum {
 public:
  void Add(Number n = 1) {
    const size_t cell = CellOfThread();
    AddInCell(cell, cells_[cell].value, n);
  }

  // What was added before the call, by any thread.
  Number Value() const {
    Number sum = 0;
    for (const Cell& cell : cells_) {
      sum += cell.value.load(std::memory_order_relaxed);
    }
    return sum;
  }

 private:
  struct alignas(64) Cell {
    std::atomic<Number> value{0};
  };

  std::array<Cell, kCells> cells_;
};

// Only grows.
using Counter = Sum<uint64_t>;
// Goes up and down: what is in use now.
using UpDownCounter = Sum<int64_t>;

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_INSTRUMENTS_COUNTER_H_
