#include "otlp/send/guessing_sender.h"

#include <utility>

namespace outrigger::otlp {

GuessingSender::GuessingSender(
    std::unique_ptr<Sender> first,
    std::function<std::unique_ptr<Sender>()> make_other,
    std::function<void()> switched)
    : sender_(std::move(first)),
      make_other_(std::move(make_other)),
      switched_(std::move(switched)) {}

void GuessingSender::Send(const std::string& body, Duration timeout,
                          std::function<void(Outcome)> done) {
  if (make_other_ == nullptr) {
    sender_->Send(body, timeout, std::move(done));
    return;
  }
  sender_->Send(
      body, timeout, [this, &body, timeout, done](Outcome outcome) mutable {
        if (outcome.kind != Outcome::Kind::kOtherProtocol) {
          done(std::move(outcome));
          return;
        }
        retired_ =
            std::exchange(sender_, std::exchange(make_other_, nullptr)());
        switched_();
        sender_->Send(body, timeout, std::move(done));
      });
}

}  // namespace outrigger::otlp
