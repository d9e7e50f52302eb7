// What the fleet shares about caches: values (L2), who loads them, what was
// invalidated, and who hears of it.
//
// Two stores implement this: MemoryCacheStore, for one process, and
// redis::CacheStore (with Lua scripts), for a fleet. Both pass
// tests/store/cache_store_suite.h.
//
// Versions: a write gets max(last version of the key + 1, the store's time in
// microseconds), so they grow for each key, also when the store has forgotten
// the last one. Marks (invalidations of tags and globs) are numbered in the
// same way, for each namespace.
//
// Leases (Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013): of those
// who miss a key one gets a token. A write, a removal or an abandonment revokes
// it; so a late loader cannot overwrite newer data.
#ifndef OUTRIGGER_STORE_CACHE_STORE_H_
#define OUTRIGGER_STORE_CACHE_STORE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "base/clock.h"

namespace outrigger::store {

// One value's name: its namespace, [A-Za-z0-9_.-]{1,64}, and a key of 1 to
// 1,024 bytes.
struct CacheKey {
  std::string ns;
  std::string key;

  bool operator==(const CacheKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const CacheKey& k) {
    return H::combine(std::move(h), k.ns, k.key);
  }
};

// The right to store what was loaded.
struct CacheToken {
  // The store's time in microseconds when it was given, or a little more.
  uint64_t version = 0;
  // As in the AcquireRequest.
  uint64_t nonce = 0;
  bool operator==(const CacheToken&) const = default;
};

// Asks for the right to load a key.
struct AcquireRequest {
  CacheKey key;
  // How long others wait for the loader, > 0. A loader that is later may still
  // store, if nobody else has begun to.
  int64_t lease_us = 0;
  // A stored value of this version or an older one is of no use to the asker.
  // 0: any that is fresh is.
  uint64_t above_version = 0;
  // Random, != 0. A request that is repeated with it gets the lease that it was
  // given before.
  uint64_t nonce = 0;
};

struct AcquireReply {
  enum class Kind {
    kValue,  // `record` is fresh and above above_version: nobody needs to load
    kLease,  // the asker loads, with `token`
    kWait,   // another does, for at most wait_us
  };
  Kind kind = Kind::kWait;
  // What is stored (see cache/record.h), fresh or not; empty: nothing.
  std::string record;
  CacheToken token;
  int64_t wait_us = 0;
};

enum class WriteIf : uint8_t {
  kAlways,
  kVersion,  // the stored value is of WriteRequest::version
  kAbsent,   // no fresh value is stored; a known absence is none
  kToken,    // the token has not been revoked
};

// Stores a value. Unless it is refused, all tokens for the key are revoked.
struct WriteRequest {
  CacheKey key;
  WriteIf condition = WriteIf::kAlways;
  uint64_t version = 0;
  CacheToken token;
  // cache::EncodeRecord's. The store fills in the version, the time until which
  // it is fresh, and (with a token) how long loading took.
  std::string record;
  // Fresh for this long, > 0, and kept for this long, >= fresh_for_ms.
  int64_t fresh_for_ms = 0;
  int64_t keep_for_ms = 0;
};

struct WriteReply {
  bool stored = false;
  // The new version; or the version that is stored (0: none).
  uint64_t version = 0;
};

// Removes a value, or makes it stale, and revokes the tokens for its key.
struct RemoveRequest {
  CacheKey key;
  // It stays, but is not fresh any more.
  bool soft = false;
  // Only if the stored value is of this version. 0: whatever it is.
  uint64_t if_version = 0;
};

// An invalidation of all values with a tag, or of all keys that a glob matches,
// that were loaded before it.
struct Mark {
  uint64_t number = 0;
  bool soft = false;
  std::string name;  // the tag or the glob
};

// A namespace's invalidations.
struct Marks {
  // The last one's number; 0: there was none.
  uint64_t last = 0;
  // All tags that were invalidated after this number are in `tags`.
  uint64_t complete_after = 0;
  // At most kMaxRecentTags, the oldest first; a tag may be there twice.
  std::vector<Mark> tags;
  // At most kMaxGlobs. When there were more, the values that are older than
  // this number are invalid.
  std::vector<Mark> globs;
  uint64_t floor = 0;
};
inline constexpr int kMaxRecentTags = 128;
inline constexpr int kMaxGlobs = 64;

struct MarkRequest {
  std::string ns;
  // At least one tag or glob in all.
  std::vector<std::string> tags;
  std::vector<std::string> globs;
  bool soft = false;
};

// The numbers of a tag's last invalidations; 0: never.
struct TagMarks {
  uint64_t hard = 0;
  uint64_t soft = 0;
};

// A write that the application's own store has not got yet.
struct JournalEntry {
  std::string id;  // the store's; empty when appended
  std::string key;
  std::string value;
  uint64_t version = 0;
  bool absent = false;
};

struct PullRequest {
  std::string ns;
  std::string consumer;  // 1 to 64 bytes
  int most = 100;        // >= 1
  // Entries that another consumer was given, and has not acknowledged for this
  // long, are taken over.
  int64_t take_over_after_ms = 30'000;
  // Begin with what this consumer was given before and has not acknowledged.
  bool again = false;
};

struct HotKey {
  std::string key;
  double reads = 0;
};

// Hears of what happens to the namespaces, from this pod and others. Called on
// the store's thread, or within a call to the store; must not block. May call
// the store.
class CacheListener {
 public:
  virtual ~CacheListener() = default;
  // These values were written, removed or have expired; or an asker for their
  // token may ask again.
  virtual void OnChanged(const std::vector<CacheKey>& keys) = 0;
  // A tag or a glob was invalidated: ReadMarks tells which.
  virtual void OnMarked(const std::string& ns) = 0;
  // The journal has changed.
  virtual void OnJournal(const std::string& ns) = 0;
  // From now on changes may be missed: nothing is verified any more.
  virtual void OnUnverified() = 0;
  // From now on all changes are heard of; those before may have been missed.
  // `forgot`: the store's last writes may be lost, too (flushed, failed over,
  // started anew), or it is the first time.
  virtual void OnVerified(bool forgot) = 0;
};

// Thread-safe. As with LimitStore, every callback runs exactly once, possibly
// before the call returns; call with no lock held that a callback or the
// listener takes. Errors: kUnavailable (not done), kDeadlineExceeded (unknown
// whether it was done), kInternal (the store answered nonsense),
// kResourceExhausted (a bound of the store).
class CacheStore {
 public:
  template <typename T>
  using Callback = absl::AnyInvocable<void(absl::StatusOr<T>)>;
  using Done = absl::AnyInvocable<void(absl::Status)>;

