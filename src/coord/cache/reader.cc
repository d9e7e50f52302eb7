#include "coord/cache/reader.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace outrigger::coord {
namespace {

bool IsBefore(MonotonicTime now, cache::Tick tick) {
  return cache::IsBefore(Space::TickOf(now), tick);
}

}  // namespace

bool Found::IsFresh(MonotonicTime now) const {
  return entry && verdict == Verdict::kGood &&
         IsBefore(now, entry->fresh_until());
}

bool Found::IsUsable(MonotonicTime now) const {
  return entry && verdict != Verdict::kDead && IsBefore(now, entry->dead_at());
}

void Reader::Read(Space& space, const store::CacheKey& key, Then then) {
  context_.store.Read(key, [this, &space, key, then = std::move(then)](
                               absl::StatusOr<std::string> record) mutable {
    if (!record.ok()) return then(record.status());
    Judge(space, key, *record, std::move(then));
  });
}

void Reader::Judge(Space& space, const store::CacheKey& key,
                   absl::string_view record, Then then) {
  cache::Record decoded;
  if (!record.empty()) {
    absl::StatusOr<cache::Record> whole = cache::DecodeRecord(record);
    if (whole.ok()) {
      decoded = *std::move(whole);
    } else {
      space.metrics().corrupt.Add();
    }
  }
  // Also where there is nothing: a load that begins now must know as of which
  // invalidation.
  context_.marks.WhenKnown(
      space, [this, &space, key, decoded = std::move(decoded),
              then = std::move(then)](const absl::Status& known) mutable {
        if (!known.ok()) return then(known);
        if (decoded.version == 0) return then(Found{});
        JudgeRecord(space, key, decoded, std::move(then));
      });
}

void Reader::JudgeRecord(Space& space, const store::CacheKey& key,
                         const cache::Record& record, Then then) {
  const uint32_t checked = space.marks().ordinal();
  const Verdict verdict =
      space.marks().JudgeRecord(key.key, record.tags, record.as_of);
  if (verdict != Verdict::kUnknown) {
    return then(FoundOf(space, key, record, checked, verdict));
  }
  context_.store.ReadTags(
      key.ns, record.tags,
      [this, &space, key, record, checked, then = std::move(then)](
          absl::StatusOr<std::vector<store::TagMarks>> tags) mutable {
        if (!tags.ok()) return then(tags.status());
        const Verdict by_tags = MarkBook::JudgeTags(*tags, record.as_of);
        const Verdict by_globs =
            space.marks().JudgeRecord(key.key, {}, record.as_of);
        then(FoundOf(space, key, record, checked, std::max(by_tags, by_globs)));
      });
}

Found Reader::FoundOf(Space& space, const store::CacheKey& key,
                      const cache::Record& record, uint32_t checked,
                      Verdict verdict) const {
  Found found;
  found.verdict = verdict;
  found.entry = space.EntryOf(key.key, record, checked, context_.clock.Now(),
                              context_.store.NowMs());
  return found;
}

bool Reader::Keep(Space& space, uint64_t hash, const Coherence::Moment& moment,
                  const Found& found) {
  const MonotonicTime now = context_.clock.Now();
  if (space.l1() == nullptr || !found.IsFresh(now) ||
      now >= context_.store.heard_until() ||
      context_.unsettled.Has({space.name(), std::string(found.entry->key())})) {
    return false;
  }
  bool kept = false;
  context_.coherence.InsertIfUnchanged(
      hash, moment, [&] { kept = space.l1()->Insert(found.entry, hash); });
  return kept;
}

void Reader::Load(Space& space, std::string key,
                  absl::AnyInvocable<void(bool)> done) {
  const uint64_t hash = cache::L1::Hash(key);
  const Coherence::Moment moment = context_.coherence.Now(hash);
  Read(space, {space.name(), std::move(key)},
       [this, &space, hash, moment,
        done = std::move(done)](absl::StatusOr<Found> found) mutable {
         done(found.ok() && Keep(space, hash, moment, *found));
       });
}

}  // namespace outrigger::coord
