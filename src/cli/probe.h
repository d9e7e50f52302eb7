// Asks a sidecar for its health, and waits for one that is not up yet.
#ifndef OUTRIGGER_CLI_PROBE_H_
#define OUTRIGGER_CLI_PROBE_H_

#include <grpcpp/support/status.h>

#include <functional>
#include <string>

#include "base/clock.h"
#include "grpc/health/v1/health.pb.h"

namespace outrigger::cli {

struct Probed {
  std::string target;  // which was asked last
  grpc::Status called;
  grpc::health::v1::HealthCheckResponse response;  // if `called` is OK
};

// Asks the sidecar at the target that `find` names: at least once, for up to a
// second; and again, for up to `wait` in all, while none is there or answers.
// `find` is called anew each time, as the usual socket may appear meanwhile.
Probed Probe(const std::function<std::string()>& find, Duration wait);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_PROBE_H_
