// The fixture of what every store::CacheStore promises, as tests.
//
// A store's test includes cache_values_suite.h, cache_leases_suite.h and
// cache_shared_suite.h, and instantiates the suite with what makes a store:
//
//     INSTANTIATE_TEST_SUITE_P(Memory, CacheStoreSuite,
//                              ::testing::Values([] { return …; }));
#ifndef OUTRIGGER_TESTS_STORE_CACHE_STORE_TESTING_H_
#define OUTRIGGER_TESTS_STORE_CACHE_STORE_TESTING_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cache/record.h"
#include "store/cache_store.h"
#include "support/cache_calls.h"
#include "support/heard_changes.h"
#include "support/wait_for.h"

namespace outrigger::store {

// A store for one test, with whatever it needs to live.
class CacheStoreUnderTest {
 public:
  virtual ~CacheStoreUnderTest() = default;
  virtual CacheStore& store() = 0;
  // Lets a little of the store's time pass; nothing where it passes by itself.
  virtual void Tick() = 0;
};

using MakeCacheStore = std::function<std::unique_ptr<CacheStoreUnderTest>()>;

class CacheStoreSuite : public ::testing::TestWithParam<MakeCacheStore> {
 protected:
  CacheStoreSuite() { under_test_->store().Listen(&heard_); }

  // Waits until `condition` holds, letting time pass.
  bool Comes(const std::function<bool()>& condition) {
    return WaitFor([&] {
      if (condition()) return true;
      under_test_->Tick();
      return false;
    });
  }

  // What is stored; a value of "" is none.
  cache::Record Stored(const CacheKey& key) {
    const auto bytes = call_.Read(key);
    EXPECT_EQ(bytes.status(), absl::OkStatus());
    if (!bytes.ok() || bytes->empty()) return {};
    auto record = cache::DecodeRecord(*bytes);
    EXPECT_EQ(record.status(), absl::OkStatus());
    return record.ok() ? *std::move(record) : cache::Record{};
  }

  bool Fresh(const CacheKey& key) {
    return Stored(key).fresh_until_ms > under_test_->store().NowMs();
  }

  // A token that must be given.
  CacheToken Lease(const CacheKey& key, uint64_t nonce,
                   int64_t lease_us = 60'000'000) {
    const auto reply = call_.Acquire(key, nonce, lease_us);
    EXPECT_EQ(reply.status(), absl::OkStatus());
    if (!reply.ok()) return {};
    EXPECT_EQ(reply->kind, AcquireReply::Kind::kLease);
    return reply->token;
  }

  bool Stores(const WriteRequest& request) {
    const auto reply = call_.Write(request);
    EXPECT_EQ(reply.status(), absl::OkStatus());
    return reply.ok() && reply->stored;
  }
  bool Commits(const CacheKey& key, CacheToken token) {
    const auto reply = call_.Commit(key, "loaded", token);
    EXPECT_EQ(reply.status(), absl::OkStatus());
    return reply.ok() && reply->stored;
  }

  const CacheKey key_{"profiles", "user:42"};
  HeardChanges heard_;
  std::unique_ptr<CacheStoreUnderTest> under_test_ = GetParam()();
  CacheCaller call_{under_test_->store()};
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_TESTS_STORE_CACHE_STORE_TESTING_H_
