#include "health/watch/checkup.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "health/watch/jitter.h"

namespace outrigger::health {

Checkup::Checkup(const Tools& tools, Rhythm rhythm,
                 std::unique_ptr<Probe> probe, Report report)
    : tools_(tools),
      rhythm_(rhythm),
      probe_(std::move(probe)),
      report_(std::move(report)),
      timer_(tools.loop, [this] { OnTimer(); }) {
  timer_.Set(Share(rhythm_.every, 0, 0.1, tools_.random));
}

Checkup::~Checkup() {
  probe_->Cancel();
  if (state_ == State::kWaiting) tools_.turns.Withdraw(this);
  if (state_ == State::kUnderWay) tools_.turns.GiveBack();
}

void Checkup::OnTimer() {
  if (state_ == State::kResting) {
    state_ = State::kWaiting;
    tools_.turns.Take(this);
    return;
  }
  probe_->Cancel();
  OnResult(absl::UnavailableError(
      absl::StrCat("no answer within ",
                   absl::FormatDuration(absl::FromChrono(rhythm_.timeout)))));
}

void Checkup::OnTurn() {
  state_ = State::kUnderWay;
  began_ = tools_.clock.Now();
  timer_.Set(rhythm_.timeout);
  probe_->Start([this](const absl::Status& result) { OnResult(result); });
}

void Checkup::OnResult(const absl::Status& result) {
  const Duration took = tools_.clock.Now() - began_;
  state_ = State::kResting;
  timer_.Set(About(rhythm_.every, tools_.random) - took);
  report_(result, took);
  tools_.turns.GiveBack();
}

}  // namespace outrigger::health
