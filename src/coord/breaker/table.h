// The configured breakers, by name, and their methods.
#ifndef OUTRIGGER_COORD_BREAKER_TABLE_H_
#define OUTRIGGER_COORD_BREAKER_TABLE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/short_lock.h"
#include "coord/breaker/context.h"
#include "coord/breaker/counters.h"
#include "coord/breaker/entry/entry.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

// One name. Thread-safe; entries live as long as it does.
class NamedBreaker {
 public:
  NamedBreaker(BreakerOptionsPtr options, BreakerContext& context,
               telemetry::Registry& registry);

  const std::string& name() const { return whole_.key().name; }
  // Of calls without a method.
  BreakerEntry& whole() { return whole_; }

  // The entry of these calls. *made: it is new, and has to be refreshed.
  BreakerEntry& EntryOf(absl::string_view method, bool* made)
      ABSL_LOCKS_EXCLUDED(lock_);
  // Null: there is none.
  BreakerEntry* Find(absl::string_view method) ABSL_LOCKS_EXCLUDED(lock_);
  // The entry of these calls, if it is there; null: ask EntryOf.
  BreakerEntry* Known(absl::string_view method) {
    if (method.empty() || !per_method_.load(std::memory_order_relaxed)) {
      return &whole_;
    }
    return Find(method);
  }
  // Those of its methods, by method.
  std::vector<BreakerEntry*> Methods() const ABSL_LOCKS_EXCLUDED(lock_);
  bool per_method() const {
    return per_method_.load(std::memory_order_relaxed);
  }
  void SetOptions(BreakerOptionsPtr options) ABSL_LOCKS_EXCLUDED(lock_);

 private:
  BreakerContext& context_;
  BreakerCounters counters_;
  BreakerEntry whole_;
  std::atomic<bool> per_method_;
  mutable ShortLock lock_;
  BreakerOptionsPtr options_ ABSL_GUARDED_BY(lock_);
  absl::flat_hash_map<std::string, std::unique_ptr<BreakerEntry>> methods_
      ABSL_GUARDED_BY(lock_);
};

// Thread-safe.
class BreakerTable {
 public:
  using ByName = absl::flat_hash_map<absl::string_view, NamedBreaker*>;

  BreakerTable(BreakerContext& context, telemetry::Registry& registry)
      : context_(context), registry_(registry) {}

  // Makes these the configured ones. Those of known names keep their entries.
  // Returns all entries that have to be given new options, or, if they are
  // new, refreshed.
  struct Changes {
    std::vector<std::pair<BreakerEntry*, BreakerOptionsPtr>> changed;
    std::vector<BreakerEntry*> made;
  };
  Changes Update(std::vector<breaker::BreakerOptions> options)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Null: it is not configured. Takes no lock unless the configuration has
  // changed since this thread last asked.
  NamedBreaker* Find(absl::string_view name) const ABSL_LOCKS_EXCLUDED(mutex_);

  // The configured ones, by name.
  std::vector<NamedBreaker*> All() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Their entries.
  std::vector<BreakerEntry*> Entries() const ABSL_LOCKS_EXCLUDED(mutex_);
  // And of those that were configured once: they may still hold probes.
  std::vector<BreakerEntry*> EverEntries() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  BreakerContext& context_;
  telemetry::Registry& registry_;
  std::atomic<uint64_t> version_{0};  // unique among all tables
  mutable absl::Mutex mutex_;
  std::shared_ptr<const ByName> current_ ABSL_GUARDED_BY(mutex_);
  // Never dropped: there are as many as names were ever configured.
  std::map<std::string, std::unique_ptr<NamedBreaker>> named_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_TABLE_H_
