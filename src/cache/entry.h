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
#include "cache/policy/node.h"

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
  // How long loading took, for XFetch; kept to about 5 %.
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

  // A further share of an entry that somebody has a share of.
  static EntryRef Share(Entry* entry);
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

// Key, value and tags do not change; thread-safe. What L1 keeps about it (the
// node) is guarded by the lock of its shard.
//
// One block of memory: 44 bytes, then the key, the value and the tags.
class Entry : public Node {
 public:
  // `key`: at most 1,024 bytes. `value`: at most 64 MiB. `tags`: at most 16, of
  // at most 255 bytes. `checked`: see below.
  static EntryRef Make(absl::string_view key, absl::string_view value,
                       const std::vector<std::string>& tags,
                       const EntryInfo& info, uint32_t checked);

  absl::string_view key() const { return {text(), key_size()}; }
  absl::string_view value() const {
    return {text() + key_size(), value_size()};
  }
  bool has_tags() const { return (sizes_ & kHasTags) != 0; }
  std::vector<absl::string_view> tags() const;

  uint64_t version() const {
    return static_cast<uint64_t>(version_high_) << 32 | version_low_;
  }
  Tick fresh_until() const { return fresh_until_; }
  Tick dead_at() const { return dead_at_; }
  uint32_t load_ms() const;
  bool absent() const { return (sizes_ & kAbsent) != 0; }
  // Up to which of the namespace's invalidations it was checked; the owner's to
  // interpret. May be set by any thread that has a reference.
  uint32_t checked() const { return checked_.load(std::memory_order_acquire); }
  void set_checked(uint32_t checked) const {
    checked_.store(checked, std::memory_order_release);
  }

  // Bytes of the block, with what malloc adds.
  size_t bytes() const { return AllocatedBytes(kHead + TextBytes()); }

  // What glibc's malloc takes for a block of this size: 8 bytes of its own, in
  // steps of 16; from 128 KiB on, often whole pages.
  static size_t AllocatedBytes(size_t size);

 private:
  friend class EntryRef;

  static constexpr size_t kHead = 44;
  // sizes_: 27 bits of the value's size, two flags, 3 bits of the load's code.
  static constexpr int kValueBits = 27;
  static constexpr uint32_t kHasTags = 1u << 27;
  static constexpr uint32_t kAbsent = 1u << 28;
  static constexpr int kLoadLowShift = 29;
  // spare_: 11 bits of the key's size, 5 bits of the load's code.
  static constexpr int kKeyBits = 11;

  Entry(absl::string_view key, absl::string_view value,
        const std::vector<std::string>& tags, const EntryInfo& info,
        uint32_t checked);
  ~Entry() = default;

  void Ref() const { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) Free();
  }
  void Free() const;

  const char* text() const {
    return reinterpret_cast<const char*>(this) + kHead;
  }
  size_t key_size() const { return spare_ & ((1u << kKeyBits) - 1); }
  size_t value_size() const { return sizes_ & ((1u << kValueBits) - 1); }
  // Of key, value and tags.
  size_t TextBytes() const;

  mutable std::atomic<uint32_t> refs_ = 1;
  uint32_t sizes_;
  // In two, since 44 is no multiple of 8.
  uint32_t version_low_;
  uint32_t version_high_;
  Tick fresh_until_;
  Tick dead_at_;
  mutable std::atomic<uint32_t> checked_;
};
static_assert(sizeof(Entry) == 44);

inline EntryRef::EntryRef(const EntryRef& other) : entry_(other.entry_) {
  if (entry_ != nullptr) entry_->Ref();
}
inline EntryRef EntryRef::Share(Entry* entry) {
  entry->Ref();
  return Adopt(entry);
}
inline EntryRef::~EntryRef() {
  if (entry_ != nullptr) entry_->Unref();
}

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_ENTRY_H_
