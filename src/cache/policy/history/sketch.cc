#include "cache/policy/history/sketch.h"

#include <algorithm>
#include <utility>

namespace outrigger::cache {
namespace {

constexpr int kCounterBits = 4;
constexpr uint64_t kMostCount = 15;
constexpr uint64_t kLowestBits = 0x1111'1111'1111'1111;
constexpr uint64_t kWithoutHighest = 0x7777'7777'7777'7777;

// The upper bits for the line, the lower ones for the counters in it. The index
// and the ghosts go by the upper bits of the hash: these shall be others.
uint64_t Mix(uint64_t hash) { return (hash ^ hash >> 32) * 0x9E3779B97F4A7C15; }

}  // namespace

void Sketch::Reserve(uint64_t keys) {
  keys_ = std::max(keys_, keys);
  if (keys <= words_.size()) return;
  const size_t old = words_.size() / kLineWords;
  const size_t lines = std::max<size_t>(keys / kLineWords + 1, old + old / 8);
  std::vector<uint64_t> larger(lines * kLineWords);
  // A key's line is told by the upper bits of its hash, so that it is now where
  // it was in proportion, or one further.
  for (size_t line = 0; line < lines && old > 0; ++line) {
    std::copy_n(words_.begin() + (line * old / lines) * kLineWords, kLineWords,
                larger.begin() + line * kLineWords);
  }
  words_ = std::move(larger);
}

Sketch::Place Sketch::PlaceOf(uint64_t mixed, size_t row) const {
  const size_t line = (mixed >> 32) * (words_.size() / kLineWords) >> 32;
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

uint64_t Sketch::Estimate(uint64_t hash) const {
  uint64_t least = words_.empty() ? 0 : kMostCount;
  const uint64_t mixed = Mix(hash);
  for (size_t row = 0; row < kRows && least > 0; ++row) {
    const Place place = PlaceOf(mixed, row);
    least = std::min(least, words_[place.word] >> place.shift & kMostCount);
  }
  return least;
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
