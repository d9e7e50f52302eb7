// Everything that changes values: Set, Delete, Invalidate, and the loader's
// end. In each the pod's own copy is gone before the caller is answered.
#ifndef OUTRIGGER_COORD_CACHE_WRITES_H_
#define OUTRIGGER_COORD_CACHE_WRITES_H_

#include <map>
#include <memory>
#include <string>

#include "coord/cache/cache.h"
#include "coord/cache/context.h"
#include "coord/cache/fill_token.h"
#include "coord/cache/flights.h"
#include "coord/cache/pending_writes.h"
#include "coord/cache/replay_log.h"
#include "coord/cache/space.h"
#include "coord/cache/unsettled.h"

namespace outrigger::coord {

// Thread-safe.
class Writes {
 public:
  // `pending_refused` counts write-behind over a namespace's bound. References
  // must outlive it.
  Writes(const CacheContext& context, Flights& flights, ReplayLog& replays,
         Unsettled& unsettled, telemetry::Counter& pending_refused)
      : context_(context),
        flights_(flights),
        replays_(replays),
        unsettled_(unsettled),
        pending_refused_(pending_refused) {}

  // Once for each namespace, before all else.
  void AddSpace(Space& space);

  // The queries are valid; see query_checks.h.
  void Set(Space& space, const SetQuery& query, Cache::Done<SetAnswer> done);
  void Abandon(Space& space, absl::string_view key, const FillToken& token,
               Cache::Done<bool> done);
  void Delete(Space& space, absl::string_view key, uint64_t if_version,
              Cache::Done<DeleteAnswer> done);
  void Invalidate(Space& space, const InvalidateQuery& query,
                  Cache::Done<InvalidateAnswer> done);

  // The store is back: repeats what it may have lost or not got, and sends the
  // write-behind that waits.
  void Replay(bool forgot);
  // The same if anything waits, and the store may be back.
  void RetryMissed();
  // Sends what waits; `done` runs when it is sent, or the store fails.
  void Flush(absl::AnyInvocable<void()> done);

  size_t pending(const Space& space) const;

 private:
  // A Set on its way.
  struct Setting {
    Space* space = nullptr;
    store::WriteRequest request;
    std::optional<FillToken> token;
    // With write_behind.
    std::optional<store::JournalEntry> entry;
    Cache::Done<SetAnswer> done;
  };
  using SettingPtr = std::shared_ptr<Setting>;

  SettingPtr MakeSetting(Space& space, const SetQuery& query);
  void SetLocal(Space& space, const SetQuery& query, const FillToken& token,
                Cache::Done<SetAnswer> done);
  void Write(const SettingPtr& setting);
  void OnWritten(const SettingPtr& setting,
                 const absl::StatusOr<store::WriteReply>& reply);
  void OnRefused(const SettingPtr& setting, uint64_t version);
  void OnFailed(const SettingPtr& setting, const absl::Status& why);
  void AppendEntry(const SettingPtr& setting, uint64_t version);
  // Puts it into the queue, and answers the caller. `version`: the store has it
  // already; else 0.
  void Postpone(const SettingPtr& setting, uint64_t version);
  // Whether an earlier write that waits must go first; else the caller may have
  // been answered.
  bool MustWait(const SettingPtr& setting) const;
  // The key was removed: what waits must not bring it back.
  void Supersede(Space& space, const std::string& key);
  // The value serves this pod while the store is lost.
  void KeepUnverified(Space& space, const std::string& key, uint64_t hash,
                      const std::string& record);
  void Changed(Space& space, const std::string& key);
  void Note(Invalidation invalidation, const absl::Status& outcome);
  void Repeat(Invalidation invalidation);
  void InvalidateMarks(Space& space, store::MarkRequest request,
                       absl::AnyInvocable<void(absl::Status)> done);

  const CacheContext context_;
  Flights& flights_;
  ReplayLog& replays_;
  Unsettled& unsettled_;
  telemetry::Counter& pending_refused_;
  // By name.
  std::map<std::string, Space*> spaces_;
  std::map<std::string, std::unique_ptr<PendingWrites>> pending_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_WRITES_H_
