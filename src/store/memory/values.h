// The values and leases of a cache store in memory.
#ifndef OUTRIGGER_STORE_MEMORY_VALUES_H_
#define OUTRIGGER_STORE_MEMORY_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>

#include "absl/container/node_hash_map.h"
#include "store/cache_store.h"

namespace outrigger::store {

// As CacheStore's functions of the same names, at the time given: microseconds
// since 1970, which never go back. Not thread-safe.
class MemoryValues {
 public:
  // Records of more bytes together are dropped, those longest unused first.
  explicit MemoryValues(size_t max_bytes) : max_bytes_(max_bytes) {}

  std::string Read(const CacheKey& key, int64_t now_us);
  AcquireReply Acquire(const AcquireRequest& request, int64_t now_us);
  WriteReply Write(WriteRequest request, int64_t now_us);
  bool Remove(const RemoveRequest& request, int64_t now_us);
  void Abandon(const CacheKey& key, const CacheToken& token);

  void Clear();
  size_t bytes() const { return bytes_; }
  size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    std::string record;      // empty: none
    int64_t expires_us = 0;  // the record's
    uint64_t last_version = 0;
    CacheToken lease;  // nonce 0: none
    int64_t lease_until_us = 0;
    // All but the record is forgotten then.
    int64_t forget_us = 0;
    std::list<const CacheKey*>::iterator use;
  };
  using Slots = absl::node_hash_map<CacheKey, Slot>;

  // The slot, made if needed, without a record that has expired.
  Slot& Find(const CacheKey& key, int64_t now_us);
  void SetRecord(Slot& slot, std::string record);
  uint64_t NextVersion(Slot& slot, int64_t now_us);
  void Revoke(Slot& slot, int64_t now_us);
  void Erase(Slots::iterator slot);
  // Drops what has expired or is too much, from the longest unused on.
  void Shrink(int64_t now_us);

  const size_t max_bytes_;
  size_t bytes_ = 0;
  Slots slots_;
  std::list<const CacheKey*> uses_;  // the latest first
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_VALUES_H_
