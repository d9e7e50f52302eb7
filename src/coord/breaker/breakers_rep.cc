#include "coord/breaker/breakers_rep.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coord/gather.h"
#include "telemetry/breaker_metrics.h"

namespace outrigger::coord {
namespace {

using telemetry::Observations;

constexpr BreakerState kStates[] = {
    BreakerState::kClosed,       BreakerState::kOpen,
    BreakerState::kHalfOpen,     BreakerState::kForcedOpen,
    BreakerState::kForcedClosed, BreakerState::kMetricsOnly};

// The worse, the greater.
int Badness(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return 0;
    case BreakerState::kForcedClosed:
      return 1;
    case BreakerState::kMetricsOnly:
      return 2;
    case BreakerState::kHalfOpen:
      return 3;
    case BreakerState::kOpen:
      return 4;
    case BreakerState::kForcedOpen:
      return 5;
  }
  return 0;
}

std::string PodName(const std::string& given, RandomSource& random) {
  return given.empty() ? absl::StrFormat("pod-%016x", random.Next()) : given;
}

void ObserveOne(NamedBreaker& named, Observations& seen) {
  std::vector<BreakerEntry*> entries = named.Methods();
  const size_t methods = entries.size();
  entries.push_back(&named.whole());
  BreakerState worst = BreakerState::kClosed;
  double ratio = 1;
  uint64_t allowed = 0, rejected = 0, would_reject = 0;
  for (const BreakerEntry* entry : entries) {
    const WatchedBreaker now = entry->Watched();
    if (Badness(now.state) > Badness(worst)) worst = now.state;
    ratio = std::min(ratio, now.admit_ratio);
    allowed += entry->allowed();
    rejected += entry->rejected();
    would_reject += entry->would_reject();
  }
  const std::string& name = named.name();
  for (const BreakerState state : kStates) {
    seen.Add(
        telemetry::kBreakerState,
        {{"breaker", name}, {"state", std::string(BreakerStateName(state))}},
        state == worst ? 1 : 0);
  }
  const telemetry::Attributes labels = {{"breaker", name}};
  seen.Add(telemetry::kBreakerAdmitRatio, labels, ratio);
  seen.Add(telemetry::kBreakerPermits, labels, static_cast<double>(allowed));
  seen.Add(telemetry::kBreakerRejected, labels, static_cast<double>(rejected));
  seen.Add(telemetry::kBreakerWouldReject, labels,
           static_cast<double>(would_reject));
  seen.Add(telemetry::kBreakerMethods, labels, static_cast<double>(methods));
}

}  // namespace

Breakers::Rep::Rep(Settings settings, const Clock& clock, Executor& executor,
                   RandomSource& random, telemetry::Registry& registry,
                   store::BreakerStore& store)
    : context_{PodName(settings.pod, random),
               random.Next() | 1,
               ToMicros(clock.WallNow().time_since_epoch()) -
                   ToMicros(clock.Now()),
               clock,
               RoughClock(clock),
               executor,
               random,
               store,
               watches_,
               settings.max_parked,
               StoreTime(ToMicros(clock.WallNow().time_since_epoch()) -
                         ToMicros(clock.Now()))},
      table_(context_, registry),
      watches_(settings.max_watches,
               registry.GetCounter(telemetry::kBreakerRefused,
                                   {{"bound", "watches"}})),
      driver_(context_, table_, watches_),
      observation_(
          registry.Observe([this](Observations& seen) { Observe(seen); })) {}

void Breakers::Rep::Observe(Observations& seen) const {
  for (NamedBreaker* named : table_.All()) ObserveOne(*named, seen);
  seen.Add(telemetry::kBreakerDegraded, {}, context_.degraded.load() ? 1 : 0);
  seen.Add(telemetry::kBreakerWaiting, {},
           static_cast<double>(context_.parked.load()));
  seen.Add(telemetry::kBreakerWatches, {},
           static_cast<double>(watches_.size()));
}

absl::StatusOr<NamedBreaker*> Breakers::Rep::Named(
    absl::string_view name) const {
  NamedBreaker* const named = table_.Find(name);
  if (named != nullptr) return named;
  return absl::NotFoundError(
      absl::StrCat("there is no breaker \"", name, "\""));
}

absl::StatusOr<BreakerEntry*> Breakers::Rep::EntryOf(absl::string_view name,
                                                     absl::string_view method) {
  NamedBreaker* const named = table_.Find(name);
  if (named == nullptr) return Named(name).status();
  if (method.empty()) return &named->whole();
  if (method.size() > breaker::kMaxMethodBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "method: must be at most ", breaker::kMaxMethodBytes, " bytes"));
  }
  bool made = false;
  BreakerEntry& entry = named->EntryOf(method, &made);
  if (made) {
    // What the breaker has been given since the entry was made with it.
    driver_.TellMethods(named->whole(), {&entry});
    // Who decides by what is told must know whose generation its outcomes have.
    watches_.Tell(entry);
    driver_.Call(entry, &BreakerEntry::Refresh);
  }
  return &entry;
}

