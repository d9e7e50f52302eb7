// What an endpoint's health checks have found.
#ifndef OUTRIGGER_POOL_HEALTH_CHECK_STATE_H_
#define OUTRIGGER_POOL_HEALTH_CHECK_STATE_H_

#include <cstdint>
#include <string>

#include "pool/options.h"

namespace outrigger::pool {

class CheckState {
 public:
  enum class Verdict : uint8_t { kUnknown, kHealthy, kUnhealthy };

  // True: it has recovered, from unhealthy to healthy.
  bool OnResult(bool passed, std::string message, const HealthOptions& options);
  // There are no checks any more.
  void Forget() { *this = CheckState(); }

  Verdict verdict() const { return verdict_; }
  // Of the last check that failed; empty if the last one passed.
  const std::string& message() const { return message_; }

 private:
  Verdict verdict_ = Verdict::kUnknown;
  // Checks in a row that contradict the verdict.
  int64_t against_ = 0;
  std::string message_;
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_HEALTH_CHECK_STATE_H_
