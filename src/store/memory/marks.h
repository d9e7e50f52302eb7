// A namespace's invalidations by tag and glob, in memory.
#ifndef OUTRIGGER_STORE_MEMORY_MARKS_H_
#define OUTRIGGER_STORE_MEMORY_MARKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "store/cache_store.h"

namespace outrigger::store {

// As CacheStore's functions of like names. Not thread-safe.
class MemoryMarks {
 public:
  // Answers the number.
  uint64_t Add(const MarkRequest& request, int64_t now_us);
  const Marks& marks() const { return marks_; }
  TagMarks TagMarksOf(const std::string& tag) const;

 private:
  Marks marks_;
  // When there are more, all values that are older are invalid.
  static constexpr size_t kMaxTags = 100'000;
  absl::flat_hash_map<std::string, TagMarks> tags_;
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_MARKS_H_
