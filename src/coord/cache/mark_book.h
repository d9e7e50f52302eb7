// What a pod knows of a namespace's invalidations by tag and glob.
//
// A value is judged by when it was loaded: the store numbers invalidations, a
// record says which was the last before its loading began (as_of), and later
// ones count. Copies in L1 are judged by this pod's own count (ordinal) of the
// times that news came, which needs only four bytes in each: an entry that was
// good at ordinal n is good now if nothing after n concerns it.
#ifndef OUTRIGGER_COORD_CACHE_MARK_BOOK_H_
#define OUTRIGGER_COORD_CACHE_MARK_BOOK_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "store/cache_store.h"

namespace outrigger::coord {

enum class Verdict : uint8_t {
  kGood,
  kStale,    // softly invalidated
  kDead,     // invalidated
  kUnknown,  // depends on tags that only the store knows
};

// Thread-safe.
class MarkBook {
 public:
  // All that the store has is in here. False from when news is announced until
  // it is read.
  bool current() const { return current_.load(std::memory_order_acquire); }
  uint32_t ordinal() const { return ordinal_.load(std::memory_order_acquire); }
  // The last invalidation known; what is loaded from now on is as of it.
  uint64_t last() const { return last_.load(std::memory_order_acquire); }
  // Counts the news that were announced.
  uint64_t announced() const {
    return announced_.load(std::memory_order_acquire);
  }
  // Something was read, ever.
  bool begun() const { return begun_.load(std::memory_order_acquire); }

  // News is announced: what is read by a question asked before is not all.
  void Forget() ABSL_LOCKS_EXCLUDED(mutex_);
  // Names what is about to be read.
  uint64_t BeginRead() ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes in what was read. It is all there is if no news came since `read`
  // began, and `stays` (we would hear of more). Answers the tags that are newly
  // invalid, for watchers, and whether globs are.
  struct News {
    std::vector<store::Mark> tags;
    bool globs = false;
  };
  News Apply(const store::Marks& marks, uint64_t read, bool stays)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Of a copy that was good at ordinal `checked`.
  Verdict JudgeCopy(absl::string_view key,
                    absl::Span<const absl::string_view> tags,
                    uint32_t checked) const ABSL_LOCKS_EXCLUDED(mutex_);
  // Of a record; kUnknown only if `tags` is not empty: then decide by
  // JudgeTags.
  Verdict JudgeRecord(absl::string_view key, absl::Span<const std::string> tags,
                      uint64_t as_of) const ABSL_LOCKS_EXCLUDED(mutex_);

  static Verdict JudgeTags(absl::Span<const store::TagMarks> tags,
                           uint64_t as_of);

  // Tags whose last invalidation is remembered. When there are more, all are
  // forgotten, and records older than that are judged by the store.
  static constexpr size_t kMaxTags = 65'536;

 private:
  // A point in time in both counts; 0: never.
  struct Point {
    uint64_t number = 0;
    uint32_t ordinal = 0;
  };
  struct Tag {
    Point hard;
    Point soft;
  };
  struct Glob {
    Point at;
    bool soft = false;
    std::string glob;
  };

  // The store knows less than this book: it has lost what it knew.
  void BeginAnew() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ApplyTags(const store::Marks& marks, uint32_t ordinal, News* news)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ApplyGlobs(const store::Marks& marks, uint32_t ordinal, News* news)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // `since` tells whether a point is later than the value.
  template <typename Since, typename Tags>
  Verdict Judge(absl::string_view key, const Tags& tags, Since since) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  std::atomic<bool> current_{false};
  std::atomic<bool> begun_{false};
  std::atomic<uint32_t> ordinal_{1};
  std::atomic<uint64_t> last_{0};
  std::atomic<uint64_t> announced_{0};

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Tag> tags_ ABSL_GUARDED_BY(mutex_);
  // Later invalidations of tags are all in tags_.
  Point complete_after_ ABSL_GUARDED_BY(mutex_);
  std::vector<Glob> globs_ ABSL_GUARDED_BY(mutex_);
  Point floor_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_MARK_BOOK_H_
