// The latest values of a series.
#ifndef OUTRIGGER_ANALYSER_HISTORY_RING_H_
#define OUTRIGGER_ANALYSER_HISTORY_RING_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace outrigger::analyser {

// At most kCapacity values, in place; a new one takes the oldest one's. A
// value.
template <typename T, size_t kCapacity>
class Ring {
 public:
  void Push(const T& value) {
    values_[next_] = value;
    next_ = static_cast<uint16_t>((next_ + 1) % kCapacity);
    if (size_ < kCapacity) ++size_;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // 0 is the oldest. REQUIRES: i < size().
  const T& operator[](size_t i) const {
    return values_[(next_ + kCapacity - size_ + i) % kCapacity];
  }
  // REQUIRES: !empty().
  const T& back() const { return (*this)[size_ - 1]; }

 private:
  static_assert(kCapacity < 65536);
  std::array<T, kCapacity> values_{};
  uint16_t next_ = 0;
  uint16_t size_ = 0;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_HISTORY_RING_H_
