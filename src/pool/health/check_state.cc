#include "pool/health/check_state.h"

#include <utility>

namespace outrigger::pool {

bool CheckState::OnResult(bool passed, std::string message,
                          const HealthOptions& options) {
  message_ = passed ? std::string() : std::move(message);
  const Verdict said = passed ? Verdict::kHealthy : Verdict::kUnhealthy;
  if (verdict_ == Verdict::kUnknown) {
    verdict_ = said;
    return false;
  }
  if (verdict_ == said) {
    against_ = 0;
    return false;
  }
  if (++against_ < (passed ? options.rise : options.fall)) return false;
  against_ = 0;
  verdict_ = said;
  return passed;
}

}  // namespace outrigger::pool
