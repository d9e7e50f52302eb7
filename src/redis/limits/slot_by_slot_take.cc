#include "redis/limits/slot_by_slot_take.h"

#include <algorithm>
#include <map>
#include <utility>

namespace outrigger::redis {

void SlotBySlotTake::Start(store::TakeRequest request,
                           const std::vector<int>& slots, TakeSome take,
                           GiveBack give_back, Done done) {
  auto self = std::make_shared<SlotBySlotTake>();
  std::map<int, Group> by_slot;
  for (size_t i = 0; i < slots.size(); ++i) by_slot[slots[i]].push_back(i);
  for (auto& [slot, group] : by_slot) self->groups_.push_back(std::move(group));
  std::stable_partition(
      self->groups_.begin(), self->groups_.end(), [&](const Group& group) {
        return std::any_of(group.begin(), group.end(),
                           [&](size_t i) { return !request.items[i].shadow; });
      });
  self->taken_.resize(request.items.size());
  self->reply_.verdicts.resize(request.items.size());
  self->request_ = std::move(request);
  self->take_ = std::move(take);
  self->give_back_ = std::move(give_back);
  self->done_ = std::move(done);
  self->Next();
}

void SlotBySlotTake::Next() {
  if (next_ == groups_.size()) {
    if (denied_) GiveAllBack();
    reply_.allowed = !denied_;
    return done_(std::move(reply_));
  }
  const Group& group = groups_[next_++];
  store::TakeRequest some;
  some.max_wait_us = denied_ ? 0 : request_.max_wait_us;
  for (const size_t i : group) {
    some.items.push_back(request_.items[i]);
    if (denied_) some.items.back().cost = 0;  // only to tell how it stands
  }
  take_(std::move(some), [self = shared_from_this(),
                          &group](absl::StatusOr<store::TakeReply> reply) {
    self->OnTaken(group, std::move(reply));
  });
}

void SlotBySlotTake::OnTaken(const Group& group,
                             absl::StatusOr<store::TakeReply> reply) {
  if (!reply.ok()) {
    GiveAllBack();
    return done_(reply.status());
  }
  const bool peeked = denied_;
  for (size_t k = 0; k < group.size(); ++k) {
    reply_.verdicts[group[k]] = reply->verdicts[k];
    taken_[group[k]] = !peeked && reply->allowed &&
                       reply->verdicts[k].allowed &&
                       request_.items[group[k]].cost > 0;
  }
  if (!reply->allowed) denied_ = true;
  Next();
}

void SlotBySlotTake::GiveAllBack() {
  for (size_t i = 0; i < taken_.size(); ++i) {
    if (!taken_[i]) continue;
    const store::TakeRequest::Item& item = request_.items[i];
    reply_.verdicts[i].remaining += item.cost;
    give_back_(item.bucket, item.cost);
  }
}

}  // namespace outrigger::redis
