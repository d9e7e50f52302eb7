// The inside of Cache: its parts, put together, and what they hear.
#ifndef OUTRIGGER_COORD_CACHE_CACHE_REP_H_
#define OUTRIGGER_COORD_CACHE_CACHE_REP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "coord/cache/cache.h"
#include "coord/cache/context.h"
#include "coord/cache/flights.h"
#include "coord/cache/hot_keys.h"
#include "coord/cache/pulls.h"
#include "coord/cache/reader.h"
#include "coord/cache/replay_log.h"
#include "coord/cache/space.h"
#include "coord/cache/watches.h"
#include "coord/cache/writes.h"
#include "telemetry/log.h"

namespace outrigger::coord {

class Cache::Rep final : public store::CacheListener {
 public:
  Rep(const cache::Options& options, const Bounds& bounds, const Clock& clock,
      Executor& executor, RandomSource& random, telemetry::Registry& registry,
      store::CacheStore& store);
  ~Rep() override;

  // Null: there is none of that name.
  Space* Find(absl::string_view ns) const;
  // The fast path of Get.
  bool GetNow(Space& space, const GetQuery& query, uint64_t hash,
              GetAnswer* answer);

  void OnChanged(const std::vector<store::CacheKey>& keys) override;
  void OnMarked(const std::string& ns) override;
  void OnJournal(const std::string& ns) override;
  void OnUnverified() override;
  void OnVerified(bool forgot) override;

  // Every kTickEvery: sweeps, sends what waits, tells hot keys.
  static constexpr Duration kTickEvery = std::chrono::milliseconds(100);

 private:
  friend class Cache;

  void Tick();
  void Sweep();
  void Observe(telemetry::Observations& seen) const;

  const Clock& clock_;
  Executor& executor_;
  store::CacheStore& store_;
  const telemetry::Log log_;
  telemetry::Counter& losses_;
  std::vector<std::unique_ptr<Space>> spaces_;  // in the options' order
  absl::flat_hash_map<std::string, Space*> by_name_;
  Coherence coherence_;
  LocalFills local_fills_;
  Unsettled unsettled_;
  Watches watches_;
  MarksReader marks_;
  const CacheContext context_;
  Reader reader_;
  Flights flights_;
  ReplayLog replays_;
  Writes writes_;
  HotKeys hot_keys_;
  Pulls pulls_;
  std::atomic<bool> warmed_{false};

  absl::Mutex tick_mutex_;
  bool stopped_ ABSL_GUARDED_BY(tick_mutex_) = false;
  Executor::TimerId tick_timer_ ABSL_GUARDED_BY(tick_mutex_) = 0;
  uint64_t ticks_ = 0;                  // touched by the timer only
  telemetry::Observation observation_;  // last: it uses all above
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_CACHE_REP_H_
