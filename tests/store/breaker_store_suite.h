// What every store::BreakerStore promises, as tests.
//
// A store's test includes this, and instantiates the suite with what makes a
// store:
//
//     INSTANTIATE_TEST_SUITE_P(Memory, BreakerStoreSuite,
//                              ::testing::Values([] { return …; }));
#ifndef OUTRIGGER_TESTS_STORE_BREAKER_STORE_SUITE_H_
#define OUTRIGGER_TESTS_STORE_BREAKER_STORE_SUITE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "store/breaker_store.h"
#include "support/breaker_calls.h"
#include "support/heard_breakers.h"
#include "support/wait_for.h"

namespace outrigger::store {

// A store for one test, with whatever it needs to live.
class BreakerStoreUnderTest {
 public:
  virtual ~BreakerStoreUnderTest() = default;
  virtual BreakerStore& store() = 0;
  // Lets a little of the store's time pass; nothing where it passes by itself.
  virtual void Tick() = 0;
  // The store loses all that it knows.
  virtual void Flush() = 0;
};

using MakeBreakerStore =
    std::function<std::unique_ptr<BreakerStoreUnderTest>()>;

class BreakerStoreSuite : public ::testing::TestWithParam<MakeBreakerStore> {
 protected:
  BreakerStoreSuite() {
    under_test_->store().Listen(&heard_);
    EXPECT_TRUE(Comes([&] { return heard_.hears(); }));
  }

  // Waits until `condition` holds, letting time pass.
  bool Comes(const std::function<bool()>& condition) {
    return WaitFor([&] {
      if (condition()) return true;
      under_test_->Tick();
      return false;
    });
  }

  BreakerReply Read(const BreakerKey& key) {
    const auto reply = call_.Read(key);
    EXPECT_EQ(reply.status(), absl::OkStatus());
    return reply.ok() ? *reply : BreakerReply{};
  }
  BreakerReply Report(const BreakerKey& key, const std::string& pod,
                      BreakerSeen seen, bool bad = false,
                      uint64_t generation = 1, int64_t keep_for_ms = 60'000) {
    const auto reply =
        call_.Report(key, pod, seen, bad, generation, keep_for_ms);
    EXPECT_EQ(reply.status(), absl::OkStatus());
    return reply.ok() ? *reply : BreakerReply{};
  }
  BreakerSwapReply Swap(const BreakerSwap& swap) {
    const auto reply = call_.Swap(swap);
    EXPECT_EQ(reply.status(), absl::OkStatus());
    return reply.ok() ? *reply : BreakerSwapReply{};
  }
  // Must succeed; the record that it has made.
  BreakerRecord Write(const BreakerKey& key, const std::string& bytes,
                      uint64_t expected = 0, int64_t keep_for_ms = 60'000) {
    const BreakerSwapReply reply = Swap({key, expected, 0, bytes, keep_for_ms});
    EXPECT_TRUE(reply.swapped);
    EXPECT_EQ(reply.record.bytes, bytes);
    return reply.record;
  }

