#include "coord/pool/slot_state.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace outrigger::coord {
namespace {

// Who only asks is refused without asking the fleet again for so long after it
// had nothing.
constexpr Duration kNoneFor = std::chrono::milliseconds(20);
// What is idle, and others want, is collected for so long, unless the fleet
// calls.
constexpr Duration kReturnWithin = std::chrono::milliseconds(20);

constexpr Duration kLeastRetry = std::chrono::milliseconds(10);
constexpr Duration kMostRetry = std::chrono::seconds(5);

// Whether chance has a part in the choice. The pod's numbers cost a lock.
bool Draws(pool::Balance balance) {
  return balance == pool::Balance::kRandomTwo ||
         balance == pool::Balance::kSticky ||
         balance == pool::Balance::kZoneAware;
}

SlotQuery QueryOf(const Waiter& waiter, std::vector<absl::string_view>* avoid) {
  avoid->assign(waiter.avoid.begin(), waiter.avoid.end());
  SlotQuery query = waiter.query;
  query.session_key = waiter.session_key;
  query.avoid = *avoid;
  return query;
}

}  // namespace

SlotState::SlotState(uint16_t number, const pool::PoolOptions& options,
                     MonotonicTime now, RandomSource& random,
                     PoolCounters& counters)
    : counters_(counters),
      random_(random),
      options_(options),
      endpoints_(options, now),
      leases_(number, static_cast<uint32_t>(random.Next())) {}

void SlotState::Update(const pool::PoolOptions& options, MonotonicTime now) {
  options_ = options;
  endpoints_.Update(options, now);
  known_endpoints_.clear();
  retired_ = false;
  if (joined_) AskBy(now);
}

void SlotState::Retire(MonotonicTime now, SlotWork& work) {
  retired_ = true;
  DenyAll(waiters_.TakeAll(), now, work);
  if (joined_) AskBy(now);
}

bool SlotState::Acquire(const SlotQuery& query, MonotonicTime now,
                        SlotAnswer* answer) {
  if (now >= sweep_at_) return false;  // Tick comes first
  used_at_ = now;
  if (waiters_.empty() && CanGive(now)) {
    Give(query, now, now, answer);
    return true;
  }
  if (waiters_.size() >= static_cast<size_t>(options_.max_waiting)) {
    counters_.queue_full.Add();
    Deny(query, SlotReason::kQueueFull, now, answer);
    return true;
  }
  const bool no_use = query.max_wait == Duration(0) && unmet_ &&
                      now - last_reply_at_ < kNoneFor;
  if (!no_use && !retired_ && !no_waits_) return false;
  counters_.timeouts.Add();
  Deny(query, WhyNone(now), now, answer);
  return true;
}

void SlotState::Wait(Waiter waiter, MonotonicTime now) {
  waiter.since = now;
  waiter.until =
      now + std::min(waiter.query.max_wait.value_or(options_.acquire_timeout),
                     waiter.query.patience);
  waiters_.Add(std::move(waiter));
  AskBy(now);
}

std::optional<Waiter> SlotState::Cancel(Pools::Ticket ticket) {
  return waiters_.Remove(ticket);
}

bool SlotState::Give(const SlotQuery& query, MonotonicTime since,
                     MonotonicTime now, SlotAnswer* answer) {
  pool::Choice choice;
  if (!endpoints_.empty()) {
    const uint64_t random = Draws(options_.balance) ? random_.Next() : 0;
    choice = endpoints_.Choose(
        {query.role, query.session_key, query.avoid, random}, now);
    if (choice.id == pool::kNoEndpoint) {
      Deny(query, SlotReason::kNoEndpoint, now, answer);
      return false;
    }
    endpoints_.Begin(choice.id);
    answer->endpoint = EndpointOf(choice.id);
    answer->panic = choice.panic;
  }
  pool::Lease& lease = leases_.Add();
  lease.endpoint = choice.id;
  lease.acquired_at = now;
  lease.expires = std::min(now + options_.lease, block_.valid_until());
  answer->expires_after = lease.expires - now;
  lease.session = query.session;
  if (query.session != 0) lease.expires = MonotonicTime::max();
  lease.trace_id = query.trace_id;
  answer->overflow = block_.Take();
  answer->acquired = true;
  answer->lease_id = lease.id;
  answer->fencing_token = ++token_;
  answer->degraded = degraded_;
  answer->waited = now - since;
  sweep_at_ = std::min(sweep_at_, lease.expires);
  if (options_.leak_after > Duration(0)) {
    sweep_at_ = std::min(sweep_at_, now + options_.leak_after);
  }
  counters_.acquired.Add();
  counters_.wait_time.Record(answer->waited);
  return true;
}

