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
// Changes that are not heard of are looked for this often, up to a quarter
// more seldom.
constexpr Duration kLookEvery = seconds(2);

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
          const bool ok = reply.ok();
          Note(ok);
          Call(entry, &BreakerEntry::OnSwapped, sent, std::move(reply));
          NoteDone(ok);
        });
  }
  if (fx.report.has_value()) {
    context_.store.Report(
        *std::move(fx.report),
        [this, &entry, sent](absl::StatusOr<store::BreakerReply> reply) {
          const bool ok = reply.ok();
          Note(ok);
          Call(entry, &BreakerEntry::OnReported, sent, std::move(reply));
          NoteDone(ok);
        });
  }
  if (fx.read) {
    context_.store.Read(
        entry.key(),
        [this, &entry, sent](absl::StatusOr<store::BreakerReply> reply) {
          const bool ok = reply.ok();
          Note(ok);
          Call(entry, &BreakerEntry::OnRead, sent, std::move(reply));
          NoteDone(ok);
        });
  }
}

void BreakerDriver::TellMethods(BreakerEntry& entry) {
  NamedBreaker* const named = table_.Find(entry.key().name);
  if (named == nullptr) return;
  const std::vector<BreakerEntry*> methods = named->Methods();
  if (!methods.empty()) TellMethods(entry, methods);
}

void BreakerDriver::TellMethods(const BreakerEntry& whole,
                                const std::vector<BreakerEntry*>& methods) {
  breaker::Forced forced;
  uint64_t methods_reset;
  // Two who tell at the same time may overtake each other: who tells what is
  // no longer so tells again.
  do {
    forced = whole.forced();
    methods_reset = whole.methods_reset();
    for (BreakerEntry* method : methods) {
      Call(*method, &BreakerEntry::Inherit, forced, methods_reset);
    }
  } while (whole.forced() != forced || whole.methods_reset() != methods_reset);
}

void BreakerDriver::Note(bool ok) {
  if (context_.degraded.exchange(!ok) == !ok || !ok) return;
  for (BreakerEntry* entry : table_.Entries()) {
    Call(*entry, &BreakerEntry::OnStoreBack);
  }
}

void BreakerDriver::NoteDone(bool ok) {
  if (!ok && !retrying_.exchange(true)) RetryLater();
}

bool BreakerDriver::MustRetry() const {
  if (context_.draining.load()) return false;
  if (context_.degraded.load()) return true;
  const std::vector<BreakerEntry*> entries = table_.Entries();
  return std::any_of(
      entries.begin(), entries.end(),
      [](const BreakerEntry* entry) { return entry->writes_fail(); });
}

void BreakerDriver::RetryLater() {
  const auto extra = std::chrono::duration_cast<Duration>(
      kRetryEvery * context_.random.NextDouble());
  context_.executor.RunAt(context_.clock.Now() + kRetryEvery + extra, [this] {
    if (!MustRetry()) {
      retrying_.store(false);
      // It may have been lost again in between.
      if (MustRetry() && !retrying_.exchange(true)) RetryLater();
      return;
    }
    RetryLater();
    if (!context_.store.reachable()) return;
    BreakerEntry* const entry = NextToRetry();
    if (entry != nullptr) Call(*entry, &BreakerEntry::Retry);
  });
}

BreakerEntry* BreakerDriver::NextToRetry() {
  const std::vector<BreakerEntry*> entries = table_.Entries();
  if (entries.empty()) return nullptr;
  const size_t from = retried_.load();
  for (size_t i = 0; i < entries.size(); ++i) {
    const size_t at = (from + i) % entries.size();
    if (!entries[at]->wants_store()) continue;
    retried_.store(at + 1);
    return entries[at];
  }
  return entries.front();
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
  unheard_.store(false);
  for (BreakerEntry* entry : table_.Entries()) {
    Call(*entry, &BreakerEntry::Retry);
  }
}

void BreakerDriver::OnUnheard() {
  unheard_.store(true);
  if (!looking_.exchange(true)) LookLater();
}

void BreakerDriver::LookLater() {
  const auto extra = std::chrono::duration_cast<Duration>(
      kLookEvery * context_.random.NextDouble() / 4);
  context_.executor.RunAt(context_.clock.Now() + kLookEvery + extra, [this] {
    if (!unheard_.load() || context_.draining.load()) {
      looking_.store(false);
      if (unheard_.load() && !context_.draining.load()) OnUnheard();
      return;
    }
    LookLater();
    if (!context_.store.reachable()) return;
    for (BreakerEntry* entry : table_.Entries()) {
      Call(*entry, &BreakerEntry::Refresh);
    }
  });
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
