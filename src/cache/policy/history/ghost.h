// Keys that left a while ago, without their values: who comes back soon was
// worth keeping.
#ifndef OUTRIGGER_CACHE_POLICY_HISTORY_GHOST_H_
#define OUTRIGGER_CACHE_POLICY_HISTORY_GHOST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "cache/policy/policy.h"

namespace outrigger::cache {

// First in, first out; in a bound of weight and one of count. A ring of 5 bytes
// a key (a fingerprint of 24 bits and the weight in 16) and an index of 4-byte
// slots, full to 4/5, with 8 bits more of the fingerprint: 10 to 11 bytes a
// key. Keys with the same fingerprint are taken for one another: of a million,
// one in 4,000. Not thread-safe.
class Ghost {
 public:
  // Forgets as many as the bounds ask for, the oldest first. `places` bounds
  // the ring, in which those that came back leave holes until they are the
  // oldest. Weights of more than 4,095 are kept to 1 part in 4,096, rounded
  // down.
  void Add(uint64_t hash, uint64_t weight, const Capacity& most,
           uint64_t places);
  // True: it was there.
  bool Remove(uint64_t hash);
  void Clear();

  uint64_t count() const { return count_; }
  uint64_t weight() const { return weight_; }
  size_t bytes() const;

 private:
  // A position counts the keys that were ever added, modulo 2^24.
  static constexpr int kPositionBits = 24;
  static constexpr uint32_t kPositionMask = (1u << kPositionBits) - 1;
  static constexpr size_t kChunk = 256;

  struct Chunk {
    std::array<uint16_t, kChunk> fingerprints_low;
    std::array<uint8_t, kChunk> fingerprints_high;
    std::array<uint16_t, kChunk> weights;  // 0: a hole
  };

  static constexpr int kFingerprintBits = 24;
  static uint32_t Fingerprint(uint64_t hash) {
    return static_cast<uint32_t>(hash >> (64 - kFingerprintBits));
  }
  // What the index has of the fingerprint, above the position; never 0.
  static uint32_t TagOf(uint64_t hash) {
    return static_cast<uint32_t>(1 + (hash & 0xffff) % 255) << kPositionBits;
  }
  size_t Home(uint32_t fingerprint) const {
    return static_cast<uint64_t>(fingerprint) * index_.size() >>
           kFingerprintBits;
  }
  size_t Next(size_t at) const { return at + 1 == index_.size() ? 0 : at + 1; }
  uint32_t FingerprintAt(uint32_t position) const;
  void SetFingerprintAt(uint32_t position, uint32_t fingerprint);
  uint16_t& WeightAt(uint32_t position);
  // Of positions that are in the ring, from its oldest on.
  size_t Offset(uint32_t position) const {
    return front_ + ((position - oldest_) & kPositionMask);
  }

  void ForgetOldest();
  // `slot`: tag and position.
  void Index(uint32_t fingerprint, uint32_t slot);
  void Unindex(size_t at);
  void GrowIndex();

  std::deque<std::unique_ptr<Chunk>> ring_;
  size_t front_ = 0;     // where the oldest is in the first chunk
  uint32_t oldest_ = 0;  // its position
  uint64_t length_ = 0;  // of the ring, with its holes
  std::vector<uint32_t> index_;
  uint64_t count_ = 0;
  uint64_t weight_ = 0;
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_POLICY_HISTORY_GHOST_H_
