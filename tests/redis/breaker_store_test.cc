// The breaker store over one real Redis: the suite of all stores, and what only
// a real server can do.
#include "redis/breaker/breaker_store.h"

#include <memory>
#include <string>

#include "redis/breaker_pod.h"
#include "store/breaker_store_suite.h"

namespace outrigger::redis {
namespace {

// Each test of the suite has a server of its own.
class ServerAndStore final : public store::BreakerStoreUnderTest {
 public:
  store::BreakerStore& store() override { return store_; }
  void Tick() override {}
  void Flush() override { server_.Ask({"FLUSHALL"}); }

 private:
  RedisServer server_;
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  BreakerStore store_{PodOptions(server_.address()), clock_, random_,
                      registry_};
};

}  // namespace
}  // namespace outrigger::redis

namespace outrigger::store {
INSTANTIATE_TEST_SUITE_P(Redis, BreakerStoreSuite, ::testing::Values([] {
                           return std::make_unique<redis::ServerAndStore>();
                         }));
}  // namespace outrigger::store
