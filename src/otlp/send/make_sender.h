// The sender for a destination.
#ifndef OUTRIGGER_OTLP_SEND_MAKE_SENDER_H_
#define OUTRIGGER_OTLP_SEND_MAKE_SENDER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "otlp/options.h"
#include "otlp/send/grpc_sender.h"
#include "otlp/send/sender.h"
#include "telemetry/log.h"

namespace outrigger::otlp {

// What senders work with; all outlive them.
struct SenderContext {
  Loop& loop;
  GrpcAnswers& answers;
  const Clock& clock;
  const telemetry::Log& log;
};

// kInvalidArgument: an endpoint that cannot be understood. kFailedPrecondition:
// a file that cannot be read. REQUIRES: destination.target is not kNone.
absl::StatusOr<std::unique_ptr<Sender>> MakeSender(
    Signal signal, const Destination& destination,
    const SenderContext& context);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_MAKE_SENDER_H_
