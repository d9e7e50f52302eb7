#include "health/watch/turns.h"

#include <algorithm>

namespace outrigger::health {

void Turns::Take(Taker* taker) {
  if (taken_ == most_) delayed_.Add();
  waiting_.push_back(taker);
  HandOut();
}

void Turns::Withdraw(Taker* taker) {
  const auto it = std::find(waiting_.begin(), waiting_.end(), taker);
  if (it != waiting_.end()) waiting_.erase(it);
}

void Turns::GiveBack() {
  --taken_;
  HandOut();
}

// A turn may be given back at once, which must not go deeper with each waiting.
void Turns::HandOut() {
  if (handing_out_) return;
  handing_out_ = true;
  while (taken_ < most_ && !waiting_.empty()) {
    Taker* const next = waiting_.front();
    waiting_.pop_front();
    ++taken_;
    next->OnTurn();
  }
  handing_out_ = false;
}

}  // namespace outrigger::health
