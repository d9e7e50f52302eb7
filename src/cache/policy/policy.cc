#include "cache/policy/policy.h"

namespace outrigger::cache {

std::unique_ptr<EvictionPolicy> MakePolicy(Policy policy,
                                           const NodeOwner& owner) {
  switch (policy) {
    case Policy::kLru:
    case Policy::kLfu:
    case Policy::kTtl:
    case Policy::kS3Fifo:
    case Policy::kTinyLfu:
      return MakeLru(owner);
  }
  return nullptr;
}

}  // namespace outrigger::cache
