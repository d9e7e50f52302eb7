#include "coord/breaker/driver.h"

#include <algorithm>
#include <chrono>

namespace outrigger::coord {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Watches hear of a state again twice as often as it is valid for.
constexpr Duration kWatchEvery = seconds(1);
constexpr Duration kRampEvery = milliseconds(100);
// A store that does not answer is asked by one entry this often; up to twice
// as seldom, so that pods do not ask in step.
constexpr Duration kRetryEvery = milliseconds(250);

}  // namespace

void BreakerDriver::Do(BreakerEntry& entry, BreakerEffects fx) {
  if (fx.damaged) entry.counters().NoteDamage(entry.key());
  for (const BreakerEvent& event : fx.events) {
    entry.counters().Note(entry.key(), event);
  }
  for (auto& answer : fx.answers) answer();
  if (fx.wake.has_value()) {
    context_.executor.RunAt(*fx.wake, [this, &entry, asked = *fx.wake] {
      Call(entry, &BreakerEntry::OnWake, asked);
    });
  }
  AskStore(entry, fx);
  if (!fx.changed) return;
  watches_.Tell(entry);
  if (entry.key().method.empty()) TellMethods(entry);
}

void BreakerDriver::AskStore(BreakerEntry& entry, BreakerEffects& fx) {
  const uint64_t sent = fx.sent_revision;
  if (fx.swap.has_value()) {
    context_.store.Swap(
        *std::move(fx.swap),
        [this, &entry, sent](absl::StatusOr<store::BreakerSwapReply> reply) {
          Note(reply.status());
          Call(entry, &BreakerEntry::OnSwapped, sent, std::move(reply));
        });
  }
  if (fx.report.has_value()) {
    context_.store.Report(
        *std::move(fx.report),
        [this, &entry, sent](absl::StatusOr<store::BreakerReply> reply) {
          Note(reply.status());
          Call(entry, &BreakerEntry::OnReported, sent, std::move(reply));
        });
  }
  if (fx.read) {
    context_.store.Read(
        entry.key(),
        [this, &entry, sent](absl::StatusOr<store::BreakerReply> reply) {
          Note(reply.status());
          Call(entry, &BreakerEntry::OnRead, sent, std::move(reply));
        });
  }
}

void BreakerDriver::TellMethods(BreakerEntry& entry) {
  NamedBreaker* const named = table_.Find(entry.key().name);
  if (named == nullptr) return;
  const std::vector<BreakerEntry*> methods = named->Methods();
  if (methods.empty()) return;
  const breaker::Forced forced = entry.forced();
  const uint64_t methods_reset = entry.methods_reset();
  for (BreakerEntry* method : methods) {
    Call(*method, &BreakerEntry::Inherit, forced, methods_reset);
  }
}

void BreakerDriver::Note(const absl::Status& status) {
  if (status.ok()) {
    if (!context_.degraded.exchange(false)) return;
    for (BreakerEntry* entry : table_.Entries()) {
      Call(*entry, &BreakerEntry::OnStoreBack);
    }
    return;
  }
  if (context_.degraded.load()) return;
  context_.degraded_since_ns.store(
      context_.clock.Now().time_since_epoch().count());
  context_.degraded.store(true);
  if (!retrying_.exchange(true)) RetryLater();
}

void BreakerDriver::RetryLater() {
  const auto extra = std::chrono::duration_cast<Duration>(
      kRetryEvery * context_.random.NextDouble());
  context_.executor.RunAt(context_.clock.Now() + kRetryEvery + extra, [this] {
    if (context_.draining.load() || !context_.degraded.load()) {
      retrying_.store(false);
      // It may have been lost again in between.
      if (context_.degraded.load() && !context_.draining.load() &&
          !retrying_.exchange(true)) {
        RetryLater();
      }
      return;
    }
    RetryLater();
    const std::vector<BreakerEntry*> entries = table_.Entries();
    if (entries.empty() || !context_.store.reachable()) return;
    // One that has something to say anyway.
    auto asks = std::find_if(
        entries.begin(), entries.end(),
        [](const BreakerEntry* entry) { return entry->wants_store(); });
    if (asks == entries.end()) asks = entries.begin();
    Call(**asks, &BreakerEntry::Refresh);
  });
}

void BreakerDriver::OnChanged(const std::vector<store::BreakerKey>& keys) {
  for (const store::BreakerKey& key : keys) {
    NamedBreaker* const named = table_.Find(key.name);
    if (named == nullptr) continue;
    BreakerEntry* const entry = named->Find(key.method);
    if (entry != nullptr) Call(*entry, &BreakerEntry::Refresh);
  }
}

void BreakerDriver::OnHeard() {
  for (BreakerEntry* entry : table_.Entries()) {
    Call(*entry, &BreakerEntry::Refresh);
  }
}

void BreakerDriver::KeepTelling() {
  if (!telling_.exchange(true)) TellAll();
}

void BreakerDriver::TellAll() {
  bool recovers = false;
  const std::vector<BreakerEntry*> entries = table_.Entries();
  for (const BreakerEntry* entry : entries) {
    recovers = recovers || entry->recovering();
  }
  const Duration next = recovers ? kRampEvery : kWatchEvery;
  context_.executor.RunAt(context_.clock.Now() + next, [this] {
    if (watches_.size() == 0 || context_.draining.load()) {
      telling_.store(false);
      if (watches_.size() > 0 && !context_.draining.load()) KeepTelling();
      return;
    }
    for (const BreakerEntry* entry : table_.Entries()) watches_.Tell(*entry);
    TellAll();
  });
}

}  // namespace outrigger::coord
