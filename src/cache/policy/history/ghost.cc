#include "cache/policy/history/ghost.h"

#include <algorithm>
#include <utility>

namespace outrigger::cache {
namespace {

// Weights in 16 bits: 12 bits, and by how many places they are shifted. 0 is
// not one.
constexpr int kWeightBits = 12;
constexpr uint64_t kMostWeight = uint64_t{(1 << kWeightBits) - 1} << 15;

uint16_t PackWeight(uint64_t weight) {
  weight = std::clamp<uint64_t>(weight, 1, kMostWeight);
  int shift = 0;
  while (weight >> shift >= 1u << kWeightBits) ++shift;
  return static_cast<uint16_t>(weight >> shift | shift << kWeightBits);
}

uint64_t UnpackWeight(uint16_t packed) {
  return static_cast<uint64_t>(packed & ((1 << kWeightBits) - 1))
         << (packed >> kWeightBits);
}

}  // namespace

uint32_t Ghost::FingerprintAt(uint32_t position) const {
  const size_t offset = Offset(position);
  const Chunk& chunk = *ring_[offset / kChunk];
  return static_cast<uint32_t>(chunk.fingerprints_high[offset % kChunk]) << 16 |
         chunk.fingerprints_low[offset % kChunk];
}

void Ghost::SetFingerprintAt(uint32_t position, uint32_t fingerprint) {
  const size_t offset = Offset(position);
  Chunk& chunk = *ring_[offset / kChunk];
  chunk.fingerprints_high[offset % kChunk] =
      static_cast<uint8_t>(fingerprint >> 16);
  chunk.fingerprints_low[offset % kChunk] = static_cast<uint16_t>(fingerprint);
}

uint16_t& Ghost::WeightAt(uint32_t position) {
  const size_t offset = Offset(position);
  return ring_[offset / kChunk]->weights[offset % kChunk];
}

void Ghost::Add(uint64_t hash, uint64_t weight, const Capacity& most,
                uint64_t places) {
  const uint16_t packed = PackWeight(weight);
  weight = UnpackWeight(packed);
  places = std::min<uint64_t>(places, kPositionMask);
  if (weight > most.weight || most.count == 0 || places == 0) return;
  while (weight_ + weight > most.weight || count_ >= most.count ||
         length_ >= places) {
    ForgetOldest();
  }
  const uint32_t position =
      (oldest_ + static_cast<uint32_t>(length_)) & kPositionMask;
  if ((front_ + length_) / kChunk >= ring_.size()) {
    ring_.push_back(std::make_unique<Chunk>());
  }
  SetFingerprintAt(position, Fingerprint(hash));
  WeightAt(position) = packed;
  ++length_;
  ++count_;
  weight_ += weight;
  if (count_ * 5 > index_.size() * 4) GrowIndex();
  Index(Fingerprint(hash), TagOf(hash) | position);
}

bool Ghost::Remove(uint64_t hash) {
  if (count_ == 0) return false;
  const uint32_t fingerprint = Fingerprint(hash);
  const uint32_t tag = TagOf(hash);
  for (size_t at = Home(fingerprint); index_[at] != 0; at = Next(at)) {
    const uint32_t position = index_[at] & kPositionMask;
    if ((index_[at] & ~kPositionMask) != tag ||
        FingerprintAt(position) != fingerprint) {
      continue;
    }
    uint16_t& weight = WeightAt(position);
    weight_ -= UnpackWeight(weight);
    weight = 0;
    --count_;
    Unindex(at);
    return true;
  }
  return false;
}

void Ghost::ForgetOldest() {
  const uint16_t weight = WeightAt(oldest_);
  if (weight != 0) {
    size_t at = Home(FingerprintAt(oldest_));
    while (index_[at] == 0 || (index_[at] & kPositionMask) != oldest_) {
      at = Next(at);
    }
    Unindex(at);
    weight_ -= UnpackWeight(weight);
    --count_;
  }
  oldest_ = (oldest_ + 1) & kPositionMask;
  --length_;
  if (++front_ == kChunk) {
    ring_.pop_front();
    front_ = 0;
  }
}

void Ghost::Index(uint32_t fingerprint, uint32_t slot) {
  size_t at = Home(fingerprint);
  while (index_[at] != 0) at = Next(at);
  index_[at] = slot;
}

void Ghost::Unindex(size_t at) {
  // Whoever comes later and would not be found across the gap is put in it.
  for (size_t next = Next(at); index_[next] != 0; next = Next(next)) {
    const size_t home = Home(FingerprintAt(index_[next] & kPositionMask));
    const size_t size = index_.size();
    const size_t from_home = (next + size - home) % size;
    const size_t from_gap = (next + size - at) % size;
    if (from_home < from_gap) continue;
    index_[at] = index_[next];
    at = next;
  }
  index_[at] = 0;
}

void Ghost::GrowIndex() {
  const std::vector<uint32_t> old = std::move(index_);
  index_ = std::vector<uint32_t>(std::max<size_t>(32, old.size() * 9 / 8));
  for (const uint32_t slot : old) {
    if (slot != 0) Index(FingerprintAt(slot & kPositionMask), slot);
  }
}

void Ghost::Clear() { *this = Ghost(); }

size_t Ghost::bytes() const {
  return ring_.size() * sizeof(Chunk) + index_.size() * sizeof(uint32_t);
}

}  // namespace outrigger::cache
