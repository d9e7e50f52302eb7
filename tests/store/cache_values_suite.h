// What every store::CacheStore promises of values.
#ifndef OUTRIGGER_TESTS_STORE_CACHE_VALUES_SUITE_H_
#define OUTRIGGER_TESTS_STORE_CACHE_VALUES_SUITE_H_

#include <string>

#include "store/cache_store_testing.h"

namespace outrigger::store {

TEST_P(CacheStoreSuite, WhatWasWrittenIsRead) {
  EXPECT_EQ(*call_.Read(key_), "");
  EXPECT_EQ(*call_.ReadHeader(key_), "");
  const auto reply = call_.Write(key_, "value");
  ASSERT_EQ(reply.status(), absl::OkStatus());
  EXPECT_TRUE(reply->stored);
  const cache::Record record = Stored(key_);
  EXPECT_EQ(record.value, "value");
  EXPECT_EQ(record.version, reply->version);
  EXPECT_EQ(record.stale_for_ms, 60'000);
  const auto header = cache::DecodeRecordHeader(*call_.ReadHeader(key_));
  ASSERT_EQ(header.status(), absl::OkStatus());
  EXPECT_EQ(header->version, reply->version);
  const int64_t now_ms = under_test_->store().NowMs();
  EXPECT_NEAR(static_cast<double>(record.fresh_until_ms - now_ms), 60'000,
              20'000);
  EXPECT_NEAR(static_cast<double>(record.version), now_ms * 1e3, 20e6);
  EXPECT_EQ(*call_.Read({"profiles", "user:4"}), "");
  EXPECT_EQ(*call_.Read({"profile", "suser:42"}), "");
}

TEST_P(CacheStoreSuite, KeysAndValuesAreAnyBytes) {
  ASSERT_TRUE(Comes([&] { return heard_.verified(); }));
  std::string bytes;
  for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(i * 7);
  for (const std::string& name :
       {bytes, std::string("}"), std::string("{}"), std::string("a{b}c"),
        std::string(":"), std::string("\0", 1), std::string("%s\r\n$1")}) {
    const CacheKey key{"any.-_9", name};
    ASSERT_TRUE(Stores(CacheCaller::RequestOf(key, bytes + name)));
    EXPECT_EQ(Stored(key).value, bytes + name);
    EXPECT_TRUE(Comes([&] { return heard_.Changed(key); }));
    EXPECT_TRUE(*call_.Remove(key));
    EXPECT_EQ(*call_.Read(key), "");
  }
}

TEST_P(CacheStoreSuite, AValueOfEightMegabytesIsKeptWhole) {
  std::string large(8 << 20, 'x');
  large[large.size() / 2] = 'y';
  const auto reply = call_.Write(key_, large);
  ASSERT_EQ(reply.status(), absl::OkStatus());
  EXPECT_TRUE(Stored(key_).value == large);
  EXPECT_EQ(call_.ReadHeader(key_)->size(), cache::kRecordHeaderBytes);
}

TEST_P(CacheStoreSuite, VersionsGrow) {
  uint64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    const auto reply = call_.Write(key_, std::to_string(i));
    ASSERT_TRUE(reply.ok());
    EXPECT_GT(reply->version, last);
    last = reply->version;
    if (i % 3 == 0) {
      ASSERT_TRUE(call_.Remove(key_, i % 2 == 0).ok());
    }
  }
}

TEST_P(CacheStoreSuite, WhatIsNotKeptIsGone) {
  WriteRequest request = CacheCaller::RequestOf(key_, "value");
  request.fresh_for_ms = 1;
  request.keep_for_ms = 60'000;
  ASSERT_TRUE(Stores(request));
  EXPECT_TRUE(Comes([&] { return !Fresh(key_); }));
  EXPECT_EQ(Stored(key_).value, "value");
  request.keep_for_ms = 1;
  ASSERT_TRUE(Stores(request));
  EXPECT_TRUE(Comes([&] { return call_.Read(key_)->empty(); }));
}

TEST_P(CacheStoreSuite, CompareAndSwap) {
  WriteRequest request = CacheCaller::RequestOf(key_, "second");
  request.condition = WriteIf::kVersion;
  request.version = 1;
  EXPECT_FALSE(Stores(request));
  request.version = 0;
  EXPECT_FALSE(Stores(request));
  const auto first = call_.Write(key_, "first");
  ASSERT_TRUE(first.ok());
  request.version = first->version + 1;
  const auto refused = call_.Write(request);
  EXPECT_FALSE(refused->stored);
  EXPECT_EQ(refused->version, first->version);
  request.version = first->version;
  EXPECT_TRUE(Stores(request));
  EXPECT_FALSE(Stores(request));
  EXPECT_EQ(Stored(key_).value, "second");
}

TEST_P(CacheStoreSuite, OnlyIfAbsent) {
  WriteRequest request = CacheCaller::RequestOf(key_, "value");
  request.condition = WriteIf::kAbsent;
  request.record = RecordOf("", /*absent=*/true);
  EXPECT_TRUE(Stores(request));  // nothing is there
  request.record = RecordOf("value");
  EXPECT_TRUE(Stores(request));  // it is known that nothing is
  const auto refused = call_.Write(request);
  EXPECT_FALSE(refused->stored);
  EXPECT_EQ(refused->version, Stored(key_).version);
  ASSERT_TRUE(*call_.Remove(key_, /*soft=*/true));
  EXPECT_TRUE(Stores(request));  // what is there is stale
}

TEST_P(CacheStoreSuite, ARefusedWriteChangesNothing) {
  ASSERT_TRUE(call_.Write(key_, "first").ok());
  const std::string before = *call_.Read(key_);
  ASSERT_TRUE(call_.Acquire(key_, 1, 60'000'000, ~uint64_t{0}).ok());
  WriteRequest request = CacheCaller::RequestOf(key_, "second");
  request.condition = WriteIf::kAbsent;
  EXPECT_FALSE(Stores(request));
  EXPECT_EQ(*call_.Read(key_), before);
  EXPECT_EQ(call_.Acquire(key_, 2, 60'000'000, ~uint64_t{0})->kind,
            AcquireReply::Kind::kWait);
}

TEST_P(CacheStoreSuite, HardAndSoftRemoval) {
  EXPECT_FALSE(*call_.Remove(key_));
  EXPECT_FALSE(*call_.Remove(key_, /*soft=*/true));
  ASSERT_TRUE(call_.Write(key_, "value").ok());
  const uint64_t version = Stored(key_).version;
  EXPECT_TRUE(*call_.Remove(key_, /*soft=*/true));
  EXPECT_EQ(Stored(key_).value, "value");
  EXPECT_EQ(Stored(key_).version, version);
  EXPECT_TRUE(Comes([&] { return !Fresh(key_); }));
  EXPECT_TRUE(*call_.Remove(key_));
  EXPECT_EQ(*call_.Read(key_), "");
  WriteRequest absent = CacheCaller::RequestOf(key_, "");
  absent.record = RecordOf("", /*absent=*/true);
  ASSERT_TRUE(Stores(absent));
  EXPECT_FALSE(*call_.Remove(key_));
  EXPECT_EQ(*call_.Read(key_), "");
}

TEST_P(CacheStoreSuite, RemovalOfOneVersionOnly) {
  const auto first = call_.Write(key_, "first");
  const auto second = call_.Write(key_, "second");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_FALSE(*call_.Remove(key_, false, first->version));
  EXPECT_EQ(Stored(key_).value, "second");
  EXPECT_TRUE(*call_.Remove(key_, false, second->version));
  EXPECT_FALSE(*call_.Remove(key_, false, second->version));
}

TEST_P(CacheStoreSuite, EveryChangeIsTold) {
  ASSERT_TRUE(Comes([&] { return heard_.verified(); }));
  EXPECT_TRUE(heard_.forgot());
  const auto told = [&] {
    const bool heard = Comes([&] { return heard_.Changed(key_); });
    heard_.Clear();
    return heard;
  };
  ASSERT_TRUE(call_.Write(key_, "value").ok());
  EXPECT_TRUE(told());
  ASSERT_TRUE(call_.Remove(key_, /*soft=*/true).ok());
  EXPECT_TRUE(told());
  ASSERT_TRUE(Commits(key_, Lease(key_, 1)));
  EXPECT_TRUE(told());
  ASSERT_TRUE(call_.Remove(key_).ok());
  EXPECT_TRUE(told());
  // Also if nothing was there: somebody may hold a copy.
  ASSERT_TRUE(call_.Remove(key_).ok());
  EXPECT_TRUE(told());
  ASSERT_TRUE(call_.Remove(key_, /*soft=*/true).ok());
  EXPECT_TRUE(told());
  EXPECT_EQ(*call_.Read(key_), "");
  EXPECT_EQ(heard_.losses(), 0);
}

}  // namespace outrigger::store

#endif  // OUTRIGGER_TESTS_STORE_CACHE_VALUES_SUITE_H_
