// Where the sidecar is.
#ifndef OUTRIGGER_CLIENT_CORE_TARGET_H_
#define OUTRIGGER_CLIENT_CORE_TARGET_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace outrigger::client::internal {

// What a target depends on; a test gives its own.
struct Surroundings {
  // A variable of the environment; empty if it is not set.
  std::function<std::string(const std::string& name)> variable;
  std::function<bool(const std::string& path)> exists;
};

Surroundings RealSurroundings();

// A target as gRPC takes it: "unix:path" or "host:port". See Options::target.
// kInvalidArgument: it is of none of these forms.
absl::StatusOr<std::string> ResolveTarget(
    const std::string& given,
    const Surroundings& surroundings = RealSurroundings());

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_TARGET_H_
