// Writes: what removes and revokes.
#include <memory>
#include <utility>

#include "absl/types/span.h"
#include "coord/cache/writes.h"
#include "coord/gather.h"

namespace outrigger::coord {

using Kind = Invalidation::Kind;

void Writes::Note(Invalidation invalidation, const absl::Status& outcome) {
  if (outcome.ok()) {
    replays_.NoteDone(std::move(invalidation), context_.clock.Now());
  } else {
    replays_.NoteMissed(std::move(invalidation));
  }
}

void Writes::Abandon(Space& space, absl::string_view key,
                     const FillToken& token, Cache::Done<bool> done) {
  space.metrics().abandoned.Add();
  const store::CacheKey name{space.name(), std::string(key)};
  const uint64_t hash = cache::L1::Hash(key);
  if (token.local) {
    const bool was = context_.local_fills.Finish(name, token.lease.nonce);
    flights_.Wake(name, hash);
    return done(was);
  }
  context_.store.Abandon(name, token.lease,
                         [this, name, hash, done = std::move(done)](
                             const absl::Status& s) mutable {
                           flights_.Wake(name, hash);
                           done(s.ok());
                         });
}

void Writes::Delete(Space& space, absl::string_view key, uint64_t if_version,
                    Cache::Done<DeleteAnswer> done) {
  store::RemoveRequest request;
  request.key = {space.name(), std::string(key)};
  request.if_version = if_version;
  context_.store.Remove(
      std::move(request),
      [this, &space, key = std::string(key), if_version,
       done = std::move(done)](const absl::StatusOr<bool>& removed) mutable {
        Changed(space, key);
        const bool missed = !removed.ok();
        if (removed.ok() && *removed) Supersede(space, key);
        if (!missed || if_version == 0) {
          Note({Kind::kKey, space.name(), key}, removed.status());
        }
        DeleteAnswer answer;
        answer.deleted = removed.ok() && *removed;
        answer.degraded = missed;
        done(answer);
      });
}

void Writes::InvalidateMarks(Space& space, store::MarkRequest request,
                             absl::AnyInvocable<void(absl::Status)> done) {
  std::vector<Invalidation> made;
  for (const std::string& tag : request.tags) {
    made.push_back({Kind::kTag, space.name(), tag, request.soft});
  }
  for (const std::string& glob : request.globs) {
    made.push_back({Kind::kGlob, space.name(), glob, request.soft});
  }
  context_.store.AddMarks(
      std::move(request),
      [this, &space, made = std::move(made),
       done = std::move(done)](const absl::StatusOr<uint64_t>& number) mutable {
        for (Invalidation& each : made) Note(std::move(each), number.status());
        // Nobody whom this pod answers from now on gets what was invalidated.
        context_.marks.Refresh(space);
        if (!number.ok() && space.l1() != nullptr) space.l1()->Clear();
        done(number.status());
      });
}

void Writes::Invalidate(Space& space, const InvalidateQuery& query,
                        Cache::Done<InvalidateAnswer> done) {
  struct Sum {
    uint64_t removed = 0;
    bool missed = false;
  };
  const bool counted = query.tags.empty() && query.glob.empty();
  auto gather = std::make_shared<Gather<Sum>>(
      [counted, done = std::move(done)](const Sum& sum) mutable {
        InvalidateAnswer answer;
        if (counted) answer.invalidated = sum.removed;
        answer.degraded = sum.missed;
        done(answer);
      });
  space.metrics().by_key.Add(query.keys.size());
  for (const std::string& key : query.keys) {
    gather->Expect();
    context_.store.Remove(
        {{space.name(), key}, query.soft, 0},
        [this, &space, key, soft = query.soft,
         gather](const absl::StatusOr<bool>& removed) {
          Changed(space, key);
          Supersede(space, key);
          Note({Kind::kKey, space.name(), key, soft}, removed.status());
          gather->Arrive([&removed](Sum& sum) {
            sum.removed += removed.ok() && *removed ? 1 : 0;
            sum.missed = sum.missed || !removed.ok();
          });
        });
  }
  if (!counted) {
    store::MarkRequest marks;
    marks.ns = space.name();
    marks.tags = query.tags;
    marks.soft = query.soft;
    if (!query.glob.empty()) marks.globs.push_back(query.glob);
    space.metrics().by_tag.Add(marks.tags.size());
    space.metrics().by_glob.Add(marks.globs.size());
    gather->Expect();
    InvalidateMarks(space, std::move(marks), [gather](const absl::Status& s) {
      gather->Arrive([&s](Sum& sum) { sum.missed = sum.missed || !s.ok(); });
    });
  }
  gather->Arrive();
}

void Writes::Repeat(Invalidation invalidation) {
  Space& space = *spaces_.at(invalidation.ns);
  space.metrics().replays.Add();
  if (invalidation.kind == Kind::kKey) {
    store::RemoveRequest request;
    request.key = {invalidation.ns, invalidation.name};
    request.soft = invalidation.soft;
    context_.store.Remove(
        std::move(request),
        [this, &space, invalidation](const absl::StatusOr<bool>& removed) {
          Changed(space, invalidation.name);
          Note(invalidation, removed.status());
        });
    return;
  }
  store::MarkRequest marks;
  marks.ns = invalidation.ns;
  marks.soft = invalidation.soft;
  (invalidation.kind == Kind::kTag ? marks.tags : marks.globs)
      .push_back(invalidation.name);
  InvalidateMarks(space, std::move(marks), [](const absl::Status&) {});
}

void Writes::Supersede(Space& space, const std::string& key) {
  pending_.at(space.name())
      ->Supersede(key, static_cast<uint64_t>(context_.store.NowMs()) * 1000);
}

void Writes::Replay(bool forgot) {
  if (forgot) replays_.Forgot(context_.clock.Now());
  for (Invalidation& each : replays_.Missed()) Repeat(std::move(each));
  Flush([] {});
}

void Writes::RetryMissed() {
  if (context_.store.reachable()) Replay(/*forgot=*/false);
}

void Writes::Flush(absl::AnyInvocable<void()> done) {
  struct Nothing {};
  auto gather = std::make_shared<Gather<Nothing>>(
      [done = std::move(done)](const Nothing&) mutable { done(); });
  for (auto& [ns, pending] : pending_) {
    if (pending->size() == 0) continue;
    gather->Expect();
    pending->Flush([gather] { gather->Arrive(); });
  }
  gather->Arrive();
}

}  // namespace outrigger::coord
