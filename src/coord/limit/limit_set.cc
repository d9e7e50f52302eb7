#include "coord/limit/limit_set.h"

#include <cmath>
#include <utility>

namespace outrigger::coord {
namespace {

std::atomic<uint64_t> last_version{0};

}  // namespace

LimitState* LimitSets::StateOf(const std::string& name) {
  std::unique_ptr<LimitState>& slot = states_[name];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<LimitState>();
  slot->name = name;
  slot->id = static_cast<uint16_t>(states_.size() - 1);
  auto decisions = [&](const char* result) {
    return &registry_.GetCounter(telemetry::kAllowDecisions,
                                 {{"limit", name}, {"result", result}});
  };
  slot->allowed = decisions("allowed");
  slot->denied = decisions("denied");
  slot->shadow_denied = decisions("shadow_denied");
  slot->degraded =
      &registry_.GetCounter(telemetry::kAllowDegraded, {{"limit", name}});
  slot->local =
      &registry_.GetCounter(telemetry::kAllowLocal, {{"limit", name}});
  return slot.get();
}

void LimitSets::RecordWait(LimitState& limit, Duration waited) {
  telemetry::Histogram* waits = limit.waits.load(std::memory_order_acquire);
  if (waits == nullptr) {
    waits =
        &registry_.GetHistogram(telemetry::kAllowWait, {{"limit", limit.name}});
    limit.waits.store(waits, std::memory_order_release);
  }
  waits->Record(waited);
}

void LimitSets::ObserveUse(telemetry::Observations& seen) const {
  absl::MutexLock lock(&mutex_);
  for (const LimitState* limit : current_->states) {
    const double used = limit->used.Value();
    if (std::isnan(used)) continue;
    seen.Add(telemetry::kAllowUsed, {{"limit", limit->name}}, used);
  }
}

void LimitSets::Update(std::vector<limit::LimitConfig> configs) {
  auto set = std::make_shared<LimitSet>(std::move(configs));
  absl::MutexLock lock(&mutex_);
  for (const limit::LimitConfig& config : set->matcher.limits()) {
    set->states.push_back(StateOf(config.name));
  }
  set->index_by_id.assign(states_.size(), -1);
  for (size_t i = 0; i < set->states.size(); ++i) {
    set->index_by_id[set->states[i]->id] = static_cast<int>(i);
  }
  current_ = std::move(set);
  version_.store(++last_version, std::memory_order_release);
}

const std::shared_ptr<const LimitSet>& LimitSets::Current() const {
  thread_local uint64_t seen_version = 0;
  thread_local std::shared_ptr<const LimitSet> seen;
  const uint64_t version = version_.load(std::memory_order_acquire);
  if (version != seen_version) {
    absl::MutexLock lock(&mutex_);
    seen = current_;
    seen_version = version_.load(std::memory_order_relaxed);
  }
  return seen;
}

}  // namespace outrigger::coord
