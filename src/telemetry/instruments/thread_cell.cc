#include "telemetry/instruments/thread_cell.h"

#include <array>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace outrigger::telemetry {
namespace {

absl::Mutex mutex(absl::kConstInit);
std::array<bool, kSharedCell> taken ABSL_GUARDED_BY(mutex){};

// Gives a thread's cell back at its end. The lock makes what the thread wrote
// known to the next one that has the cell.
struct Owned {
  ~Owned() {
    if (cell >= kSharedCell) return;
    absl::MutexLock lock(&mutex);
    taken[cell] = false;
  }
  size_t cell = kSharedCell;
};

}  // namespace

size_t AssignCell() {
  thread_local Owned owned;
  absl::MutexLock lock(&mutex);
  for (size_t i = 0; i < kSharedCell && owned.cell == kSharedCell; ++i) {
    if (taken[i]) continue;
    taken[i] = true;
    owned.cell = i;
  }
  return owned.cell;
}

}  // namespace outrigger::telemetry
