#include "telemetry/instruments/exemplar.h"

namespace outrigger::telemetry {

void ExemplarReservoir::Offer(size_t place, const Exemplar& exemplar) {
  absl::MutexLock lock(&mutex_);
  if (kept_.empty()) kept_.resize(places_);
  kept_[place] = exemplar;
}

std::vector<Exemplar> ExemplarReservoir::Read() const {
  std::vector<Exemplar> all;
  absl::MutexLock lock(&mutex_);
  for (const Exemplar& exemplar : kept_) {
    if (exemplar.span.valid()) all.push_back(exemplar);
  }
  return all;
}

}  // namespace outrigger::telemetry