void SlotState::Deny(const SlotQuery& query, SlotReason reason,
                     MonotonicTime now, SlotAnswer* answer) const {
  answer->acquired = false;
  answer->reason = reason;
  answer->retry_after = RetryAfter(reason, now);
  answer->advice =
      query.attempt < static_cast<uint64_t>(options_.retry_attempts)
          ? SlotAdvice::kRetry
          : SlotAdvice::kFallBack;
  answer->degraded = degraded_;
}

SlotReason SlotState::WhyNone(MonotonicTime now) const {
  if (degraded_) return SlotReason::kStoreUnavailable;
  if (now < learning_until_) return SlotReason::kLearning;
  return SlotReason::kTimeout;
}

// Leases end at the rate of those in use over how long they are held, and those
// who wait come first.
Duration SlotState::RetryAfter(SlotReason reason, MonotonicTime now) const {
  Duration after{};
  if (reason == SlotReason::kLearning) {
    return std::max(kLeastRetry, learning_until_ - now);
  }
  if (reason == SlotReason::kStoreUnavailable) {
    after = backoff_;
  } else if (reason == SlotReason::kNoEndpoint) {
    after = options_.health.every;
  } else {
    const double seconds = use_seconds_ *
                           static_cast<double>(waiters_.size() + 1) /
                           std::max(1u, block_.in_use());
    after = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::min(seconds, 1e6)));
  }
  return std::clamp(after, kLeastRetry, kMostRetry);
}

std::shared_ptr<const SlotEndpoint> SlotState::EndpointOf(pool::EndpointId id) {
  auto& known = known_endpoints_[id];
  if (known == nullptr) {
    const pool::EndpointOptions* options = endpoints_.Find(id);
    if (options == nullptr) return nullptr;
    known = std::make_shared<const SlotEndpoint>(SlotEndpoint{
        options->address, options->zone, options->role, options->backup});
  }
  return known;
}

PickAnswer SlotState::Pick(const SlotQuery& query, MonotonicTime now) {
  PickAnswer answer;
  const pool::Choice choice = endpoints_.Choose(
      {query.role, query.session_key, query.avoid, random_.Next()}, now);
  answer.panic = choice.panic;
  if (choice.id != pool::kNoEndpoint) answer.endpoint = EndpointOf(choice.id);
  if (answer.endpoint == nullptr) {
    answer.reason = SlotReason::kNoEndpoint;
    answer.retry_after = RetryAfter(answer.reason, now);
  }
  return answer;
}

void SlotState::Serve(MonotonicTime now, SlotWork& work) {
  std::vector<absl::string_view> avoid;
  while (!waiters_.empty() && CanGive(now)) {
    Waiter waiter = waiters_.PopFront();
    SlotAnswer answer;
    Give(QueryOf(waiter, &avoid), waiter.since, now, &answer);
    work.answers.emplace_back(std::move(waiter), std::move(answer));
  }
  if (block_.MustReturnIdle()) {
    AskBy(block_.one_by_one() ? now : now + kReturnWithin);
  }
}

const pool::Lease* SlotState::Find(uint64_t lease_id, uint64_t session,
                                   MonotonicTime now) {
  const pool::Lease* lease = leases_.Find(lease_id);
  if (lease == nullptr || lease->expires <= now) return nullptr;
  if (session != 0 && lease->session != session) return nullptr;
  return lease;
}

