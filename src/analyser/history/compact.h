// A number in two bytes, for pictures.
#ifndef OUTRIGGER_ANALYSER_HISTORY_COMPACT_H_
#define OUTRIGGER_ANALYSER_HISTORY_COMPACT_H_

#include <bit>
#include <cstdint>

namespace outrigger::analyser {

// The upper half of a float: its range, to 0.4 %. A value.
class Compact {
 public:
  Compact() = default;
  // REQUIRES: finite, and well below the largest float.
  explicit Compact(float value)
      : bits_(static_cast<uint16_t>(
            (std::bit_cast<uint32_t>(value) + 0x8000U) >> 16)) {}
  float value() const {
    return std::bit_cast<float>(static_cast<uint32_t>(bits_) << 16);
  }

 private:
  uint16_t bits_ = 0;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_HISTORY_COMPACT_H_
