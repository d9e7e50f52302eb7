// One pod's cache store over a real Redis, and what it hears.
#ifndef OUTRIGGER_TESTS_REDIS_CACHE_POD_H_
#define OUTRIGGER_TESTS_REDIS_CACHE_POD_H_

#include <memory>
#include <vector>

#include "redis/cache/cache_store.h"
#include "redis/pod_options.h"
#include "support/cache_calls.h"
#include "support/heard_changes.h"
#include "support/redis_server.h"
#include "support/wait_for.h"

namespace outrigger::redis {

class CachePod {
 public:
  explicit CachePod(const Options& options)
      : store_(options, clock_, random_, registry_) {
    EXPECT_EQ(Validate(options), absl::OkStatus());
    store_.Listen(&heard);
  }

  CacheStore& store() { return store_; }
  telemetry::Registry& registry() { return registry_; }
  // Waits until changes are heard of, or are not.
  bool Verified() {
    return WaitFor([this] { return heard.verified(); });
  }
  bool Unverified() {
    return WaitFor([this] { return !heard.verified(); });
  }

  HeardChanges heard;

 private:
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  CacheStore store_;

 public:
  CacheCaller call{store_};
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_TESTS_REDIS_CACHE_POD_H_
