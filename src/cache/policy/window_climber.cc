#include "cache/policy/window_climber.h"

#include <algorithm>
#include <cmath>

namespace outrigger::cache {
namespace {

constexpr uint64_t kRequestsPerEntry = 10;
constexpr double kLeast = 0.04;
constexpr double kMost = 0.8;
constexpr double kFirstStep = 0.0625;
constexpr double kDecay = 0.98;
constexpr double kMuch = 0.05;

}  // namespace

void WindowClimber::OnRequest(bool hit, uint64_t count) {
  ++requests_;
  hits_ += hit ? 1 : 0;
  if (requests_ < kRequestsPerEntry * count || count == 0) return;
  const double ratio =
      static_cast<double>(hits_) / static_cast<double>(requests_);
  const double change = ratio - last_ratio_;
  if (change < 0) step_ = -step_;
  window_ = std::clamp(window_ + step_, kLeast, kMost);
  step_ = std::abs(change) >= kMuch ? std::copysign(kFirstStep, step_)
                                    : kDecay * step_;
  last_ratio_ = ratio;
  requests_ = 0;
  hits_ = 0;
}

}  // namespace outrigger::cache
