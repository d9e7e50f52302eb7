// Which of an instrument's cells a thread writes.
#ifndef OUTRIGGER_TELEMETRY_INSTRUMENTS_THREAD_CELL_H_
#define OUTRIGGER_TELEMETRY_INSTRUMENTS_THREAD_CELL_H_

#include <atomic>
#include <cstddef>

namespace outrigger::telemetry {

// Up to seven threads that record anything have a cell each, which only they
// write: they neither slow each other nor pay for an atomic addition. All
// others share the last cell. A thread's cell is free again when the thread
// ends.
inline constexpr size_t kCells = 8;
inline constexpr size_t kSharedCell = kCells - 1;

// For CellOfThread alone.
size_t AssignCell();

// 0 to kSharedCell; the same for all instruments, as long as the thread lives.
// Not to be called by what is destroyed when a thread ends.
inline size_t CellOfThread() {
  thread_local size_t cell = kCells;  // not assigned yet
  if (cell == kCells) cell = AssignCell();
  return cell;
}

// Adds to a value of cell `cell`. The value may be read by any thread.
template <typename Number>
inline void AddInCell(size_t cell, std::atomic<Number>& value, Number n) {
  if (cell != kSharedCell) {
    value.store(value.load(std::memory_order_relaxed) + n,
                std::memory_order_relaxed);
    return;
  }
  Number old = value.load(std::memory_order_relaxed);
  while (
      !value.compare_exchange_weak(old, old + n, std::memory_order_relaxed)) {
  }
}

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_INSTRUMENTS_THREAD_CELL_H_
