// Flights: how askers are answered, and how they wait.
#include <algorithm>
#include <tuple>

#include "coord/cache/fill_token.h"
#include "coord/cache/flights.h"

namespace outrigger::coord {
GetAnswer Flights::AnswerOf(const Flight& flight, const Asker& asker,
                            const Found& found, bool stale) const {
  GetAnswer answer;
  const MonotonicTime now = context_.clock.Now();
  answer.coherent = !context_.unsettled.Has(flight.key);
  answer.waited = now - asker.asked;
  if (found.IsUsable(now) && asker.Accepts(found)) {
    GetQuery query;
    query.if_not_version = asker.if_not_version;
    flight.space->Answer(found.entry, stale || found.verdict != Verdict::kGood,
                         query, now, context_.store.NowMs(), &answer);
  }
  return answer;
}

void Flights::Settle(Flight& flight, Shard& shard, size_t index,
                     GetAnswer answer, Answers* answers) {
  Asker& asker = flight.askers[index];
  if (asker.timer != 0) context_.executor.Cancel(asker.timer);
  shard.tickets.erase(asker.ticket);
  answers->emplace_back(std::move(asker), std::move(answer));
  flight.askers.erase(flight.askers.begin() + static_cast<int64_t>(index));
}

void Flights::Send(Space& space, Answers answers) {
  parked_.fetch_sub(answers.size(), std::memory_order_relaxed);
  for (auto& [asker, answer] : answers) {
    space.Count(answer);
    asker.done(std::move(answer));
  }
}

void Flights::AnswerFresh(const FlightPtr& flight, const Found& found) {
  Shard& shard = ShardOf(flight->hash);
  Answers answers;
  {
    absl::MutexLock lock(&shard.mutex);
    for (size_t i = 0; i < flight->askers.size();) {
      const Asker& asker = flight->askers[i];
      if (!asker.Accepts(found)) {
        ++i;
        continue;
      }
      Settle(*flight, shard, i,
             AnswerOf(*flight, asker, found, /*stale=*/false), &answers);
    }
  }
  Send(*flight->space, std::move(answers));
}

void Flights::AnswerStale(const FlightPtr& flight, const Found& found) {
  Shard& shard = ShardOf(flight->hash);
  Answers answers;
  {
    absl::MutexLock lock(&shard.mutex);
    for (size_t i = 0; i < flight->askers.size();) {
      const Asker& asker = flight->askers[i];
      GetAnswer answer = AnswerOf(*flight, asker, found, /*stale=*/true);
      if (answer.status == CacheStatus::kMiss && !asker.no_fill) {
        ++i;
        continue;
      }
      Settle(*flight, shard, i, std::move(answer), &answers);
    }
  }
  Send(*flight->space, std::move(answers));
}

Found Flights::CopyWhileLost(const Flight& flight) const {
  Space& space = *flight.space;
  const MonotonicTime now = context_.clock.Now();
  Found copy;
  copy.entry = space.Find(flight.key.key, flight.hash, now);
  if (!copy.entry) return copy;
  copy.verdict = space.marks().JudgeCopy(flight.key.key, copy.entry->tags(),
                                         copy.entry->checked());
  const bool serves = space.ServesWhileLost(
      *copy.entry, now, context_.coherence.lost_at(), context_.store.NowMs());
  return serves ? copy : Found{};
}

void Flights::OnStoreLost(const FlightPtr& flight) {
  Space& space = *flight->space;
  if (flight->refreshed.entry) AnswerFresh(flight, flight->refreshed);
  flight->refreshed = {};
  Shard& shard = ShardOf(flight->hash);
  const MonotonicTime now = context_.clock.Now();
  const Found copy = CopyWhileLost(*flight);
  Answers answers;
  {
    absl::MutexLock lock(&shard.mutex);
    for (Asker& asker : flight->late) {
      flight->askers.push_back(std::move(asker));
    }
    flight->late.clear();
    for (size_t i = 0; i < flight->askers.size();) {
      const Asker& asker = flight->askers[i];
      GetAnswer answer = AnswerOf(*flight, asker, copy, /*stale=*/true);
      answer.coherent = false;
      answer.degraded = true;
      if (answer.status == CacheStatus::kMiss && !asker.no_fill) {
        const auto nonce = context_.local_fills.Acquire(
            flight->key, now, now + space.options().fill_timeout);
        if (!nonce.has_value()) {
          ++i;
          continue;
        }
        answer.fill_token = EncodeFillToken(
            {{0, *nonce}, space.marks().last(), /*local=*/true});
        space.metrics().granted.Add();
      }
      Settle(*flight, shard, i, std::move(answer), &answers);
    }
  }
  Send(space, std::move(answers));
  Park(flight, kPollEvery);
}

void Flights::Park(const FlightPtr& flight, Duration wait) {
  Shard& shard = ShardOf(flight->hash);
  const MonotonicTime now = context_.clock.Now();
  Answers answers;
  bool again = false;
  {
    absl::MutexLock lock(&shard.mutex);
    const Heard heard = HeardNow(*flight->space, flight->hash);
    const bool verified = Coherence::IsVerified(heard.moment.state);
    // What was heard of since the question was sent may be what is waited for.
    again = !flight->late.empty() ||
            (verified && !(heard.moment == flight->heard.moment));
    if (again && ++flight->tries > kMaxTries) {  // too much happens
      again = false;
      wait = std::min(wait, kPollEvery);
    }
    for (size_t i = 0; i < flight->askers.size();) {
      Asker& asker = flight->askers[i];
      const MonotonicTime end = asker.asked + asker.max_wait;
      if (end <= now || draining_.load()) {
        Settle(*flight, shard, i,
               AnswerOf(*flight, asker, Found{}, /*stale=*/true), &answers);
        continue;
      }
      if (asker.timer == 0) {
        asker.timer = context_.executor.RunAt(
            end, [this, hash = flight->hash, ticket = asker.ticket] {
              OnAskerWaitOver(hash, ticket);
            });
      }
      ++i;
    }
    if (flight->askers.empty() && flight->late.empty()) {
      if (flight->listed) shard.flights.erase(flight->key);
      again = false;
    } else if (!again) {
      if (!verified) {
        wait = std::min(wait, kPollEvery);
      }
      for (Asker& asker : flight->late) {
        flight->askers.push_back(std::move(asker));
      }
      flight->late.clear();
      flight->waiting = true;
      flight->timer = context_.executor.RunAt(
          now + wait,
          [this, flight, step = ++flight->step] { OnWaitOver(flight, step); });
    }
  }
  Send(*flight->space, std::move(answers));
  if (again) Read(flight);
}

void Flights::OnWaitOver(const FlightPtr& flight, uint64_t step) {
  {
    Shard& shard = ShardOf(flight->hash);
    absl::MutexLock lock(&shard.mutex);
    if (!flight->waiting || flight->step != step) return;
    flight->waiting = false;
    flight->tries = 0;
  }
  Read(flight);
}

void Flights::OnAskerWaitOver(uint64_t hash, Ticket ticket) {
  Shard& shard = ShardOf(hash);
  Answers answers;
  Space* space = nullptr;
  {
    absl::MutexLock lock(&shard.mutex);
    const auto found = shard.tickets.find(ticket);
    if (found == shard.tickets.end()) return;
    Flight& flight = *found->second;
    space = flight.space;
    for (size_t i = 0; i < flight.askers.size(); ++i) {
      if (flight.askers[i].ticket != ticket) continue;
      flight.askers[i].timer = 0;
      GetAnswer answer =
          AnswerOf(flight, flight.askers[i], Found{}, /*stale=*/true);
      Settle(flight, shard, i, std::move(answer), &answers);
      break;
    }
  }
  if (space != nullptr) Send(*space, std::move(answers));
}

void Flights::Cancel(Ticket ticket) {
  Shard& shard = shards_[ticket % kShards];
  Done done;
  {
    absl::MutexLock lock(&shard.mutex);
    const auto found = shard.tickets.find(ticket);
    if (found == shard.tickets.end()) return;
    const FlightPtr flight = found->second;
    shard.tickets.erase(found);
    for (auto* list : {&flight->askers, &flight->late}) {
      for (auto asker = list->begin(); asker != list->end(); ++asker) {
        if (asker->ticket != ticket) continue;
        if (asker->timer != 0) context_.executor.Cancel(asker->timer);
        done = std::move(asker->done);
        list->erase(asker);
        break;
      }
    }
  }
  parked_.fetch_sub(1, std::memory_order_relaxed);
  done(absl::CancelledError("the caller has gone"));
}

void Flights::Wake(const store::CacheKey& key, uint64_t hash) {
  FlightPtr flight;
  {
    Shard& shard = ShardOf(hash);
    absl::MutexLock lock(&shard.mutex);
    const auto found = shard.flights.find(key);
    if (found == shard.flights.end() || !found->second->waiting) return;
    flight = found->second;
    flight->waiting = false;
    flight->tries = 0;
    context_.executor.Cancel(flight->timer);
  }
  Read(flight);
}

void Flights::WakeAll() {
  std::vector<std::pair<store::CacheKey, uint64_t>> waiting;
  for (Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    for (const auto& [key, flight] : shard.flights) {
      if (flight->waiting) waiting.emplace_back(key, flight->hash);
    }
  }
  // In an order that a run with the same seed repeats.
  std::sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.ns, a.first.key) <
           std::tie(b.first.ns, b.first.key);
  });
  for (const auto& [key, hash] : waiting) Wake(key, hash);
}

void Flights::Drain() {
  draining_.store(true);
  WakeAll();
}

}  // namespace outrigger::coord
