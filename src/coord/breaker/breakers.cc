#include "coord/breaker/breakers.h"

#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "coord/breaker/breakers_rep.h"

namespace outrigger::coord {
namespace {

// Says which of the outcomes it is about, as a path of the request.
absl::Status OfOutcome(size_t index, const absl::Status& status) {
  const absl::string_view field = absl::IsNotFound(status) ? "breaker: " : "";
  return absl::Status(status.code(), absl::StrCat("outcomes[", index, "].",
                                                  field, status.message()));
}

}  // namespace

Breakers::Breakers(Settings settings,
                   std::vector<breaker::BreakerOptions> options,
                   const Clock& clock, Executor& executor, RandomSource& random,
                   telemetry::Registry& registry, store::BreakerStore& store)
    : rep_(std::make_unique<Rep>(std::move(settings), clock, executor, random,
                                 registry, store)) {
  rep_->Update({});
  Update(std::move(options));
}

Breakers::~Breakers() = default;

bool Breakers::AcquireNow(const PermitQuery& query, PermitAnswer* answer,
                          absl::Status* error) {
  BreakerEntry* const known = rep_->Known(query.breaker, query.method);
  if (known != nullptr) return known->AcquireNow(answer);
  const absl::StatusOr<BreakerEntry*> entry =
      rep_->EntryOf(query.breaker, query.method);
  if (!entry.ok()) {
    *error = entry.status();
    return true;
  }
  return (*entry)->AcquireNow(answer);
}

Breakers::Ticket Breakers::AcquireLater(const PermitQuery& query,
                                        Done<PermitAnswer> done) {
  const absl::StatusOr<BreakerEntry*> entry =
      rep_->EntryOf(query.breaker, query.method);
  if (!entry.ok()) {
    done(entry.status());
    return rep_->NewTicket(nullptr);  // to nothing
  }
  const Ticket ticket = rep_->NewTicket(*entry);
  rep_->driver().Call(**entry, &BreakerEntry::AcquireLater, query, ticket,
                      [rep = rep_.get(), ticket, done = std::move(done)](
                          absl::StatusOr<PermitAnswer> answer) mutable {
                        rep->EndTicket(ticket);
                        done(std::move(answer));
                      });
  return ticket;
}

void Breakers::Cancel(Ticket ticket) {
  BreakerEntry* const entry = rep_->EndTicket(ticket);
  if (entry != nullptr) {
    rep_->driver().Call(*entry, &BreakerEntry::Cancel, ticket);
  }
}

absl::StatusOr<uint32_t> Breakers::Report(
    absl::Span<const CallOutcome> outcomes) {
  if (outcomes.size() > kMaxBreakerOutcomes) {
    return absl::InvalidArgumentError(
        absl::StrCat("outcomes: must be at most ", kMaxBreakerOutcomes));
  }
  absl::InlinedVector<BreakerEntry*, 8> entries;
  for (const CallOutcome& outcome : outcomes) {
    BreakerEntry* entry = rep_->Known(outcome.breaker, outcome.method);
    if (entry == nullptr) {
      const absl::StatusOr<BreakerEntry*> made =
          rep_->EntryOf(outcome.breaker, outcome.method);
      if (!made.ok()) return OfOutcome(entries.size(), made.status());
      entry = *made;
    }
    entries.push_back(entry);
  }
  const MonotonicTime now = rep_->Now();
  uint32_t dropped = 0;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    BreakerEffects fx;
    if (!entries[i]->Report(outcomes[i], now, &fx)) {
      dropped += outcomes[i].count;
    }
    if (!fx.empty()) rep_->driver().Do(*entries[i], std::move(fx));
  }
  return dropped;
}

absl::StatusOr<Breakers::Ticket> Breakers::Watch(std::vector<std::string> names,
                                                 Changed changed) {
  return rep_->Watch(std::move(names), std::move(changed));
}

void Breakers::Unwatch(Ticket ticket) { rep_->Unwatch(ticket); }

absl::StatusOr<std::vector<BreakerView>> Breakers::List(
    absl::string_view name) const {
  const absl::StatusOr<std::vector<BreakerEntry*>> entries = rep_->Listed(name);
  if (!entries.ok()) return entries.status();
  std::vector<BreakerView> views;
  for (const BreakerEntry* entry : *entries) views.push_back(entry->View());
  return views;
}

void Breakers::Force(absl::string_view name, absl::string_view method,
                     BreakerState state, Done<bool> done) {
  auto forced = breaker::Forced::kNone;
  switch (state) {
    case BreakerState::kOpen:
    case BreakerState::kHalfOpen:
      return done(absl::InvalidArgumentError(
          "state: must be FORCED_OPEN, FORCED_CLOSED, METRICS_ONLY or CLOSED"));
    case BreakerState::kForcedOpen:
      forced = breaker::Forced::kOpen;
      break;
    case BreakerState::kForcedClosed:
      forced = breaker::Forced::kClosed;
      break;
    case BreakerState::kMetricsOnly:
      forced = breaker::Forced::kMetricsOnly;
      break;
    case BreakerState::kClosed:
      break;
  }
  rep_->SetByHand(name, method, /*reset=*/false, forced, std::move(done));
}

void Breakers::Reset(absl::string_view name, absl::string_view method,
                     Done<bool> done) {
  rep_->SetByHand(name, method, /*reset=*/true, breaker::Forced::kNone,
                  std::move(done));
}

void Breakers::Update(std::vector<breaker::BreakerOptions> options) {
  // It listens before it reads, so that no change is missed in between; and
  // not while there is nothing to hear of, as that costs the store.
  if (!options.empty()) rep_->Listen();
  rep_->Update(std::move(options));
}

void Breakers::Drain(absl::AnyInvocable<void()> done) {
  rep_->Drain(std::move(done));
}

}  // namespace outrigger::coord
