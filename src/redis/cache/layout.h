// Version 1 of what is stored for caches: the names of keys.
//
//     <prefix>:1:c:{<ns>:<key>}   the record (cache/record.h)
//     <prefix>:1:l:{<ns>:<key>}   its lease, or what was its version
//     <prefix>:1:n:{<ns>}         marks: recent invalidations of tags
//     <prefix>:1:g:{<ns>}         … of globs
//     <prefix>:1:t:{<ns>}:<tag>   the numbers of a tag's last invalidations
//     <prefix>:1:w:{<ns>}         the journal, a stream
//     <prefix>:1:h:{<ns>}         the hot keys
//
// c, n and w are tracked, from the brace on: limits use some of the letters,
// too (redis/limits/layout.h), but no limit's name begins with a brace. What
// belongs together has the same hash tag, and so the same slot of a cluster.
// Everything but the journal has an expiry. Two releases that share the version
// may run side by side.
#ifndef OUTRIGGER_REDIS_CACHE_LAYOUT_H_
#define OUTRIGGER_REDIS_CACHE_LAYOUT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "store/cache_store.h"

namespace outrigger::redis {

// The kinds of keys that are tracked.
enum class CacheKind : char { kRecord = 'c', kMarks = 'n', kJournal = 'w' };

// The names of a prefix. Thread-safe.
class CacheLayout {
 public:
  explicit CacheLayout(absl::string_view prefix);

  std::string Record(const store::CacheKey& key) const;
  std::string Lease(const store::CacheKey& key) const;
  std::string Marks(absl::string_view ns) const;
  std::string Globs(absl::string_view ns) const;
  std::string Tag(absl::string_view ns, absl::string_view tag) const;
  std::string Journal(absl::string_view ns) const;
  std::string HotKeys(absl::string_view ns) const;

  // With what the tracked keys begin.
  std::vector<std::string> TrackedPrefixes() const;

  struct Tracked {
    CacheKind kind = CacheKind::kRecord;
    // Without its `key` unless it is a record.
    store::CacheKey key;
  };
  // What a tracked key belongs to; none if it is not ours.
  std::optional<Tracked> Parse(absl::string_view key) const;

 private:
  std::string Of(char kind, absl::string_view ns) const;

  const std::string begin_;  // "<prefix>:1:"
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_CACHE_LAYOUT_H_
