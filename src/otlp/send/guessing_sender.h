// A sender for a peer whose protocol nobody stated.
#ifndef OUTRIGGER_OTLP_SEND_GUESSING_SENDER_H_
#define OUTRIGGER_OTLP_SEND_GUESSING_SENDER_H_

#include <functional>
#include <memory>
#include <string>

#include "otlp/send/sender.h"

namespace outrigger::otlp {

// Begins with one sender, and goes over to another for good when an outcome is
// kOtherProtocol; the request is then sent again by that one.
class GuessingSender final : public Sender {
 public:
  // `make_other` runs at most once; what it gives is not null. `switched` is
  // told.
  GuessingSender(std::unique_ptr<Sender> first,
                 std::function<std::unique_ptr<Sender>()> make_other,
                 std::function<void()> switched);

  void Send(const std::string& body, Duration timeout,
            std::function<void(Outcome)> done) override;
  const char* type() const override { return sender_->type(); }

 private:
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<Sender> retired_;  // stays: it is at work when it retires
  std::function<std::unique_ptr<Sender>()> make_other_;  // null: has switched
  const std::function<void()> switched_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_GUESSING_SENDER_H_
