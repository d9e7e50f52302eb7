#include "coord/cache/flights.h"

#include <algorithm>
#include <limits>

#include "coord/cache/fill_token.h"

namespace outrigger::coord {
namespace {

using std::chrono::milliseconds;

// Time for a late loader's message before its lease is asked for.
constexpr Duration kGrace = milliseconds(2);

}  // namespace

Flights::Ticket Flights::Get(Space& space, const GetQuery& query, uint64_t hash,
                             Done done) {
  Shard& shard = ShardOf(hash);
  const size_t shard_index = static_cast<size_t>(&shard - shards_.data());
  const Ticket ticket = (++last_ticket_ * kShards) | shard_index;
  if (parked_.load(std::memory_order_relaxed) >= max_parked_) {
    refused_.Add();
    done(absl::ResourceExhaustedError("too many reads are waiting"));
    return ticket;
  }
  Asker asker;
  asker.ticket = ticket;
  asker.asked = context_.clock.Now();
  asker.if_not_version = query.if_not_version;
  asker.min_version = query.min_version;
  asker.max_wait = query.max_wait.value_or(space.options().fill_timeout);
  if (draining_.load()) asker.max_wait = Duration::zero();
  asker.no_fill = query.no_fill;
  asker.done = std::move(done);
  store::CacheKey key{space.name(), std::string(query.key)};
  parked_.fetch_add(1, std::memory_order_relaxed);
  FlightPtr flight;
  bool refresh = false;
  {
    absl::MutexLock lock(&shard.mutex);
    const auto joined =
        asker.no_fill ? shard.flights.end() : shard.flights.find(key);
    if (joined != shard.flights.end()) {
      flight = joined->second;
      shard.tickets.emplace(ticket, flight);
      if (!Join(*flight, std::move(asker))) return ticket;
    } else {
      flight = MakeFlight(space, query, hash, asker.asked);
      flight->askers.push_back(std::move(asker));
      if (flight->listed) shard.flights.emplace(key, flight);
      shard.tickets.emplace(ticket, flight);
      refresh = static_cast<bool>(flight->refreshed.entry);
    }
  }
  if (refresh) {
    Acquire(flight);
  } else {
    Read(flight);
  }
  return ticket;
}

Flights::FlightPtr Flights::MakeFlight(Space& space, const GetQuery& query,
                                       uint64_t hash, MonotonicTime now) {
  auto flight = std::make_shared<Flight>();
  flight->key = {space.name(), std::string(query.key)};
  flight->hash = hash;
  flight->space = &space;
  flight->nonce = context_.random.Next() | 1;
  flight->listed = !query.no_fill;
  flight->above_version = query.min_version == 0 ? 0 : query.min_version - 1;
  flight->heard = HeardNow(space, hash);
  if (!query.refresh) return flight;
  flight->refreshed.entry = space.Find(query.key, hash, now);
  if (!flight->refreshed.IsFresh(now)) {
    flight->refreshed = {};
    return flight;
  }
  flight->above_version =
      std::max(flight->above_version, flight->refreshed.version());
  return flight;
}

bool Flights::Join(Flight& flight, Asker asker) {
  if (!flight.waiting) {
    const bool same = IsStill(flight.heard, *flight.space, flight.hash);
    (same ? flight.askers : flight.late).push_back(std::move(asker));
    return false;
  }
  // Those who wait may want a newer value than this one would take.
  bool anew = true;
  for (const Asker& other : flight.askers) {
    anew = anew && other.min_version > asker.min_version;
  }
  if (anew) {
    flight.waiting = false;
    flight.tries = 0;
    context_.executor.Cancel(flight.timer);
  } else {
    // Its time may be over at once: then this is a timer that is due.
    asker.timer = context_.executor.RunAt(
        asker.asked + asker.max_wait,
        [this, hash = flight.hash, ticket = asker.ticket] {
          OnAskerWaitOver(hash, ticket);
        });
  }
  flight.askers.push_back(std::move(asker));
  return anew;
}

bool Flights::Board(const FlightPtr& flight) {
  Shard& shard = ShardOf(flight->hash);
  absl::MutexLock lock(&shard.mutex);
  const Heard heard = HeardNow(*flight->space, flight->hash);
  // A value that was found before is not for those who ask after something
  // has happened.
  if (!flight->late.empty() || !(heard == flight->heard)) {
    flight->refreshed = {};
  }
  for (Asker& asker : flight->late) {
    flight->askers.push_back(std::move(asker));
  }
  flight->late.clear();
  flight->heard = heard;
  flight->as_of = flight->space->marks().last();
  if (!flight->askers.empty()) return true;
  if (flight->listed) shard.flights.erase(flight->key);
  return false;
}

void Flights::Read(const FlightPtr& flight) {
  if (!Board(flight)) return;
  reader_.Read(*flight->space, flight->key,
               [this, flight](absl::StatusOr<Found> found) {
                 OnRead(flight, std::move(found));
               });
}

void Flights::OnRead(const FlightPtr& flight, absl::StatusOr<Found> found) {
  if (!found.ok()) return OnStoreLost(flight);
  const MonotonicTime now = context_.clock.Now();
  Space& space = *flight->space;
  const bool fill = AnyoneFills(flight);
  if (found->IsFresh(now)) {
    reader_.Keep(space, flight->hash, flight->heard.moment, *found);
    if (fill && space.WantsRefresh(*found->entry, flight->hash, now)) {
      flight->refreshed = *found;
      flight->above_version = std::max(flight->above_version, found->version());
      return Acquire(flight);
    }
    AnswerFresh(flight, *found);
    if (!AnyoneFills(flight)) return Read(flight);  // for those who came late
  } else if (found->entry && found->verdict != Verdict::kGood) {
    // Only this pod, not the store, knows that it is not good any more.
    flight->above_version = std::max(flight->above_version, found->version());
  }
  if (fill) return Acquire(flight);
  AnswerStale(flight, *found);
  Read(flight);  // for those who came late
}

bool Flights::AnyoneFills(const FlightPtr& flight) {
  absl::MutexLock lock(&ShardOf(flight->hash).mutex);
  bool fills = false;
  for (const Asker& asker : flight->askers) {
    fills = fills || !asker.no_fill;
    if (asker.min_version > 0) {
      flight->above_version =
          std::max(flight->above_version, asker.min_version - 1);
    }
  }
  return fills;
}

void Flights::Acquire(const FlightPtr& flight) {
  if (!Board(flight)) return;
  store::AcquireRequest request;
  request.key = flight->key;
  request.lease_us = ToMicros(flight->space->options().fill_timeout);
  request.above_version = flight->above_version;
  request.nonce = flight->nonce;
  context_.store.Acquire(
      std::move(request),
      [this, flight](absl::StatusOr<store::AcquireReply> reply) {
        OnAcquired(flight, std::move(reply));
      });
}

void Flights::OnAcquired(const FlightPtr& flight,
                         absl::StatusOr<store::AcquireReply> reply) {
  if (!reply.ok()) return OnStoreLost(flight);
  const std::string record = std::move(reply->record);
  reader_.Judge(
      *flight->space, flight->key, record,
      [this, flight, reply = *std::move(reply)](absl::StatusOr<Found> found) {
        OnJudged(flight, reply, std::move(found));
      });
}

void Flights::OnJudged(const FlightPtr& flight,
                       const store::AcquireReply& reply,
                       absl::StatusOr<Found> found) {
  using Kind = store::AcquireReply::Kind;
  if (!found.ok()) return OnStoreLost(flight);
  switch (reply.kind) {
    case Kind::kLease:
      return OnLease(flight, *found, reply.token);
    case Kind::kWait:
      return OnWait(flight, *found, std::chrono::microseconds(reply.wait_us));
    case Kind::kValue:
      break;
  }
  if (found->IsFresh(context_.clock.Now())) {
    reader_.Keep(*flight->space, flight->hash, flight->heard.moment, *found);
    AnswerFresh(flight, *found);
  }
  // What is left wants a newer one, or this one was invalidated meanwhile; or
  // it is damaged, which the store does not see.
  const uint64_t useless =
      found->entry ? found->version() : std::numeric_limits<int64_t>::max();
  flight->above_version = std::max(flight->above_version, useless);
  if (++flight->tries > kMaxTries) return Park(flight, kPollEvery);
  Acquire(flight);
}

void Flights::OnLease(const FlightPtr& flight, const Found& found,
                      const store::CacheToken& token) {
  Shard& shard = ShardOf(flight->hash);
  Answers answers;
  bool given = false;
  {
    absl::MutexLock lock(&shard.mutex);
    const Found& shown = flight->refreshed.entry ? flight->refreshed : found;
    for (size_t i = 0; i < flight->askers.size() && !given; ++i) {
      const Asker& asker = flight->askers[i];
      if (asker.no_fill) continue;
      GetAnswer answer =
          AnswerOf(*flight, asker, shown, !shown.IsFresh(context_.clock.Now()));
      answer.fill_token =
          EncodeFillToken({token, flight->as_of, /*local=*/false});
      answer.refresh = static_cast<bool>(answer.entry);
      Settle(*flight, shard, i, std::move(answer), &answers);
      given = true;
      // Who asks for this flight again must not get the same lease.
      flight->nonce = context_.random.Next() | 1;
    }
  }
  Space& space = *flight->space;
  if (given) {
    space.metrics().granted.Add();
  } else {
    context_.store.Abandon(flight->key, token, [](const absl::Status&) {});
  }
  Send(space, std::move(answers));
  OnWait(flight, found, space.options().fill_timeout);
}

void Flights::OnWait(const FlightPtr& flight, const Found& found,
                     Duration wait) {
  if (flight->refreshed.entry) AnswerFresh(flight, flight->refreshed);
  flight->refreshed = {};
  AnswerStale(flight, found);
  Park(flight, wait + kGrace);
}

}  // namespace outrigger::coord
