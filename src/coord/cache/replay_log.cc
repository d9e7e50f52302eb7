#include "coord/cache/replay_log.h"

namespace outrigger::coord {

using Kind = Invalidation::Kind;

// A tag or a glob may concern any key.
store::CacheKey ReplayLog::Concerned(const Name& name) {
  return name.kind == Kind::kKey ? name.key : store::CacheKey{name.key.ns, ""};
}

void ReplayLog::NoteDone(Invalidation invalidation, MonotonicTime now) {
  absl::MutexLock lock(&mutex_);
  const Name name{invalidation.kind, {invalidation.ns, invalidation.name}};
  const auto missed = missed_.find(name);
  if (missed != missed_.end() && (missed->second || !invalidation.soft)) {
    unsettled_.Remove(Concerned(name));
    missed_.erase(missed);
  }
  while (!done_.empty() && done_.front().at + kKept < now) done_.pop_front();
  done_.push_back({std::move(invalidation), now});
  Bound();
}

void ReplayLog::NoteMissed(Invalidation invalidation) {
  absl::MutexLock lock(&mutex_);
  Miss(std::move(invalidation));
  Bound();
}

void ReplayLog::Miss(Invalidation invalidation) {
  const Name name{invalidation.kind, {invalidation.ns, invalidation.name}};
  const auto [missed, made] = missed_.try_emplace(name, invalidation.soft);
  missed->second = missed->second && invalidation.soft;
  if (made) unsettled_.Add(Concerned(name));
}

void ReplayLog::Forgot(MonotonicTime now) {
  absl::MutexLock lock(&mutex_);
  for (Done& done : done_) {
    if (done.at + kKept >= now) Miss(std::move(done.invalidation));
  }
  done_.clear();
}

void ReplayLog::Bound() {
  if (done_.size() + missed_.size() <= most_) return;
  overflows_.Add();
  const bool of_done = !done_.empty();
  const std::string ns =
      of_done ? done_.front().invalidation.ns : missed_.begin()->first.key.ns;
  const MonotonicTime at = of_done ? done_.back().at : MonotonicTime{};
  std::erase_if(done_,
                [&ns](const Done& done) { return done.invalidation.ns == ns; });
  bool any_missed = false;
  for (auto missed = missed_.begin(); missed != missed_.end();) {
    const auto each = missed++;
    if (each->first.key.ns != ns) continue;
    any_missed = true;
    unsettled_.Remove(Concerned(each->first));
    missed_.erase(each);
  }
  Invalidation all{Kind::kGlob, ns, "*", false};
  if (any_missed) {
    Miss(std::move(all));
  } else {
    done_.push_back({std::move(all), at});
  }
}

std::vector<Invalidation> ReplayLog::Missed() const {
  std::vector<Invalidation> missed;
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, soft] : missed_) {
    missed.push_back({name.kind, name.key.ns, name.key.key, soft});
  }
  return missed;
}

size_t ReplayLog::size() const {
  absl::MutexLock lock(&mutex_);
  return done_.size() + missed_.size();
}

}  // namespace outrigger::coord
