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
BlockClaim Block::Claim(uint32_t waiting, uint32_t cap) {
  BlockClaim claim;
  claim.need = in_use_ + waiting;
  const uint32_t lately = std::max(peak_, former_peak_);
  uint32_t keep = in_use_;
  if (!terms_.squeezed && !terms_.one_by_one) {
    const uint32_t usual =
        slots_ > terms_.overflow ? slots_ - terms_.overflow : 0;
    keep = std::max(in_use_, std::min({lately, usual, cap}));
  }
  slots_ = std::min(slots_, keep);
  returned_ = 0;
  claim.held = slots_;
  claim.want = std::min(cap, std::max(claim.need + claim.need / 4, lately));
  claim.want = std::max(claim.want, claim.need);
  return claim;
}

void Block::Accept(const BlockTerms& terms, MonotonicTime sent,
                   Duration lease) {
  terms_ = terms;
  slots_ = terms.slots > returned_ ? terms.slots - returned_ : 0;
  valid_until_ = std::max(valid_until_, sent + lease);
}

void Block::Lapse() {
  slots_ = 0;
  in_use_ = 0;
  returned_ = 0;
  terms_ = BlockTerms{};
}

void Block::GoOnAlone(uint32_t slots, MonotonicTime until) {
  slots_ = slots;
  terms_ = BlockTerms{};
  valid_until_ = until;
}

}  // namespace outrigger::pool
