#include "cache/policy/sketch.h"

#include <algorithm>

namespace outrigger::cache {
namespace {

constexpr int kCounterBits = 4;
constexpr uint64_t kMostCount = 15;
constexpr uint64_t kLowestBits = 0x1111'1111'1111'1111;
constexpr uint64_t kWithoutHighest = 0x7777'7777'7777'7777;

// Keys for each word of 16 counters.
constexpr uint64_t kKeysPerWord = 2;

// The upper bits for the line, the lower ones for the counters in it. The index
// and the ghosts go by the upper bits of the hash: these shall be others.
uint64_t Mix(uint64_t hash) { return (hash ^ hash >> 32) * 0x9E3779B97F4A7C15; }

}  // namespace

void Sketch::Reserve(uint64_t keys) {
  keys_ = std::max(keys_, keys);
  while (words_.size() * kKeysPerWord < keys || words_.empty()) {
    // A key's line is told by the lowest bits, so twice the same is a sketch
    // that has counted the same.
    if (words_.empty()) {
      words_.resize(kLineWords);
    } else {
      const size_t size = words_.size();
      words_.resize(2 * size);
      std::copy_n(words_.begin(), size, words_.begin() + size);
    }
  }
}

Sketch::Place Sketch::PlaceOf(uint64_t mixed, size_t row) const {
  const size_t line = (mixed >> 32) & (words_.size() / kLineWords - 1);
  // Two words of the line are a row's; 5 bits say where in them.
  const uint64_t bits = mixed >> (5 * row) & 31;
  return {line * kLineWords + 2 * row + (bits & 1),
          static_cast<int>(bits >> 1) * kCounterBits};
}

void Sketch::Increment(uint64_t hash) {
  if (words_.empty()) return;
  const uint64_t mixed = Mix(hash);
  bool counted = false;
  for (size_t row = 0; row < kRows; ++row) {
    const Place place = PlaceOf(mixed, row);
    if ((words_[place.word] >> place.shift & kMostCount) == kMostCount)
      continue;
    words_[place.word] += uint64_t{1} << place.shift;
    counted = true;
  }
  if (counted && ++requests_ >= kRequestsPerKey * keys_) Halve();
}

int Sketch::Estimate(uint64_t hash) const {
  if (words_.empty()) return 0;
  const uint64_t mixed = Mix(hash);
  uint64_t least = kMostCount;
  for (size_t row = 0; row < kRows; ++row) {
    const Place place = PlaceOf(mixed, row);
    least = std::min(least, words_[place.word] >> place.shift & kMostCount);
  }
  return static_cast<int>(least);
}

void Sketch::Halve() {
  uint64_t odd = 0;
  for (uint64_t& word : words_) {
    odd += static_cast<uint64_t>(__builtin_popcountll(word & kLowestBits));
    word = word >> 1 & kWithoutHighest;
  }
  requests_ = (requests_ - odd / kRows) / 2;
}

void Sketch::Clear() { *this = Sketch(); }

}  // namespace outrigger::cache
