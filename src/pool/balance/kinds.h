// The ways to balance, one class each. See Balance in pool/options.h.
#ifndef OUTRIGGER_POOL_BALANCE_KINDS_H_
#define OUTRIGGER_POOL_BALANCE_KINDS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pool/balance/balancer.h"
#include "pool/balance/hash_ring.h"
#include "pool/balance/turn_heap.h"

namespace outrigger::pool {

// kRoundRobin, kWeighted (by turn) and kLeastConnections (by load; those who
// have the same load take turns, by weight).
class InTurn final : public Balancer {
 public:
  explicit InTurn(TurnHeap::By by) : heap_(by, table_) {}
  void Reset(const Field& field) override;
  Seat Choose(const Question& question) override;
  void OnUse(Seat seat, uint32_t in_use) override;

 private:
  TurnTable table_;
  TurnHeap heap_;
};

// kRandomTwo. Both are drawn by weight, so that weights count also where hardly
// anything is in use.
class RandomTwo final : public Balancer {
 public:
  void Reset(const Field& field) override;
  Seat Choose(const Question& question) override;
  void OnUse(Seat seat, uint32_t in_use) override;

 private:
  // A place of those drawn by weight: its own, or another that has more than
  // its part (Walker, "An Efficient Method for Generating Discrete Random
  // Variables with General Distributions", ACM TOMS 1977).
  struct Place {
    Seat seat = 0;
    uint16_t other = 0;
    // Of 2^32: how often it is its own.
    uint32_t own = UINT32_MAX;
    double weight = 0;
  };

  void ShareOut();
  size_t Draw(uint64_t random) const;
  // Not one to avoid, and not `but` if there is another.
  size_t DrawWanted(uint64_t random, const Question& question,
                    size_t but) const;
  double Load(size_t place) const;

  std::vector<Place> places_;
  std::vector<uint32_t> in_use_ = std::vector<uint32_t>(kSeats);  // by seat
};

// kSticky. Questions without a key are answered as by kRandomTwo.
class Sticky final : public Balancer {
 public:
  explicit Sticky(const HashRing& all) : all_(all) {}
  void Reset(const Field& field) override;
  Seat Choose(const Question& question) override;
  void OnUse(Seat seat, uint32_t in_use) override;

 private:
  const HashRing& all_;
  HashRing ring_;  // of the candidates
  RandomTwo any_;
};

// kZoneAware. As Envoy's zone aware routing, but for that a pod does not know
// how many callers each zone has, and takes it that all zones that have
// endpoints have as many. A zone whose endpoints have less than its part of all
// weight keeps what they can take, and the surplus goes to zones that have more
// than theirs, by how much more. In panic, and if no endpoint is in the pod's
// own zone, zones do not count.
class ZoneAware final : public Balancer {
 public:
  explicit ZoneAware(std::string zone) : own_zone_(std::move(zone)) {}
  void Reset(const Field& field) override;
  Seat Choose(const Question& question) override;
  void OnUse(Seat seat, uint32_t in_use) override;

 private:
  struct Zone {
    std::string name;
    std::unique_ptr<TurnHeap> heap;
    std::vector<Candidate> candidates;
    SeatSet seats;
    double weight = 0;
    // The share of questions that go to this zone or to one before it.
    double upto = 0;
  };

  Zone MakeZone(absl::string_view name);
  void Distribute(const Field& field, bool apart);
  void SetShares(size_t zones);
  const Zone& Draw(const Question& question) const;

  const std::string own_zone_;
  TurnTable table_;
  std::vector<Zone> zones_;  // the own one first; others are not empty
  std::vector<uint16_t> zone_of_ = std::vector<uint16_t>(kSeats);
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_BALANCE_KINDS_H_
