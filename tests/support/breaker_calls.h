// A breaker store's operations, waited for.
#ifndef OUTRIGGER_TESTS_SUPPORT_BREAKER_CALLS_H_
#define OUTRIGGER_TESTS_SUPPORT_BREAKER_CALLS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "store/breaker_store.h"
#include "support/await.h"

namespace outrigger {

// Each method is the store's of the same name. Thread-safe as the store is.
class BreakerCaller {
 public:
  explicit BreakerCaller(store::BreakerStore& store) : store_(store) {}

  template <typename T>
  using Or = absl::StatusOr<T>;

  Or<store::BreakerReply> Read(const store::BreakerKey& key) {
    return Await<Or<store::BreakerReply>>(
        [&](auto done) { store_.Read(key, std::move(done)); });
  }
  Or<store::BreakerReply> Report(store::BreakerReport report) {
    return Await<Or<store::BreakerReply>>(
        [&](auto done) { store_.Report(std::move(report), std::move(done)); });
  }
  Or<store::BreakerReply> Report(const store::BreakerKey& key,
                                 const std::string& pod,
                                 store::BreakerSeen seen, bool bad = false,
                                 uint64_t generation = 1,
                                 int64_t keep_for_ms = 60'000) {
    return Report({key, pod, generation, seen, bad, keep_for_ms});
  }
  Or<store::BreakerSwapReply> Swap(store::BreakerSwap swap) {
    return Await<Or<store::BreakerSwapReply>>(
        [&](auto done) { store_.Swap(std::move(swap), std::move(done)); });
  }
  Or<store::BreakerSwapReply> Swap(const store::BreakerKey& key,
                                   uint64_t expected, const std::string& bytes,
                                   int64_t keep_for_ms = 60'000) {
    return Swap({key, expected, /*above=*/0, bytes, keep_for_ms});
  }

 private:
  store::BreakerStore& store_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_BREAKER_CALLS_H_
