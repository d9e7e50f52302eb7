// Sends one request at a time to a collector: what HTTP and gRPC have in
// common.
#ifndef OUTRIGGER_OTLP_SEND_SENDER_H_
#define OUTRIGGER_OTLP_SEND_SENDER_H_

#include <functional>
#include <string>

#include "base/clock.h"
#include "otlp/send/outcome.h"

namespace outrigger::otlp {

// On the loop's thread. Its end cancels a request that is under way, whose
// `done` is then not called.
class Sender {
 public:
  virtual ~Sender() = default;

  // `done` runs on the loop's thread, once, and not before Send returns; it may
  // call Send. `body` is an encoded Export…ServiceRequest and stays until then.
  // REQUIRES: no request is under way.
  virtual void Send(const std::string& body, Duration timeout,
                    std::function<void(Outcome)> done) = 0;

  // The convention's otel.component.type without the signal: "otlp_grpc",
  // "otlp_http" or "console".
  virtual const char* type() const = 0;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_SENDER_H_
