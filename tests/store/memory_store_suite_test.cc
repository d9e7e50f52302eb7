// MemoryStore passes the suite of all stores.
#include "store/limit_store_suite.h"
#include "store/memory_store.h"
#include "support/fake_clock.h"

namespace outrigger::store {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
 public:
  LimitStore& store() override { return store_; }
  void Tick() override { clock_.Advance(std::chrono::milliseconds(20)); }

 private:
  FakeClock clock_;
  MemoryStore store_{clock_};
};

INSTANTIATE_TEST_SUITE_P(Memory, LimitStoreSuite, ::testing::Values([] {
                           return std::make_unique<MemoryUnderTest>();
                         }));

}  // namespace
}  // namespace outrigger::store
