// How large W-TinyLFU's window is to be.
#ifndef OUTRIGGER_CACHE_POLICY_WINDOW_CLIMBER_H_
#define OUTRIGGER_CACHE_POLICY_WINDOW_CLIMBER_H_

#include <cstdint>

namespace outrigger::cache {

// Hill climbing: after each so many requests the window is changed a step
// further in the same direction if the hit ratio rose, else in the other one.
// Steps get smaller, until the ratio changes much: then they are large again. A
// value.
class WindowClimber {
 public:
  // `count`: of entries.
  void OnRequest(bool hit, uint64_t count);

  // The window's share of the capacity, 0.04 to 0.8.
  double window() const { return window_; }

 private:
  double window_ = 0.05;
  double step_ = 0.0625;
  double last_ratio_ = 0;
  uint64_t requests_ = 0;  // of this sample
  uint64_t hits_ = 0;
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_POLICY_WINDOW_CLIMBER_H_