  virtual ~CacheStore() = default;

  // Once, before anything else. `listener` outlives the store. Starts with
  // nothing verified; OnVerified follows as soon as it can.
  virtual void Listen(CacheListener* listener) = 0;

  // The stored record; empty: none. The cheapest of all operations.
  virtual void Read(CacheKey key, Callback<std::string> done) = 0;
  // The start of a record, enough for its fixed fields (cache/record.h).
  virtual void ReadHeader(CacheKey key, Callback<std::string> done) = 0;
  virtual void Acquire(AcquireRequest request, Callback<AcquireReply> done) = 0;
  virtual void Write(WriteRequest request, Callback<WriteReply> done) = 0;
  // Answers whether there was a value, fresh or stale, that matched.
  virtual void Remove(RemoveRequest request, Callback<bool> done) = 0;
  // The loader gives up. Does nothing if the token was revoked.
  virtual void Abandon(CacheKey key, CacheToken token, Done done) = 0;

  // Answers the invalidation's number.
  virtual void AddMarks(MarkRequest request, Callback<uint64_t> done) = 0;
  virtual void ReadMarks(std::string ns, Callback<Marks> done) = 0;
  // In the order of `tags`.
  virtual void ReadTags(std::string ns, std::vector<std::string> tags,
                        Callback<std::vector<TagMarks>> done) = 0;

  // The journal: at least once, until acknowledged. Append answers the id.
  virtual void Append(std::string ns, JournalEntry entry,
                      Callback<std::string> done) = 0;
  virtual void Pull(PullRequest request,
                    Callback<std::vector<JournalEntry>> done) = 0;
  virtual void Acknowledge(std::string ns, std::vector<std::string> ids,
                           Done done) = 0;

  // The keys that the fleet reads most: what a pod adds fades within minutes.
  virtual void AddHotKeys(std::string ns, std::vector<HotKey> keys,
                          Done done) = 0;
  // At most `most`, the most read first.
  virtual void ReadHotKeys(std::string ns, int most,
                           Callback<std::vector<HotKey>> done) = 0;

  // The store's time in milliseconds since 1970, as this pod knows it.
  virtual int64_t NowMs() const = 0;
  // Between OnVerified and OnUnverified: from this time of the clock on changes
  // may be missed all the same, because the store's own thread did not run, as
  // when the process was stopped for a while. It moves on as long as it runs.
  virtual MonotonicTime heard_until() const { return MonotonicTime::max(); }
  // False while the store is known to be out of reach.
  virtual bool reachable() const = 0;
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_CACHE_STORE_H_
