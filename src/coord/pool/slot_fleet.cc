// SlotState's talk with the fleet's store.
#include "absl/status/status.h"
#include "coord/pool/slot_state.h"

namespace outrigger::coord {
namespace {

// Who is in want asks again after this, though nobody has called.
constexpr Duration kAskAgain = std::chrono::milliseconds(100);
// One by one: oftener than what was given to him is taken back.
constexpr Duration kAskInTurn =
    std::chrono::microseconds(store::kPoolMailKeptUs) / 2;
// Who has its fair share, and wants more.
constexpr Duration kAskForMore = std::chrono::milliseconds(500);
// Pods that have idle slots give them back within this when they are called.
constexpr Duration kReturned = std::chrono::milliseconds(5);
// Who only asks is asked for so often, if the fleet has idle slots; and if it
// seems to have none, for what others need was heard a while ago.
constexpr uint64_t kAsks = 3;
constexpr uint64_t kAsksForNone = 2;
// After a failure; doubled for each in a row.
constexpr Duration kLeastBackoff = std::chrono::milliseconds(100);
constexpr Duration kMostBackoff = std::chrono::seconds(1);
// A pool that was not used for so many leases leaves the fleet's.
constexpr int kIdleLeases = 2;

}  // namespace

MonotonicTime SlotState::next_due() const {
  MonotonicTime due =
      std::min({waiters_.next_deadline(), sweep_at_,
                in_flight_.has_value() ? MonotonicTime::max() : ask_at_});
  if (joined_) due = std::min(due, rotate_at_);
  if (block_.slots() + block_.in_use() > 0) {
    due = std::min(due, block_.valid_until());
  }
  return due;
}

std::optional<store::PoolRequest> SlotState::Request(MonotonicTime now) {
  if (in_flight_.has_value() || now < ask_at_) return std::nullopt;
  ask_at_ = MonotonicTime::max();
  const bool idle = block_.in_use() == 0 && waiters_.empty();
  if (idle && !joined_) return std::nullopt;
  if (rotate_at_ == MonotonicTime::max()) rotate_at_ = now + options_.lease / 3;
  const auto waiting = static_cast<uint32_t>(waiters_.size());
  const auto max_connections = static_cast<uint32_t>(options_.max_connections);
  // What was had by a longer lease, before an update, counts as long.
  const Duration lease =
      block_.Holds(now) ? std::max(options_.lease, block_.valid_until() - now)
                        : options_.lease;
  const pool::BlockClaim claim =
      block_.Claim(waiting, cap(), retired_ || leaving_ ? 0 : max_connections);
  store::PoolRequest request;
  request.sequence = ++sequence_;
  request.cap = cap();
  request.overflow_above = static_cast<uint32_t>(options_.max_connections);
  request.last_token = token_;
  request.lease_us = ToMicros(lease);
  request.leave = idle && (leaving_ || retired_ ||
                           now - used_at_ >= kIdleLeases * options_.lease);
  if (request.leave) {
    block_.Lapse();
  } else {
    // What has lapsed may be another's, though no timer has told us yet. A
    // store that has lost its memory would believe us.
    request.held = block_.Holds(now) ? claim.held : 0;
    request.need = claim.need;
    request.want = claim.want;
    request.waited_us = waiters_.Ask(now, store::kMaxPoolWaiters);
  }
  joined_ = true;
  in_flight_ = InFlight{now, request.leave, options_.lease,
                        std::exchange(called_, false)};
  return request;
}

void SlotState::OnReply(absl::StatusOr<store::PoolReply> reply,
                        MonotonicTime now, SlotWork& work) {
  const InFlight sent = *in_flight_;
  in_flight_.reset();
  if (sent.leave) joined_ = false;
  if (!reply.ok()) return OnFailure(sent.leave, now, work);
  counters_.exchanged.Add();
  degraded_ = false;
  backoff_ = Duration(0);
  const uint32_t pods = fleet_.pods;
  fleet_ = *reply;
  // It does not count itself any more.
  if (sent.leave) fleet_.pods = pods;
  last_reply_at_ = now;
  learning_until_ = now + std::chrono::microseconds(reply->learning_for_us);
  token_ = std::max(token_, reply->fence);
  if (!sent.leave) {
    block_.Accept({reply->slots, reply->overflow, reply->squeezed,
                   reply->target, reply->one_by_one},
                  sent.sent, sent.lease);
    LoseExcess(block_.slots(), now, work);
  }
  Serve(now, work);
  // Somebody waits for it right now.
  if (sent.called && block_.MustReturnIdle()) AskBy(now);
  DenyAnswered(Asks(), now, work);
  AskAfterReply(now);
}

void SlotState::OnFailure(bool leaving, MonotonicTime now, SlotWork& work) {
  counters_.failed.Add();
  if (leaving && waiters_.empty()) {
    degraded_ = false;  // nothing is decided any more; what it had lapses
    return;
  }
  degraded_ = true;
  backoff_ = std::clamp(2 * backoff_, kLeastBackoff, kMostBackoff);
  if (!block_.Holds(now) && GoOnAlone(now, work)) Serve(now, work);
  DenyAnswered(1, now, work);
  if (!joined_ && waiters_.empty()) return;
  const double jitter = 0.5 + random_.NextDouble() / 2;
  AskBy(now + std::chrono::duration_cast<Duration>(backoff_ * jitter));
}

void SlotState::DenyAnswered(uint64_t asked, MonotonicTime now,
                             SlotWork& work) {
  std::vector<Waiter> answered = waiters_.TakeAnswered(asked);
  unmet_ = !answered.empty() || !waiters_.empty();
  DenyAll(std::move(answered), now, work);
}

void SlotState::AskAfterReply(MonotonicTime now) {
  if (waiters_.any_unasked()) return AskBy(now);
  unmet_replies_ = waiters_.empty() ? 0 : unmet_replies_ + 1;
  if (unmet_replies_ > 0) AskBy(now + AskAgainAfter());
  if (joined_) AskBy(now + options_.lease / 3);
}

uint64_t SlotState::Asks() const {
  const bool is_sure = fleet_.pods < 2 || fleet_.one_by_one;
  if (is_sure || fleet_.learning_for_us > 0) return 1;
  return SomeAreIdle() ? kAsks : kAsksForNone;
}

// The store calls when there is something; this is for calls that get lost.
Duration SlotState::AskAgainAfter() const {
  if (fleet_.one_by_one) return kAskInTurn;
  if (unmet_replies_ < Asks()) return kReturned;
  const bool has_share = fleet_.squeezed && block_.slots() >= fleet_.target;
  return has_share ? kAskForMore : kAskAgain;
}

// Nobody else was given these slots while the block's lease held. From now on
// others may be.
void SlotState::Lapse(MonotonicTime now, SlotWork& work) {
  if (GoOnAlone(now, work)) return;
  LoseExcess(0, now, work);
  block_.Lapse();
}

// A pod that has never reached the store does not know how many there are, and
// so has no share.
bool SlotState::GoOnAlone(MonotonicTime now, SlotWork& work) {
  if (!options_.share_on_store_loss || !degraded_ || leaving_) return false;
  if (fleet_.pods == 0) return false;
  const auto share =
      static_cast<uint32_t>(options_.max_connections) / fleet_.pods;
  LoseExcess(share, now, work);
  block_.GoOnAlone(share, now, options_.lease);
  AskBy(now + kMostBackoff);
  // As well as can be without the store: the others' tokens grow with its time.
  token_ = std::max(token_, fleet_.fence + static_cast<uint64_t>(
                                               ToMicros(now - last_reply_at_)));
  return true;
}

void SlotState::Leave(MonotonicTime now) {
  leaving_ = true;
  AskBy(now);
}

void SlotState::View(MonotonicTime now, PoolView* view) const {
  view->name = options_.name;
  view->max_connections = static_cast<uint32_t>(options_.max_connections);
  view->max_overflow = static_cast<uint32_t>(options_.max_overflow);
  view->in_use = block_.in_use();
  view->slots = block_.slots();
  view->waiting = static_cast<uint32_t>(waiters_.size());
  view->fleet_slots = fleet_.fleet_slots;
  view->pods = fleet_.pods;
  view->one_by_one = fleet_.one_by_one;
  view->learning = now < learning_until_;
  view->degraded = degraded_;
  view->acquired = counters_.acquired.Value();
  view->timeouts = counters_.timeouts.Value();
  view->expired = counters_.expired.Value();
  view->leaks = counters_.leaks.Value();
  view->ejections = endpoints_.ejections();
  view->endpoints = endpoints_.View(now);
}

void SlotState::ViewLeases(MonotonicTime now, PoolView* view) const {
  std::vector<pool::Lease> leases;
  leases_.ForEach([&](const pool::Lease& lease) { leases.push_back(lease); });
  const size_t shown = std::min(leases.size(), kLongestHeld);
  std::partial_sort(leases.begin(),
                    leases.begin() + static_cast<ptrdiff_t>(shown),
                    leases.end(), [](const auto& a, const auto& b) {
                      return a.acquired_at < b.acquired_at;
                    });
  leases.resize(shown);
  for (const pool::Lease& lease : leases) {
    const pool::EndpointOptions* endpoint = endpoints_.Find(lease.endpoint);
    view->longest_held.push_back(
        {lease.id, now - lease.acquired_at, lease.trace_id,
         endpoint == nullptr ? "" : endpoint->address});
  }
}

}  // namespace outrigger::coord
