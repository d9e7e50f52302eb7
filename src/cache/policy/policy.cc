#include "cache/policy/policy.h"

namespace outrigger::cache {

std::unique_ptr<EvictionPolicy> MakePolicy(Policy policy,
                                           const NodeOwner& owner) {
  switch (policy) {
    case Policy::kLru:
      return MakeLru(owner);
    case Policy::kLfu:
      return MakeLfu(owner);
    case Policy::kTtl:
      return MakeTtl(owner);
    case Policy::kS3Fifo:
      return MakeS3Fifo(owner);
    case Policy::kTinyLfu:
      return MakeTinyLfu(owner);
  }
  return nullptr;
}

}  // namespace outrigger::cache
