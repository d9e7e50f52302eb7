// MemoryPoolStore passes the suite of all pool stores.
#include "store/memory_pool_store.h"
#include "store/pool_store_suite.h"
#include "support/fake_clock.h"

namespace outrigger::store {
namespace {

class MemoryUnderTest final : public PoolStoreUnderTest {
 public:
  PoolStore& Join(const std::string& pod, PoolListener* listener) override {
    store_.Listen(pod, listener);
    return store_;
  }
  void Tick() override { clock_.Advance(std::chrono::milliseconds(20)); }
  void Forget(int64_t lease_us) override { store_.Forget(lease_us); }

 private:
  FakeClock clock_;
  MemoryPoolStore store_{clock_};
};

INSTANTIATE_TEST_SUITE_P(Memory, PoolStoreSuite, ::testing::Values([] {
                           return std::make_unique<MemoryUnderTest>();
                         }));

}  // namespace
}  // namespace outrigger::store