absl::StatusOr<Duration> SlotState::Renew(uint64_t lease_id,
                                          MonotonicTime now) {
  pool::Lease* lease = leases_.Find(lease_id);
  if (lease == nullptr || lease->expires <= now || !block_.Holds(now)) {
    return absl::NotFoundError(
        absl::StrFormat("lease_id: %u is not held any more", lease_id));
  }
  const MonotonicTime until =
      std::min(now + options_.lease, block_.valid_until());
  if (lease->session == 0) lease->expires = until;
  return until - now;
}

void SlotState::End(uint64_t lease_id, pool::Outcome outcome,
                    MonotonicTime now) {
  const pool::Lease lease = leases_.Remove(lease_id);
  if (lease.endpoint != pool::kNoEndpoint) {
    endpoints_.End(lease.endpoint, outcome, now);
  }
  const double held_seconds = ToSeconds(now - lease.acquired_at);
  counters_.use_time.Record(held_seconds);
  use_seconds_ += (held_seconds - use_seconds_) / 16;
  used_at_ = now;
  if (!block_.GiveBack()) {
    AskBy(block_.one_by_one() ? now : now + kReturnWithin);
  }
}

void SlotState::Lose(uint64_t lease_id, MonotonicTime now, SlotWork& work) {
  const uint64_t session = leases_.Find(lease_id)->session;
  if (session != 0) work.lost.push_back({session, lease_id});
  counters_.lost.Add();
  End(lease_id, pool::Outcome::kIgnored, now);
}

void SlotState::LoseExcess(uint32_t most, MonotonicTime now, SlotWork& work) {
  if (leases_.size() <= most) return;
  std::vector<pool::Lease> leases;
  leases_.ForEach([&](const pool::Lease& lease) { leases.push_back(lease); });
  std::sort(leases.begin(), leases.end(), [](const auto& a, const auto& b) {
    return a.acquired_at > b.acquired_at;
  });
  leases.resize(leases.size() - most);
  for (const pool::Lease& lease : leases) Lose(lease.id, now, work);
}

void SlotState::Tick(MonotonicTime now, SlotWork& work) {
  if (block_.slots() + block_.in_use() > 0 && !block_.Holds(now)) {
    Lapse(now, work);
  }
  if (now >= sweep_at_) SweepLeases(now, work);
  Serve(now, work);
  DenyAll(waiters_.TakeExpired(now), now, work);
  if (now >= rotate_at_) {
    block_.Rotate();
    rotate_at_ = now + options_.lease / 3;
  }
}

void SlotState::SweepLeases(MonotonicTime now, SlotWork& work) {
  sweep_at_ = MonotonicTime::max();
  std::vector<uint64_t> expired;
  leases_.ForEach([&](pool::Lease& lease) {
    if (lease.expires <= now) {
      expired.push_back(lease.id);
      return;
    }
    sweep_at_ = std::min(sweep_at_, lease.expires);
    if (options_.leak_after == Duration(0) || lease.leak_told) return;
    const MonotonicTime leaks = lease.acquired_at + options_.leak_after;
    if (now < leaks) {
      sweep_at_ = std::min(sweep_at_, leaks);
      return;
    }
    lease.leak_told = true;
    counters_.leaks.Add();
    const auto endpoint = EndpointOf(lease.endpoint);
    work.leaks.push_back({lease.id, now - lease.acquired_at, lease.trace_id,
                          endpoint == nullptr ? "" : endpoint->address});
  });
  for (const uint64_t id : expired) {
    counters_.expired.Add();
    End(id, pool::Outcome::kIgnored, now);
  }
}

void SlotState::DenyAll(std::vector<Waiter> waiters, MonotonicTime now,
                        SlotWork& work) {
  for (Waiter& waiter : waiters) {
    SlotAnswer answer;
    Deny(waiter.query, WhyNone(now), now, &answer);
    answer.waited = now - waiter.since;
    counters_.timeouts.Add();
    work.answers.emplace_back(std::move(waiter), std::move(answer));
  }
}

void SlotState::EndWaits(MonotonicTime now, SlotWork& work) {
  no_waits_ = true;
  DenyAll(waiters_.TakeAll(), now, work);
}

}  // namespace outrigger::coord
