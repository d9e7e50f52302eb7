// Gets that the pod cannot answer from its own copies: one flight for each key,
// however many ask.
//
//     reading ──fresh──────────────────────────────────────────────→ answered
//        │ nothing usable
//     acquiring ──value─→ answered
//        ├─lease─→ the first asker loads; others: the stale value, or
//        └─wait──→ waiting ──a change is heard, or the lease ends──→ reading
//
// An asker joins a flight only if nothing was heard of since the flight's
// question was sent; else it is for the flight's next question. When the store
// does not answer, each key is loaded once in this pod (LocalFills), and copies
// are served as stale.
#ifndef OUTRIGGER_COORD_CACHE_FLIGHTS_H_
#define OUTRIGGER_COORD_CACHE_FLIGHTS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "coord/cache/cache.h"
#include "coord/cache/context.h"
#include "coord/cache/flight.h"
#include "coord/cache/reader.h"
#include "coord/cache/space.h"
#include "store/cache_store.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

// Thread-safe.
class Flights {
 public:
  using Done = Cache::Done<GetAnswer>;
  using Ticket = Cache::Ticket;

  // `refused` counts askers over `max_parked`. References must outlive it.
  Flights(const CacheContext& context, Reader& reader, size_t max_parked,
          telemetry::Counter& refused)
      : context_(context),
        reader_(reader),
        max_parked_(max_parked),
        refused_(refused) {}

  // `hash` is cache::L1::Hash(query.key).
  Ticket Get(Space& space, const GetQuery& query, uint64_t hash, Done done);
  void Cancel(Ticket ticket);

  // The key has changed, or may be loaded by another: who waits looks again.
  void Wake(const store::CacheKey& key, uint64_t hash);
  void WakeAll();
  // Answers all that wait with a miss; from now on nothing waits.
  void Drain();

  size_t parked() const { return parked_.load(std::memory_order_relaxed); }

 private:
  using FlightPtr = std::shared_ptr<Flight>;
  struct Shard {
    absl::Mutex mutex;
    // Flights that others may join.
    absl::flat_hash_map<store::CacheKey, FlightPtr> flights
        ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<Ticket, FlightPtr> tickets ABSL_GUARDED_BY(mutex);
  };
  // Answers that are sent when no lock is held.
  using Answers = std::vector<std::pair<Asker, GetAnswer>>;

  static constexpr size_t kShards = 16;
  static constexpr int kMaxTries = 4;
  // While changes are not heard of, or too many are, those who wait look this
  // often.
  static constexpr Duration kPollEvery = std::chrono::milliseconds(50);

  Shard& ShardOf(uint64_t hash) { return shards_[(hash >> 7) % kShards]; }

  Heard HeardNow(Space& space, uint64_t hash) const {
    return {context_.coherence.Now(hash), space.marks().announced()};
  }
  // Nothing was heard of since, and news would have been.
  bool IsStill(const Heard& heard, Space& space, uint64_t hash) const {
    return Coherence::IsVerified(heard.moment.state) &&
           context_.clock.Now() < context_.store.heard_until() &&
           heard == HeardNow(space, hash);
  }
  // A flight that nobody asks yet. With a value to be refreshed, it begins by
  // asking for the lease; else by reading.
  FlightPtr MakeFlight(Space& space, const GetQuery& query, uint64_t hash,
                       MonotonicTime now);
  // Lets the asker ask with the others; true if they must look anew for it.
  bool Join(Flight& flight, Asker asker);

  void Read(const FlightPtr& flight);
  void OnRead(const FlightPtr& flight, absl::StatusOr<Found> found);
  // Whether an asker may load; and above_version rises to what all want.
  bool AnyoneFills(const FlightPtr& flight);
  void Acquire(const FlightPtr& flight);
  void OnAcquired(const FlightPtr& flight,
                  absl::StatusOr<store::AcquireReply> reply);
  void OnJudged(const FlightPtr& flight, const store::AcquireReply& reply,
                absl::StatusOr<Found> found);
  void OnLease(const FlightPtr& flight, const Found& found,
               const store::CacheToken& token);
  void OnWait(const FlightPtr& flight, const Found& found, Duration wait);
  void OnStoreLost(const FlightPtr& flight);
  // The pod's copy, if it may be served while the store is out of reach.
  Found CopyWhileLost(const Flight& flight) const;

  // Waits for another's load, at most `wait`; who may not wait gets a miss.
  void Park(const FlightPtr& flight, Duration wait);
  void OnWaitOver(const FlightPtr& flight, uint64_t step);
  void OnAskerWaitOver(uint64_t hash, Ticket ticket);

  // Answers the askers that a fresh value satisfies. The rest wants a newer
  // one.
  void AnswerFresh(const FlightPtr& flight, const Found& found);
  // Answers those who take what there is: everybody if it is usable as stale,
  // else those who only look.
  void AnswerStale(const FlightPtr& flight, const Found& found);
  // Takes the asker at `index` out, with its answer.
  void Settle(Flight& flight, Shard& shard, size_t index, GetAnswer answer,
              Answers* answers) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  // The flight's askers now are those who came before its next question; false:
  // nobody asks any more, and the flight is over.
  bool Board(const FlightPtr& flight);
  void Send(Space& space, Answers answers);

  GetAnswer AnswerOf(const Flight& flight, const Asker& asker,
                     const Found& found, bool stale) const;

  const CacheContext context_;
  Reader& reader_;
  const size_t max_parked_;
  telemetry::Counter& refused_;
  std::atomic<size_t> parked_{0};
  std::atomic<uint64_t> last_ticket_{0};
  std::atomic<bool> draining_{false};
  std::array<Shard, kShards> shards_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_FLIGHTS_H_
