// Denials as errors, and back.
#ifndef OUTRIGGER_CLIENT_BREAKER_DENIALS_H_
#define OUTRIGGER_CLIENT_BREAKER_DENIALS_H_

#include "absl/status/status.h"
#include "outrigger/breaker.h"

namespace outrigger::client::internal {

// kUnavailable; DenialOf gives the denial again.
absl::Status ToStatus(const Denial& denial);

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_BREAKER_DENIALS_H_
