#include "telemetry/instruments/thread_cell.h"

#include <algorithm>

namespace outrigger::telemetry {

size_t AssignCell() {
  static std::atomic<size_t> next{0};
  return std::min(next.fetch_add(1, std::memory_order_relaxed), kSharedCell);
}

}  // namespace outrigger::telemetry
