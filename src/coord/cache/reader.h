// Reads records from the store and judges them.
#ifndef OUTRIGGER_COORD_CACHE_READER_H_
#define OUTRIGGER_COORD_CACHE_READER_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "cache/entry.h"
#include "cache/record.h"
#include "coord/cache/context.h"
#include "coord/cache/mark_book.h"
#include "coord/cache/space.h"

namespace outrigger::coord {

// A value as it was found in the store.
struct Found {
  cache::EntryRef entry;  // null: nothing usable as a record
  Verdict verdict = Verdict::kGood;

  // Within its ttl, and nothing has invalidated it.
  bool IsFresh(MonotonicTime now) const;
  // Perhaps stale.
  bool IsUsable(MonotonicTime now) const;
  uint64_t version() const { return entry ? entry->version() : 0; }
};

// Thread-safe.
class Reader {
 public:
  using Then = absl::AnyInvocable<void(absl::StatusOr<Found>)>;

  explicit Reader(const CacheContext& context) : context_(context) {}

  // What the store has. Errors: the store's.
  void Read(Space& space, const store::CacheKey& key, Then then);
  // What a record, that the store has just given, is worth. Empty: nothing.
  void Judge(Space& space, const store::CacheKey& key, absl::string_view record,
             Then then);
  // Puts a fresh value into L1, unless the key has changed since `moment`.
  // False if it did not go in.
  bool Keep(Space& space, uint64_t hash, const Coherence::Moment& moment,
            const Found& found);
  // Reads a key and puts it into L1; answers whether it is there.
  void Load(Space& space, std::string key, absl::AnyInvocable<void(bool)> done);

 private:
  void JudgeRecord(Space& space, const store::CacheKey& key,
                   const cache::Record& record, Then then);
  Found FoundOf(Space& space, const store::CacheKey& key,
                const cache::Record& record, uint32_t checked,
                Verdict verdict) const;

  const CacheContext context_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_READER_H_
