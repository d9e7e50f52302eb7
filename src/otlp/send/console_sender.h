// Requests as lines of JSON on standard output, for a look at them.
#ifndef OUTRIGGER_OTLP_SEND_CONSOLE_SENDER_H_
#define OUTRIGGER_OTLP_SEND_CONSOLE_SENDER_H_

#include "loop/loop.h"
#include "loop/timer.h"
#include "otlp/options.h"
#include "otlp/send/sender.h"

namespace outrigger::otlp {

// Ids are in base64, as protobuf's JSON has bytes.
class ConsoleSender final : public Sender {
 public:
  ConsoleSender(Signal signal, Loop& loop);

  void Send(const std::string& body, Duration timeout,
            std::function<void(Outcome)> done) override;
  const char* type() const override { return "console"; }

 private:
  const Signal signal_;
  std::function<void(Outcome)> done_;
  Timer later_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_CONSOLE_SENDER_H_
