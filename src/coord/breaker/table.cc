#include "coord/breaker/table.h"

#include <algorithm>
#include <utility>

namespace outrigger::coord {
namespace {

std::atomic<uint64_t> last_version{0};

std::vector<BreakerEntry*> EntriesOf(const std::vector<NamedBreaker*>& all) {
  std::vector<BreakerEntry*> entries;
  for (NamedBreaker* named : all) {
    entries.push_back(&named->whole());
    const std::vector<BreakerEntry*> methods = named->Methods();
    entries.insert(entries.end(), methods.begin(), methods.end());
  }
  return entries;
}

}  // namespace

NamedBreaker::NamedBreaker(BreakerOptionsPtr options, BreakerContext& context,
                           telemetry::Registry& registry)
    : context_(context),
      counters_(options->name, context.clock, registry),
      whole_({options->name, ""}, options, breaker::Forced::kNone,
             /*methods_reset=*/0, context, counters_),
      per_method_(options->per_method),
      options_(std::move(options)) {}

BreakerEntry& NamedBreaker::EntryOf(absl::string_view method, bool* made) {
  if (method.empty() || !per_method_.load(std::memory_order_relaxed)) {
    return whole_;
  }
  // Before the lock: whole_ has one of its own.
  BreakerEntry* const found = Find(method);
  if (found != nullptr) return *found;
  const breaker::Forced forced = whole_.forced();
  const uint64_t methods_reset = whole_.methods_reset();
  ShortLockHolder lock(&lock_);
  if (methods_.size() >= static_cast<size_t>(options_->max_methods) &&
      !methods_.contains(method)) {
    counters_.shared_methods.Add();
    return whole_;
  }
  auto& slot = methods_[method];
  if (slot == nullptr) {
    slot = std::make_unique<BreakerEntry>(
        store::BreakerKey{options_->name, std::string(method)}, options_,
        forced, methods_reset, context_, counters_);
    *made = true;
  }
  return *slot;
}

BreakerEntry* NamedBreaker::Find(absl::string_view method) {
  if (method.empty()) return &whole_;
  ShortLockHolder lock(&lock_);
  const auto found = methods_.find(method);
  return found == methods_.end() ? nullptr : found->second.get();
}

std::vector<BreakerEntry*> NamedBreaker::Methods() const {
  std::vector<BreakerEntry*> all;
  {
    ShortLockHolder lock(&lock_);
    for (const auto& [method, entry] : methods_) all.push_back(entry.get());
  }
  std::sort(all.begin(), all.end(),
            [](const BreakerEntry* a, const BreakerEntry* b) {
              return a->key().method < b->key().method;
            });
  return all;
}

void NamedBreaker::SetOptions(BreakerOptionsPtr options) {
  per_method_.store(options->per_method, std::memory_order_relaxed);
  ShortLockHolder lock(&lock_);
  options_ = std::move(options);
}

BreakerTable::Changes BreakerTable::Update(
    std::vector<breaker::BreakerOptions> options) {
  Changes changes;
  auto by_name = std::make_shared<ByName>();
  absl::MutexLock lock(&mutex_);
  for (breaker::BreakerOptions& one : options) {
    auto shared =
        std::make_shared<const breaker::BreakerOptions>(std::move(one));
    std::unique_ptr<NamedBreaker>& slot = named_[shared->name];
    if (slot == nullptr) {
      slot = std::make_unique<NamedBreaker>(shared, context_, registry_);
      changes.made.push_back(&slot->whole());
    } else {
      slot->SetOptions(shared);
      changes.changed.emplace_back(&slot->whole(), shared);
      for (BreakerEntry* method : slot->Methods()) {
        changes.changed.emplace_back(method, shared);
      }
    }
    by_name->emplace(slot->name(), slot.get());
  }
  current_ = std::move(by_name);
  version_.store(++last_version, std::memory_order_release);
  return changes;
}

NamedBreaker* BreakerTable::Find(absl::string_view name) const {
  // Plain variables are quicker to reach than `held`, which has a destructor.
  thread_local uint64_t seen_version = 0;
  thread_local const ByName* seen = nullptr;
  if (version_.load(std::memory_order_acquire) != seen_version) {
    thread_local std::shared_ptr<const ByName> held;
    absl::MutexLock lock(&mutex_);
    held = current_;
    seen = held.get();
    seen_version = version_.load(std::memory_order_relaxed);
  }
  const auto found = seen->find(name);
  return found == seen->end() ? nullptr : found->second;
}

std::vector<NamedBreaker*> BreakerTable::All() const {
  std::vector<NamedBreaker*> all;
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, named] : named_) {
    if (current_->contains(name)) all.push_back(named.get());
  }
  return all;
}

std::vector<BreakerEntry*> BreakerTable::Entries() const {
  return EntriesOf(All());
}

std::vector<BreakerEntry*> BreakerTable::EverEntries() const {
  std::vector<NamedBreaker*> ever;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [name, named] : named_) ever.push_back(named.get());
  }
  return EntriesOf(ever);
}

}  // namespace outrigger::coord
