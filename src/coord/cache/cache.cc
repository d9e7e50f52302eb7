#include "coord/cache/cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coord/cache/cache_rep.h"
#include "coord/cache/query_checks.h"

namespace outrigger::coord {
namespace {

absl::Status NoNamespace(absl::string_view ns) {
  return absl::NotFoundError(
      absl::StrCat("namespace: no namespace \"", ns, "\" is configured"));
}

}  // namespace

Cache::Cache(const cache::Options& options, const Bounds& bounds,
             const Clock& clock, Executor& executor, RandomSource& random,
             telemetry::Registry& registry, store::CacheStore& store)
    : rep_(std::make_unique<Rep>(options, bounds, clock, executor, random,
                                 registry, store)) {}

Cache::~Cache() = default;

bool Cache::GetNow(const GetQuery& query, GetAnswer* answer,
                   absl::Status* error) {
  Space* const space = rep_->Find(query.ns);
  if (space == nullptr) {
    *error = NoNamespace(query.ns);
    return true;
  }
  if (query.key.empty() || query.key.size() > kMaxCacheKeyBytes) {
    *error = CheckKey(query.key);
    return true;
  }
  return rep_->GetNow(*space, query, cache::L1::Hash(query.key), answer);
}

Cache::Ticket Cache::GetLater(const GetQuery& query, Done<GetAnswer> done) {
  Space* const space = rep_->Find(query.ns);
  absl::Status status =
      space == nullptr ? NoNamespace(query.ns) : CheckKey(query.key);
  if (!status.ok()) {
    done(std::move(status));
    return 1;
  }
  return rep_->flights_.Get(*space, query, cache::L1::Hash(query.key),
                            std::move(done));
}

void Cache::Cancel(Ticket ticket) {
  if ((ticket & Pulls::kTicketBit) != 0) {
    rep_->pulls_.Cancel(ticket);
  } else {
    rep_->flights_.Cancel(ticket);
  }
}

absl::Status Cache::CheckSet(const SetQuery& query) const {
  const Space* const space = rep_->Find(query.ns);
  return space == nullptr ? NoNamespace(query.ns)
                          : coord::CheckSet(query, space->options());
}

void Cache::Set(const SetQuery& query, Done<SetAnswer> done) {
  Space* const space = rep_->Find(query.ns);
  absl::Status status = space == nullptr
                            ? NoNamespace(query.ns)
                            : coord::CheckSet(query, space->options());
  if (!status.ok()) return done(std::move(status));
  rep_->writes_.Set(*space, query, std::move(done));
}

void Cache::Abandon(absl::string_view ns, absl::string_view key,
                    absl::string_view fill_token, Done<bool> done) {
  Space* const space = rep_->Find(ns);
  absl::Status status = space == nullptr ? NoNamespace(ns) : CheckKey(key);
  const auto token = DecodeFillToken(fill_token);
  if (status.ok() && !token.has_value()) {
    status =
        absl::InvalidArgumentError("fill_token: is not one that Get has given");
  }
  if (!status.ok()) return done(std::move(status));
  rep_->writes_.Abandon(*space, key, *token, std::move(done));
}

void Cache::Delete(absl::string_view ns, absl::string_view key,
                   uint64_t if_version, Done<DeleteAnswer> done) {
  Space* const space = rep_->Find(ns);
  absl::Status status = space == nullptr ? NoNamespace(ns) : CheckKey(key);
  if (!status.ok()) return done(std::move(status));
  rep_->writes_.Delete(*space, key, if_version, std::move(done));
}

void Cache::Invalidate(const InvalidateQuery& query,
                       Done<InvalidateAnswer> done) {
  Space* const space = rep_->Find(query.ns);
  absl::Status status =
      space == nullptr ? NoNamespace(query.ns) : CheckInvalidate(query);
  if (!status.ok()) return done(std::move(status));
  rep_->writes_.Invalidate(*space, query, std::move(done));
}

void Cache::Warm(absl::string_view ns, std::vector<std::string> keys,
                 Done<uint64_t> done) {
  Space* const space = rep_->Find(ns);
  absl::Status status =
      space == nullptr ? NoNamespace(ns) : CheckKeys("keys", keys);
  if (!status.ok()) return done(std::move(status));
  if (keys.empty()) {
    rep_->hot_keys_.WarmHot(
        *space, static_cast<int>(kMaxCacheBatch),
        [done = std::move(done)](uint64_t loaded) mutable { done(loaded); });
  } else {
    rep_->hot_keys_.Warm(
        *space, std::move(keys),
        [done = std::move(done)](uint64_t loaded) mutable { done(loaded); });
  }
}

absl::StatusOr<Cache::Ticket> Cache::Watch(const WatchQuery& query,
                                           Changed changed) {
  absl::Status status = rep_->Find(query.ns) == nullptr ? NoNamespace(query.ns)
                                                        : CheckWatch(query);
  if (!status.ok()) return status;
  return rep_->watches_.Add(query, std::move(changed));
}

void Cache::Unwatch(Ticket ticket) { rep_->watches_.Remove(ticket); }

Cache::Ticket Cache::Pull(const PullQuery& query,
                          Done<std::vector<store::JournalEntry>> done) {
  Space* const space = rep_->Find(query.ns);
  absl::Status status = space == nullptr ? NoNamespace(query.ns)
                                         : CheckPull(query, space->options());
  if (!status.ok()) {
    done(std::move(status));
    return Pulls::kTicketBit;
  }
  return rep_->pulls_.Pull(query, std::move(done));
}

void Cache::Drain() {
  rep_->flights_.Drain();
  rep_->pulls_.Drain();
}

void Cache::FlushWrites(absl::AnyInvocable<void()> done) {
  rep_->writes_.Flush(std::move(done));
}

size_t Cache::pending_writes() const {
  size_t pending = 0;
  for (const auto& space : rep_->spaces_) {
    pending += rep_->writes_.pending(*space);
  }
  return pending;
}

std::vector<CacheSpaceStatus> Cache::GetStatus() const {
  std::vector<CacheSpaceStatus> all;
  for (const auto& space : rep_->spaces_) {
    const SpaceMetrics& metrics = space->metrics();
    CacheSpaceStatus status;
    status.name = space->name();
    status.policy = space->options().policy;
    status.max_bytes = space->options().memory_bytes;
    if (space->l1() != nullptr) {
      const cache::L1Stats stats = space->l1()->Stats();
      status.entries = stats.entries;
      status.bytes = stats.bytes;
    }
    status.hits = metrics.hits.Value();
    status.stale = metrics.stale.Value();
    status.absent = metrics.absent.Value();
    status.misses = metrics.misses.Value();
    status.fills = metrics.granted.Value();
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace outrigger::coord
