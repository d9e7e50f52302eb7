// Takes samples of what the program's processors do.
#ifndef OUTRIGGER_ADMIN_PROFILE_SAMPLER_H_
#define OUTRIGGER_ADMIN_PROFILE_SAMPLER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"

namespace outrigger::admin {

// One moment of one thread: return addresses, the innermost first.
using Stack = std::vector<uintptr_t>;

// While it lives, every kPeriod of processor time that the process uses, the
// thread that used it is stopped for some microseconds and its stack noted
// (SIGPROF; the kernel may round the period up to its own tick). Costs nothing
// otherwise. One at a time in the process.
class Sampler {
 public:
  static constexpr Duration kPeriod = std::chrono::milliseconds(10);
  // Frames of a stack; those further out are left out.
  static constexpr size_t kMostFrames = 64;
  // Addresses in all, with a count for each stack; 8 bytes each, of which only
  // those in use take memory. A minute of four busy processors has place.
  static constexpr size_t kMostWords = size_t{1} << 20;

  // Null if one is running.
  static std::unique_ptr<Sampler> Start();
  ~Sampler();

  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // Stops, and gives what was seen. `dropped`: samples for which there was no
  // place.
  std::vector<Stack> Stop(uint64_t& dropped);

 private:
  Sampler() = default;
  static void StopTimer();
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROFILE_SAMPLER_H_
