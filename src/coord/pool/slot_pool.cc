#include "coord/pool/slot_pool.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "telemetry/pool_metrics.h"

namespace outrigger::coord {
namespace {

// A ticket has its pool's number in its first bits.
constexpr int kTicketBits = 48;

const char* HealthName(pool::EndpointHealth health) {
  switch (health) {
    case pool::EndpointHealth::kHealthy:
      return "healthy";
    case pool::EndpointHealth::kUnhealthy:
      return "unhealthy";
    case pool::EndpointHealth::kEjected:
      return "ejected";
    case pool::EndpointHealth::kOverloaded:
      return "overloaded";
    case pool::EndpointHealth::kUnknown:
      break;
  }
  return "unknown";
}

std::string Hex(const TraceId& trace_id) {
  if (trace_id == TraceId{}) return "";
  return absl::BytesToHexString(absl::string_view(
      reinterpret_cast<const char*>(trace_id.data()), trace_id.size()));
}

}  // namespace

SlotPool::SlotPool(const PoolContext& context, uint16_t number,
                   const pool::PoolOptions& options)
    : context_(context),
      name_(options.name),
      number_(number),
      counters_(context.registry, options.name),
      state_(number, options, context.clock.Now(), context.random, counters_) {}

template <typename F>
void SlotPool::Change(F change) {
  const MonotonicTime now = context_.clock.Now();
  SlotWork work;
  std::optional<store::PoolRequest> request;
  std::optional<Timer> timer;
  absl::AnyInvocable<void()> drained;
  {
    ShortLockHolder hold(&lock_);
    change(state_, now, work);
    request = state_.Request(now);
    timer = NextTimer();
    if (drained_ != nullptr && !request.has_value() && state_.has_settled()) {
      drained = std::exchange(drained_, nullptr);
    }
  }
  Do(std::move(work));
  if (timer.has_value()) Set(*timer);
  if (request.has_value()) Exchange(*std::move(request));
  if (drained != nullptr) drained();
}

void SlotPool::Exchange(store::PoolRequest request) {
  request.pool = name_;
  request.pod = context_.pod;
  context_.store.Exchange(
      std::move(request), [this](absl::StatusOr<store::PoolReply> reply) {
        Change([&](SlotState& state, MonotonicTime now, SlotWork& work) {
          state.OnReply(std::move(reply), now, work);
        });
      });
}

void SlotPool::Do(SlotWork work) {
  for (auto& [waiter, answer] : work.answers) {
    Answer(std::move(waiter), std::move(answer));
  }
  for (const auto& [session, lease_id] : work.lost) {
    context_.sessions.Lose(session, lease_id);
  }
  for (const SlotWork::Leak& leak : work.leaks) {
    context_.log.Warning(
        "a lease is held for long: has its holder lost it?",
        {{"pool", name_},
         {"lease_id", absl::StrCat(leak.lease_id)},
         {"held_for", absl::StrCat(ToSeconds(leak.held_for), "s")},
         {"holder_trace_id", Hex(leak.trace_id)},
         {"endpoint", leak.address}});
  }
}

// What a session gets belongs to it from now on; if it has closed meanwhile, it
// goes back.
void SlotPool::Answer(Waiter waiter, SlotAnswer answer) {
  const uint64_t session = waiter.query.session;
  if (session != 0) {
    context_.sessions.RemoveWait(session, waiter.ticket);
    if (answer.acquired &&
        !context_.sessions.AddLease(session, answer.lease_id)) {
      Release(answer.lease_id, pool::Outcome::kIgnored, 0);
      waiter.done(absl::CancelledError("the stream has ended"));
      return;
    }
  }
  waiter.done(std::move(answer));
}

std::optional<SlotPool::Timer> SlotPool::NextTimer() {
  const MonotonicTime due = state_.next_due();
  if (due >= timer_.due) return std::nullopt;
  const Timer next{due, timer_.number + 1, timer_.id};
  timer_ = {due, next.number, 0};
  return next;
}

void SlotPool::Set(const Timer& timer) {
  if (timer.id != 0) context_.executor.Cancel(timer.id);
  const Executor::TimerId id = context_.executor.RunAt(
      timer.due, [this, number = timer.number] { OnTimer(number); });
  ShortLockHolder hold(&lock_);
  if (timer_.number == timer.number) timer_.id = id;
}

// One that was overtaken has nothing to do: the one that is set next is.
void SlotPool::OnTimer(uint64_t number) {
  {
    ShortLockHolder hold(&lock_);
    if (number != timer_.number) return;
    timer_.due = MonotonicTime::max();
    timer_.id = 0;
  }
  Change([](SlotState& state, MonotonicTime now, SlotWork& work) {
    state.Tick(now, work);
  });
}

bool SlotPool::AcquireNow(const SlotQuery& query, SlotAnswer* answer) {
  const MonotonicTime now = context_.clock.Now();
  std::optional<Timer> timer;
  {
    ShortLockHolder hold(&lock_);
    if (!state_.Acquire(query, now, answer)) return false;
    timer = NextTimer();
  }
  if (timer.has_value()) Set(*timer);
  if (answer->acquired && query.session != 0 &&
      !context_.sessions.AddLease(query.session, answer->lease_id)) {
    Release(answer->lease_id, pool::Outcome::kIgnored, 0);
    *answer = SlotAnswer{};
  }
  return true;
}

Pools::Ticket SlotPool::AcquireLater(const SlotQuery& query,
                                     Pools::AcquireDone done) {
  const Pools::Ticket ticket = uint64_t{number_} << kTicketBits | ++tickets_;
  Waiter waiter;
  waiter.ticket = ticket;
  waiter.query = query;
  waiter.query.session_key = {};
  waiter.query.avoid = {};
  waiter.session_key = std::string(query.session_key);
  for (const absl::string_view address : query.avoid) {
    waiter.avoid.emplace_back(address);
  }
  waiter.done = std::move(done);
  if (query.session != 0 && !context_.sessions.AddWait(query.session, ticket)) {
    waiter.done(absl::CancelledError("the stream has ended"));
    return ticket;
  }
  Change([&](SlotState& state, MonotonicTime now, SlotWork& work) {
    state.Tick(now, work);
    SlotAnswer answer;
    if (state.Acquire(query, now, &answer)) {
      work.answers.emplace_back(std::move(waiter), std::move(answer));
      return;
    }
    state.Wait(std::move(waiter), now);
  });
  return ticket;
}

void SlotPool::Cancel(Pools::Ticket ticket) {
  std::optional<Waiter> waiter;
  {
    ShortLockHolder hold(&lock_);
    waiter = state_.Cancel(ticket);
  }
  if (!waiter.has_value()) return;
  if (waiter->query.session != 0) {
    context_.sessions.RemoveWait(waiter->query.session, ticket);
  }
  waiter->done(absl::CancelledError("the caller has gone"));
}

bool SlotPool::Release(uint64_t lease_id, pool::Outcome outcome,
                       uint64_t session) {
  const MonotonicTime now = context_.clock.Now();
  uint64_t holder = 0;
  bool quiet = false;
  {
    ShortLockHolder hold(&lock_);
    const pool::Lease* lease = state_.Find(lease_id, session, now);
    if (lease == nullptr) return false;
    holder = lease->session;
    quiet = state_.ReleasesQuietly();
    state_.End(lease_id, outcome, now);
  }
  if (!quiet) {
    Change([](SlotState& state, MonotonicTime then, SlotWork& work) {
      state.Serve(then, work);
    });
  }
  if (holder != 0) context_.sessions.RemoveLease(holder, lease_id);
  return true;
}

absl::StatusOr<Duration> SlotPool::Renew(uint64_t lease_id) {
  const MonotonicTime now = context_.clock.Now();
  ShortLockHolder hold(&lock_);
  return state_.Renew(lease_id, now);
}

PickAnswer SlotPool::Pick(const SlotQuery& query) {
  const MonotonicTime now = context_.clock.Now();
  ShortLockHolder hold(&lock_);
  return state_.Pick(query, now);
}

bool SlotPool::OnLoad(absl::string_view address,
                      const pool::EndpointLoad& load) {
  const MonotonicTime now = context_.clock.Now();
  ShortLockHolder hold(&lock_);
  return state_.endpoints().OnLoad(address, load, now);
}

void SlotPool::OnCheck(absl::string_view address, bool passed,
                       std::string message) {
  const MonotonicTime now = context_.clock.Now();
  ShortLockHolder hold(&lock_);
  state_.endpoints().OnCheck(address, passed, std::move(message), now);
}

void SlotPool::OnResolved(absl::string_view dns,
                          std::vector<std::string> addresses) {
  const MonotonicTime now = context_.clock.Now();
  ShortLockHolder hold(&lock_);
  if (!state_.endpoints().SetAddresses(dns, std::move(addresses), now)) {
    counters_.endpoints_full.Add();
  }
  state_.OnEndpointsChanged();
}

void SlotPool::Update(const pool::PoolOptions& options) {
  configured_.store(true);
  Change([&](SlotState& state, MonotonicTime now, SlotWork&) {
    state.Update(options, now);
  });
}

void SlotPool::Retire() {
  configured_.store(false);
  Change([](SlotState& state, MonotonicTime now, SlotWork& work) {
    state.Retire(now, work);
  });
}

void SlotPool::Call() {
  Change([](SlotState& state, MonotonicTime now, SlotWork&) {
    state.OnCall(now);
  });
}

void SlotPool::EndWaits() {
  Change([](SlotState& state, MonotonicTime now, SlotWork& work) {
    state.EndWaits(now, work);
  });
}

void SlotPool::Drain(absl::AnyInvocable<void()> done) {
  Change([&](SlotState& state, MonotonicTime now, SlotWork& work)
             ABSL_NO_THREAD_SAFETY_ANALYSIS {
               drained_ = std::move(done);
               state.EndWaits(now, work);
               state.Leave(now);
             });
}

PoolView SlotPool::View() const {
  const MonotonicTime now = context_.clock.Now();
  PoolView view;
  ShortLockHolder hold(&lock_);
  state_.View(now, &view);
  state_.ViewLeases(now, &view);
  return view;
}

void SlotPool::Observe(telemetry::Observations& seen) const {
  const MonotonicTime now = context_.clock.Now();
  PoolView view;
  {
    ShortLockHolder hold(&lock_);
    state_.View(now, &view);
  }
  const telemetry::Attributes& pool = counters_.attributes;
  const auto with = [&pool](const char* label, const char* value) {
    telemetry::Attributes more = pool;
    more.emplace_back(label, value);
    return more;
  };
  seen.Add(telemetry::kPoolLeases, pool, view.in_use);
  seen.Add(telemetry::kPoolCount, with(telemetry::kPoolStateLabel, "used"),
           view.in_use);
  seen.Add(telemetry::kPoolCount, with(telemetry::kPoolStateLabel, "idle"),
           view.slots > view.in_use ? view.slots - view.in_use : 0);
  seen.Add(telemetry::kPoolMax, pool, view.max_connections + view.max_overflow);
  seen.Add(telemetry::kPoolPending, pool, view.waiting);
  seen.Add(telemetry::kPoolFleetSlots, pool, view.fleet_slots);
  seen.Add(telemetry::kPoolDegraded, pool, view.degraded ? 1 : 0);
  for (const pool::EndpointView& endpoint : view.endpoints) {
    seen.Add(telemetry::kPoolEndpoints,
             with("state", HealthName(endpoint.health)), 1);
  }
  seen.Add(telemetry::kPoolEjections, pool,
           static_cast<double>(view.ejections));
}

}  // namespace outrigger::coord
