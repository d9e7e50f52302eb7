// What an entry does when the store does not take what it writes, and when it
// does again.
#include <utility>

#include "coord/breaker/entry/entry.h"

namespace outrigger::coord {
namespace {

using breaker::Reason;

// How often at most an entry whose writes fail tries again because somebody
// else's have not.
constexpr Duration kTryEvery = std::chrono::milliseconds(250);

}  // namespace

void BreakerEntry::Retry(BreakerEffects* fx) {
  {
    Lock lock(&lock_);
    tried_at_ = {};
  }
  Refresh(fx);
}

void BreakerEntry::NoteFailedWrite(MonotonicTime now) {
  if (!failing()) failing_since_ = now;
  tried_at_ = now;
}

void BreakerEntry::NoteWrite(MonotonicTime now, BreakerEffects* fx) {
  failing_since_.reset();
  if (!standing_.detached) return;
  ForgetLocal();
  Settle(now, fx);
}

// A store that is read may still refuse what is written.
void BreakerEntry::TryToWrite(MonotonicTime now, BreakerEffects* fx) {
  if (!failing() || reporting_ || swapping_.has_value()) return;
  if (tried_at_ != MonotonicTime{} && now - tried_at_ < kTryEvery) return;
  SendReport(now, fx);
}

void BreakerEntry::EndDrain(BreakerEffects* fx) {
  for (auto& drained : drained_) fx->answers.push_back(std::move(drained));
  drained_.clear();
}

void BreakerEntry::FailSwap(MonotonicTime now, BreakerEffects* fx) {
  // What was set by hand counts in this pod now, and in all when the store is
  // back.
  for (ByHand& by_hand : by_hand_) {
    if (by_hand.done == nullptr) continue;
    breaker::Record next = standing_.shared;
    if (by_hand.reset) {
      breaker::Reset(StoreTurn(now), &next);
    } else {
      breaker::Force(by_hand.forced, StoreTurn(now), &next);
    }
    SetShared(now, std::move(next), fx);
    restore_ = true;
    fx->answers.push_back(
        [done = std::exchange(by_hand.done, nullptr)]() mutable {
          done(true);
        });
  }
  ForgetSuperseded();
  // Why it was to open may be long over when the store is back: then the
  // evidence is told again, and judged as it is.
  if (trip_.reason != Reason::kNone) untold_ = true;
  trip_ = {};
  EndDrain(fx);
  Serve(now, fx);
  RefuseAll(now, fx);
}

// What waited to be told to the fleet, and somebody else has set something by
// hand in the meantime: that is newer. What a swap that is under way has of it
// is forgotten there, too.
void BreakerEntry::ForgetOvertaken(const breaker::Record& stored) {
  const Manual known =
      std::exchange(stored_by_hand_, {stored.forced, stored.methods_reset});
  if (stored.forced == known.forced &&
      stored.methods_reset <= known.methods_reset) {
    return;
  }
  std::vector<ByHand> left;
  size_t under_way = 0;
  const size_t before = swapping_.has_value() ? swapping_->by_hand : 0;
  for (size_t i = 0; i < by_hand_.size(); ++i) {
    ByHand& by_hand = by_hand_[i];
    if (by_hand.done == nullptr &&
        stored.generation > static_cast<uint64_t>(by_hand.given_us)) {
      continue;
    }
    under_way += i < before ? 1 : 0;
    left.push_back(std::move(by_hand));
  }
  by_hand_ = std::move(left);
  if (swapping_.has_value()) swapping_->by_hand = under_way;
}

// Of what waits for the store only the last Reset counts, and the last Force
// after it.
void BreakerEntry::ForgetSuperseded() {
  std::vector<ByHand> left;
  for (ByHand& by_hand : by_hand_) {
    std::erase_if(left, [&by_hand](const ByHand& earlier) {
      return by_hand.reset || !earlier.reset;
    });
    left.push_back(std::move(by_hand));
  }
  by_hand_ = std::move(left);
}

void BreakerEntry::OnStoreBack(BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  TryToWrite(now, fx);
  if (unread_ && !std::exchange(reading_, true)) {
    fx->read = true;
    fx->sent_revision = revision_;
  }
  Pump(now, fx);
  Arm(fx);
}

bool BreakerEntry::wants_store() const {
  Lock lock(&lock_);
  return failing() || unread_ || restore_ || untold_ || !outcomes_.empty() ||
         !by_hand_.empty() || trip_.reason != Reason::kNone;
}

bool BreakerEntry::writes_fail() const {
  Lock lock(&lock_);
  return failing();
}

}  // namespace outrigger::coord
