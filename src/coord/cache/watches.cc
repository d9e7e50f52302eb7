#include "coord/cache/watches.h"

#include <utility>

#include "cache/record.h"

namespace outrigger::coord {

using Kind = WatchedChange::Kind;

absl::StatusOr<Cache::Ticket> Watches::Add(const WatchQuery& query,
                                           Cache::Changed changed) {
  auto watch = std::make_shared<Watch>();
  watch->ns = std::string(query.ns);
  watch->keys.insert(query.keys.begin(), query.keys.end());
  watch->tags.insert(query.tags.begin(), query.tags.end());
  {
    absl::MutexLock lock(&watch->mutex);
    watch->changed = std::move(changed);
  }
  absl::MutexLock lock(&mutex_);
  if (watches_.size() >= most_) {
    refused_.Add();
    return absl::ResourceExhaustedError("too many watches are open");
  }
  watches_.emplace(++last_, std::move(watch));
  size_.store(watches_.size(), std::memory_order_relaxed);
  return last_;
}

void Watches::Remove(Cache::Ticket ticket) {
  WatchPtr watch;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = watches_.find(ticket);
    if (found == watches_.end()) return;
    watch = found->second;
    watches_.erase(found);
    size_.store(watches_.size(), std::memory_order_relaxed);
  }
  absl::MutexLock lock(&watch->mutex);
  watch->removed = true;
}

template <typename Wants>
std::vector<Watches::WatchPtr> Watches::Find(Wants wants) const {
  std::vector<WatchPtr> found;
  absl::MutexLock lock(&mutex_);
  for (const auto& [ticket, watch] : watches_) {
    if (wants(*watch)) found.push_back(watch);
  }
  return found;
}

void Watches::Tell(const std::vector<WatchPtr>& watches,
                   const WatchedChange& change) {
  for (const WatchPtr& watch : watches) {
    absl::MutexLock lock(&watch->mutex);
    if (!watch->removed) watch->changed(change);
  }
}

void Watches::OnChanged(const store::CacheKey& key) {
  if (size() == 0) return;
  std::vector<WatchPtr> watches = Find([&key](const Watch& watch) {
    return watch.ns == key.ns &&
           (watch.everything() || watch.keys.contains(key.key));
  });
  if (watches.empty()) return;
  store_.ReadHeader(key, [key, watches = std::move(watches)](
                             const absl::StatusOr<std::string>& bytes) {
    WatchedChange change;
    change.key = key.key;
    change.kind = bytes.ok() ? Kind::kInvalidated : Kind::kResync;
    if (bytes.ok()) {
      const auto header = cache::DecodeRecordHeader(*bytes);
      if (header.ok() && !header->absent) {
        change.kind = Kind::kWritten;
        change.version = header->version;
      }
    }
    Tell(watches, change);
  });
}

void Watches::OnMarks(const std::string& ns, const MarkBook::News& news) {
  if (size() == 0) return;
  for (const store::Mark& mark : news.tags) {
    WatchedChange change;
    change.kind = Kind::kTagInvalidated;
    change.version = mark.number;
    change.tag = mark.name;
    Tell(Find([&ns, &mark](const Watch& watch) {
           return watch.ns == ns &&
                  (watch.everything() || watch.tags.contains(mark.name));
         }),
         change);
  }
  if (!news.globs) return;
  WatchedChange change;
  change.kind = Kind::kTagInvalidated;
  Tell(Find([&ns](const Watch& watch) { return watch.ns == ns; }), change);
}

void Watches::OnMissed() {
  Tell(Find([](const Watch&) { return true; }), WatchedChange{});
}

}  // namespace outrigger::coord
