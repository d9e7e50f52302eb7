// MemoryCacheStore passes the suite of all cache stores.
#include "store/cache_leases_suite.h"
#include "store/cache_shared_suite.h"
#include "store/cache_values_suite.h"
#include "store/memory_cache_store.h"
#include "support/fake_clock.h"

namespace outrigger::store {
namespace {

class MemoryUnderTest final : public CacheStoreUnderTest {
 public:
  CacheStore& store() override { return store_; }
  void Tick() override { clock_.Advance(std::chrono::milliseconds(20)); }

 private:
  FakeClock clock_;
  MemoryCacheStore store_{clock_, /*max_bytes=*/64 << 20};
};

INSTANTIATE_TEST_SUITE_P(Memory, CacheStoreSuite, ::testing::Values([] {
                           return std::make_unique<MemoryUnderTest>();
                         }));

}  // namespace
}  // namespace outrigger::store
