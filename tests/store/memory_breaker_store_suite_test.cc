// MemoryBreakerStore passes the suite of all breaker stores.
#include "store/breaker_store_suite.h"
#include "store/memory_breaker_store.h"
#include "support/fake_clock.h"

namespace outrigger::store {
namespace {

class MemoryUnderTest final : public BreakerStoreUnderTest {
 public:
  BreakerStore& store() override { return store_; }
  void Tick() override { clock_.Advance(std::chrono::milliseconds(20)); }
  void Flush() override { store_.Flush(); }

 private:
  FakeClock clock_;
  MemoryBreakerStore store_{clock_};
};

INSTANTIATE_TEST_SUITE_P(Memory, BreakerStoreSuite, ::testing::Values([] {
                           return std::make_unique<MemoryUnderTest>();
                         }));

}  // namespace
}  // namespace outrigger::store
