// Our reading and writing of the breaker's and the pool's messages against
// protobuf's.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <random>

#include "rpc/deciding_wire_agreement.h"
#include "rpc/pool/queries.h"

namespace outrigger::rpc {
namespace {

using google::protobuf::util::MessageDifferencer;

breaker::v1::AcquireRequest FullPermitRequest() {
  breaker::v1::AcquireRequest request;
  request.set_breaker("payments");
  request.set_method("Chargé");
  request.mutable_timeout()->set_seconds(3);
  request.mutable_timeout()->set_nanos(500);
  request.set_session(1'700'000'000'000'000);
  return request;
}

pool::v1::AcquireRequest FullSlotRequest() {
  pool::v1::AcquireRequest request;
  request.set_pool("orders-db");
  request.set_session_key("user:é");
  request.set_role(pool::v1::SHARD);
  request.mutable_max_wait()->set_seconds(3);
  request.set_attempt(300);
  for (int i = 0; i < 20; ++i) request.add_avoid("10.0.0.1:5432");
  return request;
}

pool::v1::ReleaseRequest FullReleaseRequest() {
  pool::v1::ReleaseRequest request;
  request.set_lease_id(~uint64_t{0});
  request.set_result(pool::v1::FAILURE);
  request.mutable_duration()->set_nanos(7);
  return request;
}

void ExpectAgreement(const std::string& bytes) {
  EXPECT_EQ(PermitDisagreement(bytes), "") << testing::PrintToString(bytes);
  EXPECT_EQ(SlotDisagreement(bytes), "") << testing::PrintToString(bytes);
  EXPECT_EQ(ReleaseDisagreement(bytes), "") << testing::PrintToString(bytes);
}

TEST(DecidingWireTest, ReadsCornersAsProtobufDoes) {
  const std::string corners[] = {
      "",
      std::string("\x0a\x00", 2),
      "\x12\x01\xff",  // a text that is not UTF-8
      "\x32\x01\xff",  // one of those to avoid
      "\x1a\x02\x08\x05",
      std::string("\x22\x00", 2),  // max_wait, set and empty
      "\x22\x02\x08\x05\x22\x02\x10\x06",
      "\x18\x05\x18\x07",                              // the last counts
      "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  // role -1
      "\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  // attempt, cut
      "\x10\x80\x80\x80\x80\x80\x01",                  // result, cut
      "\x0d\x01\x02\x03\x04",
      "\x7a\x01x",  // unknown
      "\x12\x80",
  };
  for (const std::string& bytes : corners) ExpectAgreement(bytes);
}

TEST(DecidingWireTest, ReadsDamagedMessagesAsProtobufDoes) {
  std::mt19937 random(6);
  for (const std::string& whole : {FullPermitRequest().SerializeAsString(),
                                   FullSlotRequest().SerializeAsString(),
                                   FullReleaseRequest().SerializeAsString()}) {
    ExpectAgreement(whole);
    for (int i = 0; i < 20'000; ++i) {
      std::string bytes = whole;
      for (int changes = 0; changes < 2; ++changes) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      bytes.resize(random() % (bytes.size() + 1));
      ExpectAgreement(bytes);
    }
  }
}

TEST(DecidingWireTest, WritesWhatProtobufWouldRead) {
  coord::PermitAnswer permit;
  permit.allowed = false;
  permit.state = coord::BreakerState::kHalfOpen;
  permit.generation = 1'700'000'000'000'000;
  permit.permit = 5;
  permit.retry_after = std::chrono::milliseconds(1500);
  permit.reason = coord::BreakerReason::kProbesInUse;
  permit.message = "3 probes are out";
  permit.degraded = permit.isolated = permit.probe = true;
  std::string bytes;
  AppendPermitResponse(permit, &bytes);
  breaker::v1::AcquireResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  EXPECT_EQ(response.ShortDebugString(),
            "state: HALF_OPEN generation: 1700000000000000 permit: 5 "
            "retry_after { seconds: 1 nanos: 500000000 } reason: "
            "PROBES_IN_USE message: \"3 probes are out\" degraded: true "
            "isolated: true probe: true");
}

TEST(DecidingWireTest, WritesSlotsAsProtobufWould) {
  coord::SlotAnswer slot;
  const auto expect_same = [&slot] {
    std::string bytes;
    AppendSlotResponse(slot, &bytes);
    pool::v1::AcquireResponse ours, protobufs;
    ASSERT_TRUE(ours.ParseFromString(bytes));
    Fill(slot, &protobufs);
    EXPECT_TRUE(MessageDifferencer::Equals(ours, protobufs))
        << ours.DebugString() << protobufs.DebugString();
  };
  expect_same();
  slot.retry_after = std::chrono::seconds(2);
  slot.reason = coord::SlotReason::kQueueFull;
  slot.advice = coord::SlotAdvice::kFallBack;
  expect_same();
  slot = {.acquired = true,
          .lease_id = 1ull << 60,
          .fencing_token = 99,
          .expires_after = std::chrono::seconds(30),
          .waited = std::chrono::microseconds(7),
          .degraded = true,
          .overflow = true,
          .panic = true};
  slot.endpoint = std::make_shared<const coord::SlotEndpoint>(
      coord::SlotEndpoint{.address = std::string(200, 'a'),
                          .zone = "z",
                          .role = pool::Role::kReplica,
                          .backup = true});
  expect_same();
}

}  // namespace
}  // namespace outrigger::rpc
