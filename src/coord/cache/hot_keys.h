// What the fleet reads most: told by each pod, and copied by new ones.
#ifndef OUTRIGGER_COORD_CACHE_HOT_KEYS_H_
#define OUTRIGGER_COORD_CACHE_HOT_KEYS_H_

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "coord/cache/context.h"
#include "coord/cache/reader.h"
#include "coord/cache/space.h"

namespace outrigger::coord {

// Thread-safe.
class HotKeys {
 public:
  // So many of a pod's keys are told each time.
  static constexpr size_t kTold = 200;

  // References must outlive it.
  HotKeys(const CacheContext& context, Reader& reader)
      : context_(context), reader_(reader) {}

  // Tells the store of the keys that were read lately here.
  void Publish(Space& space);

  // Copies values into L1: of `keys`, or of the fleet's hot ones; answers how
  // many are there. An error of the store is 0.
  void Warm(Space& space, std::vector<std::string> keys,
            absl::AnyInvocable<void(uint64_t)> done);
  void WarmHot(Space& space, int most, absl::AnyInvocable<void(uint64_t)> done);

 private:
  const CacheContext context_;
  Reader& reader_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_HOT_KEYS_H_
