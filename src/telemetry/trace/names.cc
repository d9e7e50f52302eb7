#include "telemetry/trace/names.h"

#include <set>
#include <string>

#include "absl/synchronization/mutex.h"

namespace outrigger::telemetry {

absl::string_view KeptName(absl::string_view name) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* const names = new std::set<std::string>();
  absl::MutexLock lock(&mutex);
  return *names->emplace(name).first;
}

}  // namespace outrigger::telemetry
