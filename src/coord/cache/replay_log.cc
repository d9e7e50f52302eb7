#include "coord/cache/replay_log.h"

#include <utility>

namespace outrigger::coord {

void ReplayLog::NoteDone(Invalidation invalidation, MonotonicTime now) {
  absl::MutexLock lock(&mutex_);
  while (!done_.empty() && done_.front().at + kKept < now) done_.pop_front();
  done_.push_back({std::move(invalidation), now});
  Bound();
}

void ReplayLog::NoteMissed(Invalidation invalidation) {
  absl::MutexLock lock(&mutex_);
  missed_.push_back(std::move(invalidation));
  Bound();
}

void ReplayLog::Bound() {
  if (done_.size() + missed_.size() <= most_) return;
  overflows_.Add();
  const bool of_done = !done_.empty();
  const std::string ns =
      of_done ? done_.front().invalidation.ns : missed_.front().ns;
  const MonotonicTime at = of_done ? done_.back().at : MonotonicTime{};
  const size_t missed_before = missed_.size();
  std::erase_if(done_,
                [&ns](const Done& done) { return done.invalidation.ns == ns; });
  std::erase_if(missed_, [&ns](const Invalidation& i) { return i.ns == ns; });
  Invalidation all{Invalidation::Kind::kGlob, ns, "*", false};
  if (missed_.size() < missed_before) {
    missed_.push_back(std::move(all));
  } else {
    done_.push_back({std::move(all), at});
  }
}

std::vector<Invalidation> ReplayLog::Take(bool forgot, MonotonicTime now) {
  absl::MutexLock lock(&mutex_);
  std::vector<Invalidation> taken = std::move(missed_);
  missed_.clear();
  if (!forgot) return taken;
  for (Done& done : done_) {
    if (done.at + kKept >= now) taken.push_back(std::move(done.invalidation));
  }
  done_.clear();
  return taken;
}

bool ReplayLog::any_missed() const {
  absl::MutexLock lock(&mutex_);
  return !missed_.empty();
}

size_t ReplayLog::size() const {
  absl::MutexLock lock(&mutex_);
  return done_.size() + missed_.size();
}

}  // namespace outrigger::coord
