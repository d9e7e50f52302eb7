// The cache store over one real Redis: the suite of all stores, and what only a
// real server can do.
#include "redis/cache/cache_store.h"

#include "redis/cache_pod.h"
#include "store/cache_shared_suite.h"
#include "store/cache_values_suite.h"

namespace outrigger::redis {
namespace {

// Each test of the suite has a server of its own.
class ServerAndStore final : public store::CacheStoreUnderTest {
 public:
  ServerAndStore()
      : store_(PodOptions(server_.address()), clock_, random_, registry_) {}
  store::CacheStore& store() override { return store_; }
  void Tick() override {}

 private:
  RedisServer server_;
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  CacheStore store_;
};

}  // namespace
}  // namespace outrigger::redis

namespace outrigger::store {
INSTANTIATE_TEST_SUITE_P(Redis, CacheStoreSuite, ::testing::Values([] {
                           return std::make_unique<redis::ServerAndStore>();
                         }));
}  // namespace outrigger::store