  const BreakerKey key_{"payments", ""};
  HeardBreakers heard_;
  std::unique_ptr<BreakerStoreUnderTest> under_test_ = GetParam()();
  BreakerCaller call_{under_test_->store()};
};

TEST_P(BreakerStoreSuite, OfAnUnknownBreakerThereIsNothing) {
  const BreakerReply reply = Read(key_);
  EXPECT_EQ(reply.record, BreakerRecord{});
  EXPECT_EQ(reply.evidence, BreakerEvidence{});
  EXPECT_GT(reply.now_us, 1'600'000'000'000'000);
  EXPECT_TRUE(under_test_->store().reachable());
}

TEST_P(BreakerStoreSuite, ARecordIsRead) {
  const std::string bytes("any\0bytes\r\n\xff", 12);
  const BreakerRecord written = Write(key_, bytes);
  EXPECT_EQ(Read(key_).record, written);
  EXPECT_EQ(Read({"payments", "Charge"}).record, BreakerRecord{});
  EXPECT_EQ(Read({"payment", "s"}).record, BreakerRecord{});
}

TEST_P(BreakerStoreSuite, ARecordMayBeEmptyAndAsLongAsItsBound) {
  const BreakerRecord none = Write(key_, "");
  EXPECT_GT(none.revision, 0u);
  EXPECT_EQ(Read(key_).record, none);
  const std::string longest(kMaxBreakerRecordBytes, 'x');
  const BreakerRecord written = Write(key_, longest, none.revision);
  EXPECT_EQ(Read(key_).record, written);
  EXPECT_EQ(call_.Swap(key_, written.revision, longest + "x").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Read(key_).record, written);
}

TEST_P(BreakerStoreSuite, RevisionsGrowAndAreNoOlderThanTheStoresTime) {
  BreakerRecord record = Write(key_, "0");
  for (int i = 1; i < 20; ++i) {
    const BreakerRecord next = Write(key_, std::to_string(i), record.revision);
    EXPECT_GT(next.revision, record.revision);
    record = next;
  }
  under_test_->Tick();
  const int64_t now_us = Read(key_).now_us;
  EXPECT_GE(Write(key_, "later", record.revision).revision,
            static_cast<uint64_t>(now_us));
}

TEST_P(BreakerStoreSuite, OnlyTheLatestRevisionIsReplaced) {
  const BreakerRecord first = Write(key_, "first");
  const BreakerRecord second = Write(key_, "second", first.revision);
  for (const uint64_t expected :
       {uint64_t{0}, first.revision, second.revision + 1}) {
    const BreakerSwapReply reply = Swap({key_, expected, 0, "late", 60'000});
    EXPECT_FALSE(reply.swapped);
    EXPECT_EQ(reply.record, second);
  }
  EXPECT_EQ(Read(key_).record, second);
}

TEST_P(BreakerStoreSuite, WhereThereIsNoRecordNoneIsReplaced) {
  const BreakerSwapReply reply = Swap({key_, 7, 0, "late", 60'000});
  EXPECT_FALSE(reply.swapped);
  EXPECT_EQ(reply.record, BreakerRecord{});
  EXPECT_EQ(Read(key_).record, BreakerRecord{});
}

TEST_P(BreakerStoreSuite, ARevisionIsAboveTheGreatestThatTheSwapperKnows) {
  const auto ahead = static_cast<uint64_t>(Read(key_).now_us) + 3'600'000'000;
  const BreakerSwapReply reply = Swap({key_, 0, ahead, "again", 60'000});
  EXPECT_TRUE(reply.swapped);
  EXPECT_EQ(reply.record.revision, ahead + 1);
  // And stays above it.
  EXPECT_EQ(Write(key_, "more", ahead + 1).revision, ahead + 2);
}

TEST_P(BreakerStoreSuite, ARecordIsForgottenInTime) {
  const BreakerRecord first = Write(key_, "short", 0, /*keep_for_ms=*/20);
  EXPECT_TRUE(Comes([&] { return Read(key_).record == BreakerRecord{}; }));
  EXPECT_FALSE(Swap({key_, first.revision, 0, "late", 60'000}).swapped);
  EXPECT_GT(Write(key_, "anew").revision, first.revision);
}

TEST_P(BreakerStoreSuite, ThatARecordIsForgottenIsHeardOf) {
  Write(key_, "short", 0, /*keep_for_ms=*/20);
  ASSERT_TRUE(Comes([&] { return heard_.changes(key_) > 0; }));
  heard_.Clear();
  EXPECT_TRUE(Comes([&] {
    return Read(key_).record == BreakerRecord{} && heard_.changes(key_) > 0;
  }));
}

TEST_P(BreakerStoreSuite, ARecordWithoutExpiryStays) {
  const BreakerRecord brief = Write(key_, "brief", 0, /*keep_for_ms=*/20);
  const BreakerRecord lasting =
      Write(key_, "forced open", brief.revision, /*keep_for_ms=*/0);
  const int64_t written_us = Read(key_).now_us;
  EXPECT_TRUE(Comes([&] { return Read(key_).now_us > written_us + 100'000; }));
  EXPECT_EQ(Read(key_).record, lasting);
}

TEST_P(BreakerStoreSuite, AllHearOfASwapAndOfNothingElse) {
  Report(key_, "pod-1", {10, 5, 1}, true);
  Swap({key_, 7, 0, "late", 60'000});
  Write({"another", "m"}, "record");
  EXPECT_TRUE(Comes([&] { return heard_.changes({"another", "m"}) > 0; }));
  EXPECT_EQ(heard_.changes(key_), 0);
  Write(key_, "record");
  EXPECT_TRUE(Comes([&] { return heard_.changes(key_) > 0; }));
}

TEST_P(BreakerStoreSuite, AnyMethodIsHeardOfByItsName) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  const std::vector<BreakerKey> keys = {{"payments", "/pay.v1.Payments/Charge"},
                                        {"payments", "{a}:b}{"},
                                        {"payments", std::string("\0", 1)},
                                        {"payments", "%41"},
                                        {"payments", "A"},
                                        {"payments", all}};
  for (const BreakerKey& key : keys) {
    Write(key, "of " + key.method);
    EXPECT_TRUE(Comes([&] { return heard_.changes(key) > 0; })) << key.method;
  }
  EXPECT_EQ(heard_.keys(), keys.size());
  for (const BreakerKey& key : keys) {
    EXPECT_EQ(Read(key).record.bytes, "of " + key.method);
  }
}

TEST_P(BreakerStoreSuite, OneSwapOfManyAtOnceSucceeds) {
  constexpr int kThreads = 4;
  constexpr int kSwaps = 25;
  std::vector<int> swapped(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      BreakerRecord known;
      while (swapped[i] < kSwaps) {
        const auto reply = call_.Swap(key_, known.revision, "x");
        if (!reply.ok()) return;
        if (reply->swapped) ++swapped[i];
        known = reply->record;
        if (reply->swapped && known.bytes != "x") return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(swapped, std::vector<int>(kThreads, kSwaps));
}

TEST_P(BreakerStoreSuite, WhatPodsHaveSeenAddsUp) {
  EXPECT_EQ(Report(key_, "pod-1", {10, 5, 1}, true).evidence,
            (BreakerEvidence{{10, 5, 1}, 1, 1, 1}));
  EXPECT_EQ(Report(key_, "pod-2", {20, 0, 2}).evidence,
            (BreakerEvidence{{30, 5, 3}, 2, 1, 1}));
  EXPECT_EQ(Read(key_).evidence, (BreakerEvidence{{30, 5, 3}, 2, 1, 1}));
  EXPECT_EQ(Read({"payments", "m"}).evidence, BreakerEvidence{});
}

TEST_P(BreakerStoreSuite, APodsNewReportReplacesItsLast) {
  Report(key_, "pod-1", {10, 5, 1}, true);
  Report(key_, "pod-2", {1, 1, 1}, true);
  EXPECT_EQ(Report(key_, "pod-1", {12, 5, 0}).evidence,
            (BreakerEvidence{{13, 6, 1}, 2, 1, 1}));
  EXPECT_EQ(Report(key_, "pod-1", {12, 5, 0}).evidence,
            (BreakerEvidence{{13, 6, 1}, 2, 1, 1}));
  EXPECT_EQ(Report(key_, "pod-1", {0, 0, 0}).evidence,
            (BreakerEvidence{{1, 1, 1}, 1, 1, 1}));
}

TEST_P(BreakerStoreSuite, AGreaterGenerationForgetsTheRest) {
  Report(key_, "pod-1", {10, 5, 1}, true, /*generation=*/3);
  Report(key_, "pod-2", {10, 5, 1}, true, /*generation=*/3);
  EXPECT_EQ(Report(key_, "pod-1", {1, 0, 0}, false, /*generation=*/4).evidence,
            (BreakerEvidence{{1, 0, 0}, 1, 0, 4}));
  // Of one that is over nothing is taken.
  EXPECT_EQ(Report(key_, "pod-2", {10, 5, 1}, true, /*generation=*/3).evidence,
            (BreakerEvidence{{1, 0, 0}, 1, 0, 4}));
  const uint64_t greatest = (uint64_t{1} << 53) - 1;
  EXPECT_EQ(Report(key_, "pod-2", {2, 0, 0}, false, greatest).evidence,
            (BreakerEvidence{{2, 0, 0}, 1, 0, greatest}));
}

TEST_P(BreakerStoreSuite, WhatAPodHasSeenExpires) {
  Report(key_, "pod-1", {10, 5, 1}, true, 1, /*keep_for_ms=*/20);
  Report(key_, "pod-2", {1, 0, 0});
  const BreakerEvidence rest{{1, 0, 0}, 1, 0, 1};
  EXPECT_TRUE(Comes([&] { return Read(key_).evidence == rest; }));
  EXPECT_EQ(Report(key_, "pod-1", {3, 0, 0}).evidence,
            (BreakerEvidence{{4, 0, 0}, 2, 0, 1}));
}

TEST_P(BreakerStoreSuite, WhatAPodRepeatsHoldsLonger) {
  Report(key_, "pod-1", {10, 5, 1}, true, 1, /*keep_for_ms=*/20);
  Report(key_, "pod-1", {10, 5, 1}, true);
  const int64_t reported_us = Read(key_).now_us;
  EXPECT_TRUE(Comes([&] { return Read(key_).now_us > reported_us + 100'000; }));
  EXPECT_EQ(Read(key_).evidence, (BreakerEvidence{{10, 5, 1}, 1, 1, 1}));
}

TEST_P(BreakerStoreSuite, WithNothingLeftTheGenerationIsForgotten) {
  Report(key_, "pod-1", {10, 5, 1}, true, 9, /*keep_for_ms=*/20);
  EXPECT_TRUE(Comes([&] { return Read(key_).evidence == BreakerEvidence{}; }));
  EXPECT_EQ(Report(key_, "pod-1", {3, 0, 0}, false, 2).evidence,
            (BreakerEvidence{{3, 0, 0}, 1, 0, 2}));
}

TEST_P(BreakerStoreSuite, NumbersHaveABound) {
  EXPECT_EQ(Report(key_, "pod-1", {~uint64_t{0}, ~uint64_t{0}, 1}).evidence,
            (BreakerEvidence{{kMaxBreakerSeen, kMaxBreakerSeen, 1}, 1, 0, 1}));
}

TEST_P(BreakerStoreSuite, APodsNameMayHoldAnyBytes) {
  const std::string name(64, '\0');
  Report(key_, name, {1, 0, 0});
  Report(key_, "g", {1, 0, 0});
  Report(key_, "t", {1, 0, 0});
  EXPECT_EQ(Read(key_).evidence, (BreakerEvidence{{3, 0, 0}, 3, 0, 1}));
}

TEST_P(BreakerStoreSuite, EvidenceAndRecordComeTogether) {
  const BreakerRecord record = Write(key_, "record");
  const BreakerReply reply = Report(key_, "pod-1", {1, 0, 0});
  EXPECT_EQ(reply.record, record);
  EXPECT_EQ(Read(key_).evidence, reply.evidence);
}

TEST_P(BreakerStoreSuite, ALossIsHeardOf) {
  const BreakerRecord record = Write(key_, "record");
  Report(key_, "pod-1", {1, 0, 0});
  const int heard = heard_.heard();
  under_test_->Flush();
  EXPECT_TRUE(Comes([&] { return heard_.hears() && heard_.heard() > heard; }));
  EXPECT_EQ(Read(key_).record, BreakerRecord{});
  EXPECT_EQ(Read(key_).evidence, BreakerEvidence{});
  const BreakerSwapReply reply =
      Swap({key_, 0, record.revision, "again", 60'000});
  EXPECT_TRUE(reply.swapped);
  EXPECT_GT(reply.record.revision, record.revision);
}

}  // namespace outrigger::store

#endif  // OUTRIGGER_TESTS_STORE_BREAKER_STORE_SUITE_H_
