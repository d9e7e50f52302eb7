// Finds keys that are read with a rhythm, so that they can be refreshed at the
// read before the one that they would miss.
//
// Each key's place in a small table has the time of its last read and a running
// mean of the time between reads; when several in a row were near the mean, the
// next read is expected one mean later. Two keys that share a place disturb
// each other, which only loses predictions.
#ifndef OUTRIGGER_CACHE_RHYTHM_H_
#define OUTRIGGER_CACHE_RHYTHM_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "cache/entry.h"

namespace outrigger::cache {

// Thread-safe, without a lock: threads that read one key at once may lose a
// note. 64 KiB.
class Rhythm {
 public:
  // At most `most_per_second` predictions, >= 1.
  explicit Rhythm(uint32_t most_per_second)
      : most_per_second_(most_per_second) {}

  // Notes a read of the key. True if its next read is expected after it has
  // expired, in `left_ms`, so that it is to be refreshed now.
  bool Read(uint64_t hash, Tick now, int32_t left_ms);

  // So many reads in a row must be near the mean, within a quarter of it.
  static constexpr uint32_t kSteady = 3;
  // Shorter intervals are no rhythm: the value hardly expires between two.
  static constexpr uint32_t kShortestMs = 20;

 private:
  static constexpr size_t kPlaces = 4096;
  struct Place {
    std::atomic<uint32_t> who{0};  // more bits of the hash
    std::atomic<uint32_t> last{0};
    std::atomic<uint32_t> mean_ms{0};
    std::atomic<uint32_t> steady{0};
  };

  bool MayPredict(Tick now);

  const uint32_t most_per_second_;
  std::atomic<uint64_t> window_{0};  // the second, and predictions in it
  std::array<Place, kPlaces> places_;
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_RHYTHM_H_
