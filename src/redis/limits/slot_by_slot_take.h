// A take from buckets in several slots of a cluster.
#ifndef OUTRIGGER_REDIS_LIMITS_SLOT_BY_SLOT_TAKE_H_
#define OUTRIGGER_REDIS_LIMITS_SLOT_BY_SLOT_TAKE_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "store/limit_store.h"

namespace outrigger::redis {

// No script reaches two slots, so each slot is asked in turn, those whose items
// are all shadow at the end. When one denies, what was taken before is given
// back, and the rest is only peeked at. In between others may see the tokens
// taken: that errs towards denying. Destroys itself when done.
class SlotBySlotTake : public std::enable_shared_from_this<SlotBySlotTake> {
 public:
  using Done = store::LimitStore::Callback<store::TakeReply>;
  // Takes from the items of one slot, all or none.
  using TakeSome = std::function<void(store::TakeRequest, Done)>;
  using GiveBack = std::function<void(store::BucketRef, double cost)>;

  // `slots`: of each item of the request.
  static void Start(store::TakeRequest request, const std::vector<int>& slots,
                    TakeSome take, GiveBack give_back, Done done);

 private:
  // The indices of the items of one slot.
  using Group = std::vector<size_t>;

  void Next();
  void OnTaken(const Group& group, absl::StatusOr<store::TakeReply> reply);
  void GiveAllBack();

  store::TakeRequest request_;
  std::vector<Group> groups_;
  size_t next_ = 0;  // the group to ask
  bool denied_ = false;
  std::vector<bool> taken_;  // by item
  store::TakeReply reply_;
  TakeSome take_;
  GiveBack give_back_;
  Done done_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_LIMITS_SLOT_BY_SLOT_TAKE_H_
