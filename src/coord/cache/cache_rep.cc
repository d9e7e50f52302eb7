#include "coord/cache/cache_rep.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "telemetry/cache_metrics.h"

namespace outrigger::coord {
namespace {

// All places of the index are swept once in so many ticks (about 10 s).
constexpr size_t kTicksForSweep = 100;
constexpr size_t kLeastSwept = 64;
// Ticks between tries to send what waits, and between lists of hot keys.
constexpr uint64_t kTicksForRetry = 5;
constexpr uint64_t kTicksForHotKeys = 300;

telemetry::Counter& Refused(telemetry::Registry& registry, const char* bound) {
  return registry.GetCounter(telemetry::kCacheRefused, {{"bound", bound}});
}

}  // namespace

Cache::Rep::Rep(const cache::Options& options, const Bounds& bounds,
                const Clock& clock, Executor& executor, RandomSource& random,
                telemetry::Registry& registry, store::CacheStore& store)
    : clock_(clock),
      executor_(executor),
      store_(store),
      log_("cache", clock),
      losses_(registry.GetCounter(telemetry::kCacheLosses)),
      watches_(store, bounds.max_watches, Refused(registry, "watches")),
      marks_(store, clock, coherence_,
             [this](Space& space, const MarkBook::News& news) {
               watches_.OnMarks(space.name(), news);
             }),
      context_{clock,      executor, random,       store,
               coherence_, marks_,   local_fills_, unsettled_},
      reader_(context_),
      flights_(context_, reader_, bounds.max_parked,
               Refused(registry, "parked")),
      replays_(bounds.max_replays, Refused(registry, "replays"), unsettled_),
      writes_(context_, flights_, replays_, unsettled_,
              Refused(registry, "pending_writes")),
      hot_keys_(context_, reader_),
      pulls_(store, clock, executor, bounds.max_parked,
             Refused(registry, "pulls")) {
  for (const cache::NamespaceOptions& each : options.namespaces) {
    spaces_.push_back(std::make_unique<Space>(each, clock, random, registry));
    by_name_.emplace(each.name, spaces_.back().get());
    writes_.AddSpace(*spaces_.back());
  }
  observation_ = registry.Observe(
      [this](telemetry::Observations& seen) { Observe(seen); });
  store.Listen(this);
  absl::MutexLock lock(&tick_mutex_);
  tick_timer_ = executor_.RunAt(clock_.Now() + kTickEvery, [this] { Tick(); });
}

Cache::Rep::~Rep() {
  absl::MutexLock lock(&tick_mutex_);
  stopped_ = true;
  executor_.Cancel(tick_timer_);
}

Space* Cache::Rep::Find(absl::string_view ns) const {
  const auto found = by_name_.find(ns);
  return found == by_name_.end() ? nullptr : found->second;
}

bool Cache::Rep::GetNow(Space& space, const GetQuery& query, uint64_t hash,
                        GetAnswer* answer) {
  // Looked at before and after: what is found in between was verified then.
  const uint32_t state = coherence_.state();
  if (!Coherence::IsVerified(state)) return false;
  const MonotonicTime now = clock_.Now();
  if (now >= store_.heard_until()) return false;
  cache::EntryRef entry = space.Find(query.key, hash, now);
  if (!entry) return false;
  MarkBook& marks = space.marks();
  const uint32_t ordinal = marks.ordinal();
  if (!marks.current() || coherence_.state() != state) return false;
  if (entry->checked() != ordinal) {
    const auto tags = entry->tags();
    const Verdict verdict =
        marks.JudgeCopy(entry->key(), tags, entry->checked());
    if (verdict != Verdict::kGood) {
      if (verdict == Verdict::kDead) space.l1()->EraseIf(*entry, hash);
      return false;
    }
    entry->set_checked(ordinal);
  }
  if (entry->version() < query.min_version ||
      !cache::IsBefore(Space::TickOf(now), entry->fresh_until())) {
    return false;
  }
  if (!query.no_fill && !entry->absent() &&
      space.WantsRefresh(*entry, hash, now)) {
    answer->refresh = true;
    return false;
  }
  space.Answer(std::move(entry), /*stale=*/false, query, now, store_.NowMs(),
               answer);
  answer->coherent = true;
  space.metrics().local_hits.Add();
  space.Count(*answer);
  return true;
}

void Cache::Rep::OnChanged(const std::vector<store::CacheKey>& keys) {
  for (const store::CacheKey& key : keys) {
    Space* const space = Find(key.ns);
    if (space == nullptr) continue;
    const uint64_t hash = cache::L1::Hash(key.key);
    coherence_.Change(hash, [&] { space->Erase(key.key, hash); });
    space->metrics().changes.Add();
    flights_.Wake(key, hash);
    watches_.OnChanged(key);
  }
}

void Cache::Rep::OnMarked(const std::string& ns) {
  Space* const space = Find(ns);
  if (space != nullptr) marks_.Refresh(*space);
}

void Cache::Rep::OnJournal(const std::string& ns) { pulls_.Wake(ns); }

void Cache::Rep::OnUnverified() {
  if (!coherence_.BecomeUnverified(clock_.Now())) return;
  losses_.Add();
  for (const auto& space : spaces_) space->marks().Forget();
  log_.Warning("changes are not heard of: copies are not verified any more");
}

void Cache::Rep::OnVerified(bool forgot) {
  // Before anything counts as coherent again: what may be lost is unsettled.
  if (forgot) replays_.Forgot(clock_.Now());
  coherence_.BecomeVerified([this] {
    for (const auto& space : spaces_) {
      if (space->l1() != nullptr) space->l1()->Clear();
    }
  });
  log_.Info("all changes are heard of: copies are verified");
  local_fills_.Clear();
  writes_.Replay(/*forgot=*/false);
  for (const auto& space : spaces_) marks_.Refresh(*space);
  watches_.OnMissed();
  flights_.WakeAll();
  for (const auto& space : spaces_) pulls_.Wake(space->name());
  if (warmed_.exchange(true)) return;
  for (const auto& space : spaces_) {
    hot_keys_.WarmHot(*space, static_cast<int>(space->options().warm),
                      [](uint64_t) {});
  }
}

void Cache::Rep::Tick() {
  ++ticks_;
  Sweep();
  if (ticks_ % kTicksForRetry == 0) writes_.RetryMissed();
  if (ticks_ % kTicksForHotKeys == 0) {
    for (const auto& space : spaces_) hot_keys_.Publish(*space);
  }
  absl::MutexLock lock(&tick_mutex_);
  if (stopped_) return;
  tick_timer_ = executor_.RunAt(clock_.Now() + kTickEvery, [this] { Tick(); });
}

void Cache::Rep::Sweep() {
  const cache::Tick now = Space::TickOf(clock_.Now());
  for (const auto& space : spaces_) {
    cache::L1* const l1 = space->l1();
    if (l1 == nullptr) continue;
    const size_t places = l1->Sweep(now, 0);
    l1->Sweep(now, std::max(kLeastSwept, places / kTicksForSweep));
  }
}

void Cache::Rep::Observe(telemetry::Observations& seen) const {
  for (const auto& space : spaces_) {
    const telemetry::Attributes cache = {{"cache", space->name()}};
    seen.Add(telemetry::kCachePendingWrites, cache,
             static_cast<double>(writes_.pending(*space)));
    if (space->l1() == nullptr) continue;
    const cache::L1Stats stats = space->l1()->Stats();
    const auto evicted = [&](const char* reason, uint64_t count) {
      seen.Add(telemetry::kCacheEvictions,
               {{"cache", space->name()}, {"reason", reason}},
               static_cast<double>(count));
    };
    seen.Add(telemetry::kCacheEntries, cache,
             static_cast<double>(stats.entries));
    seen.Add(telemetry::kCacheMemory, cache, static_cast<double>(stats.bytes));
    seen.Add(telemetry::kCacheMemoryLimit, cache,
             static_cast<double>(space->options().memory_bytes));
    evicted("size", stats.evicted);
    evicted("expired", stats.expired);
    evicted("too_large", stats.too_large);
  }
  seen.Add(telemetry::kCacheVerified, {}, coherence_.verified() ? 1 : 0);
  seen.Add(telemetry::kCacheWaiting, {},
           static_cast<double>(flights_.parked()));
  seen.Add(telemetry::kCacheWatches, {}, static_cast<double>(watches_.size()));
}

}  // namespace outrigger::coord
