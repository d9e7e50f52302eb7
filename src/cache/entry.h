// One value in L1: a block of memory with a reference count, so that an answer
// may hold it while L1 drops it.
#ifndef OUTRIGGER_CACHE_ENTRY_H_
#define OUTRIGGER_CACHE_ENTRY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::cache {

// Milliseconds of the pod's monotonic clock, modulo 2^32 (49 days). Two are
// compared by their distance, which must be less than 24 days.
using Tick = uint32_t;
inline bool IsBefore(Tick a, Tick b) { return static_cast<int32_t>(a - b) < 0; }
// No entry lives longer in L1.
inline constexpr uint32_t kLongestTicks = 12u * 24 * 3600 * 1000;

// What is known of a value besides its bytes.
struct EntryInfo {
  uint64_t version = 0;
  Tick fresh_until = 0;
  // Not to be served at or after this, not even stale. Not before fresh_until.
  Tick dead_at = 0;
  // How long loading took, for XFetch; rounded to about 10 %.
  uint32_t load_ms = 0;
  // It is known that there is none.
  bool absent = false;
};

class Entry;

// Owns a share of an entry. Movable and copyable; null if moved from.
class EntryRef {
 public:
  EntryRef() = default;
  EntryRef(const EntryRef& other);
  EntryRef(EntryRef&& other) noexcept
      : entry_(std::exchange(other.entry_, nullptr)) {}
  EntryRef& operator=(EntryRef other) noexcept {
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~EntryRef();

  explicit operator bool() const { return entry_ != nullptr; }
  const Entry* operator->() const { return entry_; }
  const Entry& operator*() const { return *entry_; }
  const Entry* get() const { return entry_; }

  // Gives up the share without returning it, and takes it back.
  Entry* Release() { return std::exchange(entry_, nullptr); }
  static EntryRef Adopt(Entry* entry) {
    EntryRef ref;
    ref.entry_ = entry;
    return ref;
  }

 private:
  Entry* entry_ = nullptr;
};

// Key, value and tags do not change; thread-safe. What L1 keeps about it is
// guarded by the lock of its shard.
class Entry {
 public:
  // `tags`: at most 16, of at most 255 bytes. `checked`: see below.
  static EntryRef Make(absl::string_view key, absl::string_view value,
                       const std::vector<std::string>& tags,
                       const EntryInfo& info, uint32_t checked);

  absl::string_view key() const;
  absl::string_view value() const;
  bool has_tags() const;
  std::vector<absl::string_view> tags() const;

  uint64_t version() const;
  Tick fresh_until() const;
  Tick dead_at() const;
  uint32_t load_ms() const;
  bool absent() const;
  // Up to which of the namespace's invalidations it was checked; the owner's to
  // interpret. May be set by any thread that has a reference.
  uint32_t checked() const;
  void set_checked(uint32_t checked) const;

  // Bytes of the block.
  size_t bytes() const;

  // … private layout: the cache room's.
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_ENTRY_H_
