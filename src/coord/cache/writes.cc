#include "coord/cache/writes.h"

#include <algorithm>
#include <utility>

#include "cache/record.h"

namespace outrigger::coord {
namespace {

using std::chrono::milliseconds;

int64_t ToMillis(Duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration).count();
}

void Refuse(SetReason reason, uint64_t version, Cache::Done<SetAnswer> done) {
  SetAnswer answer;
  answer.reason = reason;
  answer.version = version;
  done(answer);
}

SetReason ReasonOf(store::WriteIf condition) {
  switch (condition) {
    case store::WriteIf::kToken:
      return SetReason::kFillRevoked;
    case store::WriteIf::kVersion:
      return SetReason::kVersionMismatch;
    case store::WriteIf::kAbsent:
      return SetReason::kAlreadyExists;
    case store::WriteIf::kAlways:
      break;
  }
  return SetReason::kNone;
}

}  // namespace

void Writes::AddSpace(Space& space) {
  spaces_.emplace(space.name(), &space);
  pending_.emplace(
      space.name(),
      std::make_unique<PendingWrites>(
          context_.store, unsettled_, space.name(),
          static_cast<size_t>(space.options().max_pending_writes)));
}

size_t Writes::pending(const Space& space) const {
  return pending_.at(space.name())->size();
}

void Writes::Changed(Space& space, const std::string& key) {
  const uint64_t hash = cache::L1::Hash(key);
  context_.coherence.Change(hash, [&] { space.Erase(key, hash); });
  flights_.Wake({space.name(), key}, hash);
}

void Writes::Set(Space& space, const SetQuery& query,
                 Cache::Done<SetAnswer> done) {
  if (!query.fill_token.empty()) {
    const auto token = DecodeFillToken(query.fill_token);
    if (!token.has_value()) {
      return done(absl::InvalidArgumentError(
          "fill_token: is not one that Get has given"));
    }
    if (token->local) return SetLocal(space, query, *token, std::move(done));
  }
  const SettingPtr setting = MakeSetting(space, query);
  setting->done = std::move(done);
  if (MustWait(setting)) {
    if (setting->request.condition == store::WriteIf::kAlways) {
      return Postpone(setting, 0);
    }
    // What it is conditional on is not in the store yet.
    space.metrics().writes_failed.Add();
    SetAnswer answer;
    answer.reason = SetReason::kStoreUnavailable;
    answer.degraded = true;
    return setting->done(answer);
  }
  if (space.marks().begun()) return Write(setting);
  // As of which invalidation is it? Not knowing, it would count as invalid.
  context_.marks.WhenKnown(space, [this, setting](const absl::Status&) {
    Space& space = *setting->space;
    std::string& bytes = setting->request.record;
    absl::StatusOr<cache::Record> record = cache::DecodeRecord(bytes);
    if (!setting->token.has_value() && record.ok()) {
      record->as_of = space.marks().last();
      bytes = cache::EncodeRecord(*record, space.options().compress_over);
    }
    Write(setting);
  });
}

bool Writes::MustWait(const SettingPtr& setting) const {
  const PendingWrites& pending = *pending_.at(setting->space->name());
  if (pending.Has(setting->request.key.key)) return true;
  return setting->entry.has_value() && pending.size() > 0 &&
         setting->request.condition == store::WriteIf::kAlways;
}

Writes::SettingPtr Writes::MakeSetting(Space& space, const SetQuery& query) {
  const cache::NamespaceOptions& options = space.options();
  auto setting = std::make_shared<Setting>();
  setting->space = &space;
  setting->token = DecodeFillToken(query.fill_token);
  cache::Record record;
  record.as_of = setting->token ? setting->token->as_of : space.marks().last();
  record.absent = query.absent;
  record.tags = query.tags;
  record.value = std::string(query.value);
  const Duration stale_for =
      query.absent ? Duration{} : query.stale_for.value_or(options.stale_for);
  record.stale_for_ms = static_cast<uint32_t>(ToMillis(stale_for));
  store::WriteRequest& request = setting->request;
  request.key = {space.name(), std::string(query.key)};
  request.record = cache::EncodeRecord(record, options.compress_over);
  const Duration ttl =
      query.ttl.value_or(query.absent ? options.absent_ttl : options.ttl);
  const double share = 1 - options.ttl_jitter * context_.random.NextDouble();
  request.fresh_for_ms = std::max<int64_t>(
      1, static_cast<int64_t>(static_cast<double>(ToMillis(ttl)) * share));
  request.keep_for_ms = request.fresh_for_ms + record.stale_for_ms;
  if (setting->token) {
    request.condition = store::WriteIf::kToken;
    request.token = setting->token->lease;
  } else if (query.if_version) {
    request.condition = store::WriteIf::kVersion;
    request.version = *query.if_version;
  } else if (query.if_absent) {
    request.condition = store::WriteIf::kAbsent;
  }
  if (query.write_behind) {
    setting->entry = store::JournalEntry{
        "", std::string(query.key), std::string(query.value), 0, query.absent};
  }
  return setting;
}

void Writes::Write(const SettingPtr& setting) {
  store::WriteRequest request = setting->request;
  // Only an unconditional one may be needed again.
  if (request.condition != store::WriteIf::kAlways) {
    setting->request.record.clear();
  }
  context_.store.Write(
      std::move(request),
      [this, setting](const absl::StatusOr<store::WriteReply>& reply) {
        OnWritten(setting, reply);
      });
}

