#include "pool/balance/balancer.h"

#include <utility>

#include "pool/balance/kinds.h"

namespace outrigger::pool {

std::unique_ptr<Balancer> MakeBalancer(Balance balance, std::string zone,
                                       const HashRing& ring) {
  switch (balance) {
    case Balance::kRoundRobin:
    case Balance::kWeighted:
      return std::make_unique<InTurn>(TurnHeap::By::kTurn);
    case Balance::kRandomTwo:
      return std::make_unique<RandomTwo>();
    case Balance::kSticky:
      return std::make_unique<Sticky>(ring);
    case Balance::kZoneAware:
      return std::make_unique<ZoneAware>(std::move(zone));
    case Balance::kLeastConnections:
      break;
  }
  return std::make_unique<InTurn>(TurnHeap::By::kLoad);
}

}  // namespace outrigger::pool
