// Keeping what is held: the sidecar renews what its stream holds, but it may
// hang itself.
#include <algorithm>
#include <utility>

#include "core/durations.h"
#include "pool/holds.h"

namespace outrigger::client::internal {
namespace {

namespace v1 = pool::v1;

// Between two tries while the sidecar does not answer.
constexpr absl::Duration kRetry = absl::Milliseconds(50);

}  // namespace

void Holds::PlanRenewal(HeldLease& lease, Instant when) {
  lease.timer = line_.At(
      std::min(when, lease.expires),
      [this, epoch = lease.epoch, id = lease.id] { Renew(epoch, id); });
}

void Holds::Renew(std::uint64_t epoch, std::uint64_t id) {
  const Instant now = Now();
  Instant expires;
  Calls calls;
  {
    absl::MutexLock lock(&mutex_);
    const Lease lease = Find(epoch, id);
    if (lease == nullptr) return;
    lease->timer = 0;
    expires = lease->expires;
    if (now >= lease->expires) Lose(lease, calls);
  }
  if (!calls.empty()) {
    for (auto& call : calls) call();
    return;
  }
  v1::RenewRequest request;
  request.set_lease_id(id);
  // Not beyond its time: who holds it must be told then.
  line_.Start<v1::Pool::Stub, v1::RenewRequest, v1::RenewResponse>(
      &Channel::pool, &v1::Pool::Stub::PrepareAsyncRenew, request,
      std::min(line_.options().timeout, Between(now, expires)),
      [this, epoch, id, now](const absl::Status& status,
                             v1::RenewResponse& response) {
        Renewed(epoch, id, now, status, response);
      });
}

void Holds::Renewed(std::uint64_t epoch, std::uint64_t id, Instant asked,
                    const absl::Status& status,
                    const v1::RenewResponse& response) {
  const Instant now = Now();
  Calls calls;
  {
    absl::MutexLock lock(&mutex_);
    const Lease lease = Find(epoch, id);
    if (lease == nullptr) return;
    if (status.ok()) {
      lease->expires = After(asked, FromProto(response.expires_after()));
      PlanRenewal(*lease, After(now, Between(now, lease->expires) / 2));
    } else if (absl::IsNotFound(status) || now >= lease->expires) {
      Lose(lease, calls);
    } else {
      PlanRenewal(*lease, After(now, kRetry));
    }
  }
  for (auto& call : calls) call();
}

Holds::Lease Holds::Find(std::uint64_t epoch, std::uint64_t id) {
  if (epoch != epoch_) return nullptr;
  const auto found = held_.find(id);
  return found == held_.end() ? nullptr : found->second;
}

void Holds::Lose(const Lease& lease, Calls& calls) {
  held_.erase(lease->id);
  line_.Cancel(lease->timer);
  lease->timer = 0;
  lease->lost.store(true, std::memory_order_release);
  // Never empty, so that who asks can see that something was lost.
  calls.push_back([told = std::move(lease->on_lost)]() mutable {
    if (told) told();
  });
}

}  // namespace outrigger::client::internal