void Writes::OnWritten(const SettingPtr& setting,
                       const absl::StatusOr<store::WriteReply>& reply) {
  Space& space = *setting->space;
  Changed(space, setting->request.key.key);
  if (!reply.ok()) return OnFailed(setting, reply.status());
  if (!reply->stored) return OnRefused(setting, reply->version);
  SpaceMetrics& metrics = space.metrics();
  if (setting->token) {
    metrics.filled.Add();
    const int64_t took_us = context_.store.NowMs() * 1000 -
                            static_cast<int64_t>(setting->token->lease.version);
    metrics.fill_duration.Record(
        static_cast<double>(std::max<int64_t>(0, took_us)) / 1e6);
  } else {
    metrics.written.Add();
    Note({Invalidation::Kind::kKey, space.name(), setting->request.key.key},
         absl::OkStatus());
  }
  if (setting->entry) return AppendEntry(setting, reply->version);
  SetAnswer answer;
  answer.stored = true;
  answer.version = reply->version;
  setting->done(answer);
}

void Writes::OnRefused(const SettingPtr& setting, uint64_t version) {
  SpaceMetrics& metrics = setting->space->metrics();
  (setting->token ? metrics.fills_refused : metrics.writes_refused).Add();
  Refuse(ReasonOf(setting->request.condition), version,
         std::move(setting->done));
}

void Writes::AppendEntry(const SettingPtr& setting, uint64_t version) {
  setting->entry->version = version;
  store::JournalEntry entry = *setting->entry;
  context_.store.Append(
      setting->space->name(), std::move(entry),
      [this, setting, version](const absl::StatusOr<std::string>& id) {
        if (!id.ok()) return Postpone(setting, version);
        SetAnswer answer;
        answer.stored = true;
        answer.version = version;
        setting->done(answer);
      });
}

void Writes::Postpone(const SettingPtr& setting, uint64_t version) {
  Space& space = *setting->space;
  const std::string key = setting->request.key.key;
  const std::string record = setting->request.record;
  PendingWrite pending;
  pending.request = std::move(setting->request);
  pending.journal = setting->entry.has_value();
  pending.version = version;
  if (!pending_.at(space.name())->Add(std::move(pending))) {
    pending_refused_.Add();
    // It may be in the store, without its place in the journal.
    Note({Invalidation::Kind::kKey, space.name(), key},
         absl::UnavailableError("refused"));
    Changed(space, key);
    return setting->done(absl::ResourceExhaustedError(
        "too many writes wait for the store (max_pending_writes, and 64 MiB)"));
  }
  Changed(space, key);
  if (version == 0) KeepUnverified(space, key, cache::L1::Hash(key), record);
  SetAnswer answer;
  answer.stored = true;
  answer.version = version;
  answer.degraded = true;
  setting->done(answer);
}

void Writes::OnFailed(const SettingPtr& setting, const absl::Status& why) {
  Space& space = *setting->space;
  const bool unconditional =
      setting->request.condition == store::WriteIf::kAlways;
  if (unconditional && setting->entry) return Postpone(setting, 0);
  space.metrics().writes_failed.Add();
  // What is in the store is older than what the caller has, or it was stored
  // after all, which the caller does not know.
  const std::string& key = setting->request.key.key;
  Note({Invalidation::Kind::kKey, space.name(), key}, why);
  if (unconditional) {
    KeepUnverified(space, key, cache::L1::Hash(key), setting->request.record);
  }
  SetAnswer answer;
  answer.reason = SetReason::kStoreUnavailable;
  answer.degraded = true;
  setting->done(answer);
}

void Writes::KeepUnverified(Space& space, const std::string& key, uint64_t hash,
                            const std::string& bytes) {
  absl::StatusOr<cache::Record> record = cache::DecodeRecord(bytes);
  if (space.l1() == nullptr || !record.ok()) return;
  const int64_t now_ms = context_.store.NowMs();
  record->version = static_cast<uint64_t>(now_ms) * 1000;
  record->fresh_until_ms = now_ms;
  record->stale_for_ms =
      static_cast<uint32_t>(ToMillis(space.options().stale_for));
  const cache::EntryRef entry = space.EntryOf(
      key, *record, space.marks().ordinal(), context_.clock.Now(), now_ms);
  context_.coherence.InsertUnverified([&] { space.l1()->Insert(entry, hash); });
}

void Writes::SetLocal(Space& space, const SetQuery& query,
                      const FillToken& token, Cache::Done<SetAnswer> done) {
  const store::CacheKey key{space.name(), std::string(query.key)};
  const uint64_t hash = cache::L1::Hash(query.key);
  // Finished in any case, so that the next one may load.
  const bool own = context_.local_fills.Finish(key, token.lease.nonce);
  if (!own || context_.coherence.verified()) {
    flights_.Wake(key, hash);
    space.metrics().fills_refused.Add();
    return Refuse(SetReason::kFillRevoked, 0, std::move(done));
  }
  const SettingPtr setting = MakeSetting(space, query);
  KeepUnverified(space, key.key, hash, setting->request.record);
  space.metrics().filled.Add();
  flights_.Wake(key, hash);
  SetAnswer answer;
  answer.stored = true;
  answer.degraded = true;
  done(answer);
}

}  // namespace outrigger::coord
