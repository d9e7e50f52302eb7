// Where a collector is, taken apart.
#ifndef OUTRIGGER_OTLP_SEND_ENDPOINT_H_
#define OUTRIGGER_OTLP_SEND_ENDPOINT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "otlp/options.h"

namespace outrigger::otlp {

struct Endpoint {
  bool tls = false;
  // Without brackets; empty for a gRPC target that is not host and port.
  std::string host;
  uint16_t port = 0;  // 0: it stands nowhere
  std::string path;   // "/" at least
  // As gRPC wants it, e.g. "dns:///collector:4317".
  std::string grpc_target;

  // The header field Host.
  std::string Authority() const;
};

// Reads Destination::endpoint and `insecure`. kInvalidArgument says what is
// wrong.
absl::StatusOr<Endpoint> ParseEndpoint(const Destination& destination);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_ENDPOINT_H_
