// What comes by the stream, and its end.
#include <utility>

#include "core/durations.h"
#include "core/mistakes.h"
#include "pool/holds.h"
#include "pool/refusals.h"

namespace outrigger::client::internal {
namespace {

namespace v1 = pool::v1;

}  // namespace

void Holds::OnMessage(Wire&, v1::HoldResponse& message) {
  switch (message.response_case()) {
    case v1::HoldResponse::kAcquired:
      OnAcquired(message.id(), message.acquired());
      return;
    case v1::HoldResponse::kLostLeaseId: {
      Calls calls;
      {
        absl::MutexLock lock(&mutex_);
        const Lease lease = Find(epoch_, message.lost_lease_id());
        if (lease != nullptr) Lose(lease, calls);
      }
      for (auto& call : calls) call();
      return;
    }
    case v1::HoldResponse::kError: {
      Waiter waiter;
      {
        absl::MutexLock lock(&mutex_);
        auto found = waiters_.extract(message.id());
        if (found.empty()) return;
        waiter = std::move(found.mapped());
        line_.loop().Cancel(waiter.deadline);
      }
      const absl::Status status(
          static_cast<absl::StatusCode>(message.error().code()),
          message.error().message());
      waiter.done(IsMistake(status) ? absl::StatusOr<Lease>(status)
                                    : Fallback(waiter.pool));
      line_.activities().Leave();
      return;
    }
    case v1::HoldResponse::kReleased:
    case v1::HoldResponse::RESPONSE_NOT_SET:
      return;
  }
}

void Holds::OnAcquired(std::uint64_t id, const v1::AcquireResponse& response) {
  Waiter waiter;
  Lease lease;
  bool late = false;
  {
    absl::MutexLock lock(&mutex_);
    auto found = waiters_.extract(id);
    late = found.empty();
    if (late) {
      // Granted to nobody: its caller has gone.
      if (response.acquired()) {
        SendRelease(response.lease_id(), Result::kIgnored);
      }
    } else {
      waiter = std::move(found.mapped());
      line_.loop().Cancel(waiter.deadline);
      if (response.acquired()) lease = Hold(waiter, response);
    }
  }
  if (late) {
    Flush();
    return;
  }
  if (lease != nullptr) {
    waiter.done(std::move(lease));
  } else {
    waiter.done(ToStatus(
        Refusal{.reason = static_cast<RefusalReason>(response.reason()),
                .advice = static_cast<Advice>(response.advice()),
                .retry_after = FromProto(response.retry_after())}));
  }
  line_.activities().Leave();
}

Holds::Lease Holds::Hold(const Waiter& waiter,
                         const v1::AcquireResponse& response) {
  auto lease = std::make_shared<HeldLease>();
  lease->pool = waiter.pool;
  lease->endpoint = response.endpoint().address();
  lease->id = response.lease_id();
  lease->fencing_token = response.fencing_token();
  lease->epoch = epoch_;
  lease->overflow = response.overflow();
  const absl::Duration lasts = FromProto(response.expires_after());
  lease->expires = After(waiter.asked, FromProto(response.waited()) + lasts);
  held_[lease->id] = lease;
  PlanRenewal(*lease, After(Now(), Between(Now(), lease->expires) / 2));
  return lease;
}

void Holds::OnEnded(Wire&, const absl::Status&) {
  Calls calls;
  std::vector<Waiter> waiters;
  {
    absl::MutexLock lock(&mutex_);
    stream_ = nullptr;
    writing_ = false;
    ++epoch_;
    queue_.clear();
    for (auto& [id, waiter] : waiters_) {
      line_.loop().Cancel(waiter.deadline);
      waiters.push_back(std::move(waiter));
    }
    waiters_.clear();
    const auto held = std::exchange(held_, {});
    for (const auto& [id, lease] : held) Lose(lease, calls);
  }
  for (auto& call : calls) call();
  for (Waiter& waiter : waiters) {
    waiter.done(Fallback(waiter.pool));
    line_.activities().Leave();
  }
}

}  // namespace outrigger::client::internal
