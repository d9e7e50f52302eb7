#include "pool/slots/block.h"

namespace outrigger::pool {

bool Block::GiveBack() {
  --in_use_;
  // More are in use than the pod has: its share was cut, and this is a part of
  // what was in excess.
  if (in_use_ >= slots_) return false;
  const bool others = terms_.one_by_one || in_use_ >= terms_.target;
  if (!others) return true;
  --slots_;
  ++returned_;
  return false;
}

// While nobody is in want a pod keeps what it lately needed, but no overflow,
// and asks for a quarter more than it needs: so a growing load costs few
// requests.
BlockClaim Block::Claim(uint32_t waiting, uint32_t cap, uint32_t usual) {
  BlockClaim claim;
  // One more than there can be says that there are not enough.
  claim.need = std::max(in_use_, std::min(in_use_ + waiting, cap + 1));
  const uint32_t lately = std::max(peak_, former_peak_);
  uint32_t keep = in_use_;
  if (!terms_.squeezed && !terms_.one_by_one) {
    const uint32_t kept =
        slots_ > terms_.overflow ? slots_ - terms_.overflow : 0;
    keep = std::max(in_use_, std::min({lately, kept, usual}));
  }
  // Alone it has no slots of the fleet's that it could give up.
  if (!alone_) slots_ = std::min(slots_, keep);
  returned_ = 0;
  claim.held = alone_ ? in_use_ : slots_;
  const uint32_t ahead = claim.need + claim.need / 4;
  claim.want = std::max(claim.need, std::min(usual, std::max(ahead, lately)));
  return claim;
}

void Block::Accept(const BlockTerms& terms, MonotonicTime sent,
                   Duration lease) {
  alone_ = false;
  terms_ = terms;
  slots_ = terms.slots > returned_ ? terms.slots - returned_ : 0;
  valid_until_ = std::max(valid_until_, sent + lease);
  taken_until_ = valid_until_ - lease / 20;
}

void Block::Lapse() {
  alone_ = false;
  slots_ = 0;
  in_use_ = 0;
  returned_ = 0;
  terms_ = BlockTerms{};
  taken_until_ = valid_until_ = MonotonicTime::min();
}

void Block::GoOnAlone(uint32_t slots, MonotonicTime now, Duration lease) {
  alone_ = true;
  slots_ = slots;
  terms_ = BlockTerms{};
  valid_until_ = now + lease;
  taken_until_ = valid_until_ - lease / 20;
}

}  // namespace outrigger::pool
