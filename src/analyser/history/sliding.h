// Sums over a window that slides.
#ifndef OUTRIGGER_ANALYSER_HISTORY_SLIDING_H_
#define OUTRIGGER_ANALYSER_HISTORY_SLIDING_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace outrigger::analyser {

// A window is kWindowSlots slots long. The one that is being filled comes on
// top, so that a sum covers the window and up to a slot more.
inline constexpr int64_t kWindowSlots = 6;

// T has += and is zero when made. Slots are numbered by time; numbers that jump
// only make what is out of the window be forgotten. A value.
template <typename T>
class Sliding {
 public:
  void Add(int64_t slot, const T& value) {
    Slot& at = slots_[static_cast<size_t>(slot % kSlots)];
    if (at.number != slot) at = {slot, T{}};
    at.sum += value;
  }

  // All that was added in the window that ends with `slot`.
  T Sum(int64_t slot) const {
    T sum{};
    for (const Slot& each : slots_) {
      if (each.number <= slot && each.number > slot - kSlots) sum += each.sum;
    }
    return sum;
  }

 private:
  static constexpr int64_t kSlots = kWindowSlots + 1;
  struct Slot {
    int64_t number = -kSlots;
    T sum{};
  };
  std::array<Slot, kSlots> slots_;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_HISTORY_SLIDING_H_
