// About how often each of very many keys was asked for lately.
#ifndef OUTRIGGER_CACHE_POLICY_HISTORY_SKETCH_H_
#define OUTRIGGER_CACHE_POLICY_HISTORY_SKETCH_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace outrigger::cache {

// A count-min sketch of 4 rows with counters of 4 bits, all of a key's in one
// cache line; counters are halved when as many requests were counted as ten for
// each key that it is made for, so that it forgets. 8 to 9 bytes a key. Not
// thread-safe.
class Sketch {
 public:
  // Makes it large enough for so many keys; most of what was counted stays.
  void Reserve(uint64_t keys);
  void Increment(uint64_t hash);
  // 0 to 15; never too low but for what was forgotten.
  uint64_t Estimate(uint64_t hash) const;
  void Clear();
  size_t bytes() const { return words_.size() * sizeof(uint64_t); }

 private:
  static constexpr size_t kRows = 4;
  static constexpr size_t kLineWords = 8;
  static constexpr uint64_t kRequestsPerKey = 10;

  // Where row `row` counts it.
  struct Place {
    size_t word;
    int shift;
  };
  Place PlaceOf(uint64_t mixed, size_t row) const;
  void Halve();

  std::vector<uint64_t> words_;  // whole lines
  uint64_t keys_ = 0;
  uint64_t requests_ = 0;  // since it was halved, and half of those before
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_POLICY_HISTORY_SKETCH_H_
