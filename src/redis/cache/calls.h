// The commands of each operation on caches, as they go over the wire.
#ifndef OUTRIGGER_REDIS_CACHE_CALLS_H_
#define OUTRIGGER_REDIS_CACHE_CALLS_H_

#include <memory>
#include <string>
#include <vector>

#include "redis/cache/layout.h"
#include "redis/wire/command.h"
#include "store/cache_store.h"

namespace outrigger::redis {

// Makes commands without `done`; their slot is the key's, whether or not there
// is a cluster. Thread-safe.
class CacheCalls {
 public:
  explicit CacheCalls(absl::string_view prefix) : layout_(prefix) {}

  const CacheLayout& layout() const { return layout_; }

  using Made = std::unique_ptr<Command>;
  Made Read(const store::CacheKey& key) const;
  Made ReadHeader(const store::CacheKey& key) const;
  Made Acquire(const store::AcquireRequest& request) const;
  // REQUIRES: a record of at least kRecordHeaderBytes.
  Made Write(const store::WriteRequest& request) const;
  Made Remove(const store::RemoveRequest& request) const;
  Made Abandon(const store::CacheKey& key, store::CacheToken token) const;

  Made AddMarks(const store::MarkRequest& request) const;
  Made ReadMarks(const std::string& ns) const;
  Made ReadTags(const std::string& ns,
                const std::vector<std::string>& tags) const;

  Made Append(const std::string& ns, const store::JournalEntry& entry) const;
  Made Pull(const store::PullRequest& request) const;
  Made Acknowledge(const std::string& ns,
                   const std::vector<std::string>& ids) const;

  Made AddHotKeys(const std::string& ns,
                  const std::vector<store::HotKey>& keys) const;
  // One more than `most`: the element that is none.
  Made ReadHotKeys(const std::string& ns, int most) const;

 private:
  const CacheLayout layout_;
};

// A journal entry's fields, in XADD and in what XRANGE answers.
inline constexpr char kJournalKey[] = "k";
inline constexpr char kJournalValue[] = "v";
inline constexpr char kJournalVersion[] = "n";
inline constexpr char kJournalAbsent[] = "a";

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_CACHE_CALLS_H_
