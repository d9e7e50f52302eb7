// A pod's block: the slots of the fleet's cap that it has on lease, how many of
// them are in use, and what it says of that to the fleet's store.
//
// The rule: a slot is only taken while the block's lease holds, which is timed
// from before the request that renewed it; and what the pod says it keeps, it
// never grows while the request is under way.
#ifndef OUTRIGGER_POOL_SLOTS_BLOCK_H_
#define OUTRIGGER_POOL_SLOTS_BLOCK_H_

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace outrigger::pool {

inline constexpr uint32_t kNoTarget = UINT32_MAX;

// What the store said. As store::PoolReply, for what a block heeds.
struct BlockTerms {
  uint32_t slots = 0;
  uint32_t overflow = 0;
  bool squeezed = false;
  uint32_t target = kNoTarget;
  bool one_by_one = false;
};

// What the pod says.
struct BlockClaim {
  uint32_t held = 0;
  uint32_t need = 0;
  uint32_t want = 0;
};

// A value; not thread-safe.
class Block {
 public:
  uint32_t slots() const { return slots_; }
  uint32_t in_use() const { return in_use_; }
  uint32_t idle() const { return slots_ > in_use_ ? slots_ - in_use_ : 0; }
  bool squeezed() const { return terms_.squeezed; }
  bool one_by_one() const { return terms_.one_by_one; }
  MonotonicTime valid_until() const { return valid_until_; }
  bool Holds(MonotonicTime now) const { return now < valid_until_; }

  // Whether a slot can be taken at once.
  bool CanTake(MonotonicTime now) const {
    return in_use_ < slots_ && now < taken_until_;
  }
  // REQUIRES: CanTake. True: the slot is one of the overflow.
  bool Take() {
    ++in_use_;
    peak_ = std::max(peak_, in_use_);
    return in_use_ + terms_.overflow > slots_;
  }
  // A slot is not in use any more. True: it may go to one who waits here;
  // false: others have a right to it, and it is not this pod's any more.
  bool GiveBack();

  // What to say, with `waiting` callers. What is idle and not claimed is given
  // up by this. `cap`: the whole fleet's; of that, `usual` is no overflow.
  BlockClaim Claim(uint32_t waiting, uint32_t cap, uint32_t usual);
  // The answer to a request that was sent at `sent`; the lease is `lease` long.
  void Accept(const BlockTerms& terms, MonotonicTime sent, Duration lease);
  // Has what is idle been asked for by others?
  bool MustReturnIdle() const {
    return idle() > 0 && (terms_.squeezed || terms_.one_by_one);
  }

  // A third of the lease has passed: what was in use at most is remembered for
  // two of these.
  void Rotate() {
    former_peak_ = peak_;
    peak_ = in_use_;
  }

  // The lease has passed; nothing is had any more.
  void Lapse();
  // The store is lost, and the pod goes on by itself with so many.
  void GoOnAlone(uint32_t slots, MonotonicTime now, Duration lease);

 private:
  BlockTerms terms_;
  bool alone_ = false;
  uint32_t slots_ = 0;
  uint32_t in_use_ = 0;
  // Given up since the last claim, so that the answer to it still counts them.
  uint32_t returned_ = 0;
  // Most in use, in this third of a lease and the one before.
  uint32_t peak_ = 0;
  uint32_t former_peak_ = 0;
  // A twentieth of a lease before valid_until_: a lease that ends at once is of
  // no use.
  MonotonicTime taken_until_ = MonotonicTime::min();
  MonotonicTime valid_until_ = MonotonicTime::min();
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_SLOTS_BLOCK_H_