Breakers::Ticket Breakers::Rep::NewTicket(BreakerEntry* entry) {
  absl::MutexLock lock(&mutex_);
  ++last_ticket_;
  if (entry != nullptr) tickets_.emplace(last_ticket_, entry);
  return last_ticket_;
}

BreakerEntry* Breakers::Rep::EndTicket(Ticket ticket) {
  absl::MutexLock lock(&mutex_);
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return nullptr;
  BreakerEntry* const entry = found->second;
  tickets_.erase(found);
  return entry;
}

absl::StatusOr<Breakers::Ticket> Breakers::Rep::Watch(
    std::vector<std::string> names, Changed changed) {
  if (names.size() > kMaxWatchedBreakers) {
    return absl::InvalidArgumentError(absl::StrCat(
        "breakers: must be at most ", kMaxWatchedBreakers, " names"));
  }
  for (const std::string& name : names) {
    if (auto named = Named(name); !named.ok()) return named.status();
  }
  absl::StatusOr<Ticket> ticket =
      watches_.Add(std::move(names), std::move(changed));
  if (!ticket.ok()) return ticket;
  for (const BreakerEntry* entry : table_.Entries()) {
    watches_.TellOne(*ticket, *entry);
  }
  driver_.KeepTelling();
  return ticket;
}

void Breakers::Rep::Unwatch(Ticket ticket) {
  watches_.Remove(ticket);
  for (BreakerEntry* entry : table_.EverEntries()) {
    driver_.Call(*entry, &BreakerEntry::EndSession, ticket);
  }
}

absl::StatusOr<std::vector<BreakerEntry*>> Breakers::Rep::Listed(
    absl::string_view name) const {
  if (name.empty()) return table_.Entries();
  absl::StatusOr<NamedBreaker*> named = Named(name);
  if (!named.ok()) return named.status();
  std::vector<BreakerEntry*> entries = (*named)->Methods();
  entries.insert(entries.begin(), &(*named)->whole());
  return entries;
}

absl::StatusOr<BreakerEntry*> Breakers::Rep::OwnEntryOf(
    absl::string_view name, absl::string_view method) {
  absl::StatusOr<BreakerEntry*> entry = EntryOf(name, method);
  if (!entry.ok() || (*entry)->key().method == method) return entry;
  // What is not its own is everybody's.
  if (!(*Named(name))->per_method()) {
    return absl::InvalidArgumentError(
        "method: the breaker has none of its own");
  }
  return absl::ResourceExhaustedError(
      "method: the breaker has max_methods of its own already");
}

void Breakers::Rep::SetByHand(absl::string_view name, absl::string_view method,
                              bool reset, breaker::Forced forced,
                              Done<bool> done) {
  const absl::StatusOr<BreakerEntry*> entry = OwnEntryOf(name, method);
  if (!entry.ok()) return done(entry.status());
  std::vector<BreakerEntry*> entries = {*entry};
  // What is set on the breaker its methods inherit, and Reset reaches them in
  // the same way; only what was forced on one by itself has to be ended there.
  if (method.empty() && !reset && forced == breaker::Forced::kNone) {
    const std::vector<BreakerEntry*> methods = (*Named(name))->Methods();
    entries.insert(entries.end(), methods.begin(), methods.end());
  }
  auto all = std::make_shared<Gather<bool>>(
      [done = std::move(done)](bool degraded) mutable { done(degraded); });
  for (BreakerEntry* one : entries) {
    all->Expect();
    driver_.Call(*one, &BreakerEntry::SetByHand, reset, forced,
                 [all](absl::StatusOr<bool> degraded) {
                   all->Arrive([&degraded](bool& any) {
                     any = any || degraded.value_or(true);
                   });
                 });
  }
  all->Arrive();
}

void Breakers::Rep::Listen() {
  if (std::exchange(listening_, true)) return;
  driver_.OnUnheard();
  context_.store.Listen(&driver_);
}

void Breakers::Rep::Update(std::vector<breaker::BreakerOptions> options) {
  BreakerTable::Changes changes = table_.Update(std::move(options));
  for (auto& [entry, given] : changes.changed) {
    driver_.Call(*entry, &BreakerEntry::SetOptions, given);
    // It may have been taken out, and deaf, until now.
    driver_.Call(*entry, &BreakerEntry::Refresh);
  }
  for (BreakerEntry* entry : changes.made) {
    driver_.Call(*entry, &BreakerEntry::Refresh);
    watches_.Tell(*entry);
  }
}

void Breakers::Rep::Drain(absl::AnyInvocable<void()> done) {
  context_.draining.store(true);
  auto all = std::make_shared<Gather<bool>>(
      [done = std::move(done)](bool) mutable { done(); });
  for (BreakerEntry* entry : table_.EverEntries()) {
    all->Expect();
    driver_.Call(*entry, &BreakerEntry::Drain, [all] { all->Arrive(); });
  }
  all->Arrive();
}

}  // namespace outrigger::coord
