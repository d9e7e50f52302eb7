// Randomness as a seam: real entropy in production, a seed in tests.
#ifndef OUTRIGGER_BASE_RANDOM_H_
#define OUTRIGGER_BASE_RANDOM_H_

#include <cstdint>
#include <mutex>
#include <random>

namespace outrigger {

// Source of random numbers. Implementations are thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  // Uniform over all 64-bit values.
  virtual uint64_t Next() = 0;
  // Uniform over [0, 1).
  double NextDouble() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
};

// A 64-bit Mersenne twister. Without a seed it is seeded by the kernel. Not for
// secrets.
class PseudoRandomSource final : public RandomSource {
 public:
  PseudoRandomSource();
  explicit PseudoRandomSource(uint64_t seed) : engine_(seed) {}
  uint64_t Next() override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_BASE_RANDOM_H_
