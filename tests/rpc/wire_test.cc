// Our reading of AllowRequest against protobuf's, on examples and on damage.
#include <gtest/gtest.h>

#include <random>

#include "outrigger/ratelimit/v1/rate_limiter.pb.h"
#include "rpc/wire_agreement.h"

namespace outrigger::rpc {
namespace {

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

TEST(WireTest, ReadsCornersAsProtobufDoes) {
  const std::string corners[] = {
      "",
      Bytes({0}),                                    // field number 0
      Bytes({0x0a, 0}),                              // an empty map entry
      Bytes({0x0a, 3, 0x0a, 1, 'a'}),                // no value
      Bytes({0x0a, 6, 0x0a, 1, 'a', 0x12, 1, 'b'}),  // a whole one
      Bytes({0x0a, 6, 0x12, 1, 'b', 0x0a, 1, 'a'}),  // value first
      Bytes({0x0a, 3, 0x0a, 1, 'a', 0x0a, 6, 0x0a, 1, 'a', 0x12, 1, 'b'}),
      Bytes({0x0a, 3, 0x0a, 1, 0xff}),           // not UTF-8
      Bytes({0x22, 3, 0xed, 0xa0, 0x80}),        // a surrogate
      Bytes({0x22, 2, 0xc0, 0x80}),              // overlong
      Bytes({0x22, 4, 0xf4, 0x90, 0x80, 0x80}),  // above U+10FFFF
      Bytes({0x22, 2, 0xc3, 0xa9}),              // é
      Bytes({0x10, 5, 0x10, 7}),                 // the last cost counts
      Bytes({0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}),
      Bytes({0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}),
      Bytes({0x10, 0x80}),                          // cut short
      Bytes({0x15, 1, 2, 3, 4}),                    // cost as fixed32
      Bytes({0x28, 2}),                             // detail: any but 0
      Bytes({0x28, 0x80, 0}),                       // detail: 0, too long
      Bytes({0x1a, 2, 0x08, 5, 0x1a, 2, 0x10, 6}),  // max_wait, merged
      Bytes({0x1a, 6, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f}),
      Bytes({0x33, 0x08, 1, 0x34}),              // an unknown group
      Bytes({0x33, 0x08, 1}),                    // one that does not end
      Bytes({0x34}),                             // one that did not begin
      Bytes({0x33, 0x3c}),                       // ended by another
      Bytes({0x36}),                             // wire type 6
      Bytes({0xfa, 0xff, 0xff, 0xff, 0x0f, 0}),  // the highest number
      Bytes({0xfa, 0xff, 0xff, 0xff, 0x1f, 0}),  // higher
      Bytes({0x8a, 0, 0}),                       // a tag, too long
      Bytes({0x0a, 0x80}),
      Bytes({0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f}),
      std::string(99, 0x33) + std::string(99, 0x34),  // deep groups
      std::string(100, 0x33) + std::string(100, 0x34),
      std::string(101, 0x33) + std::string(101, 0x34),
      std::string(200, 0x33) + std::string(200, 0x34),
  };
  for (const std::string& bytes : corners) {
    EXPECT_EQ(WireDisagreement(bytes), "") << testing::PrintToString(bytes);
  }
}

TEST(WireTest, ReadsDamagedMessagesAsProtobufDoes) {
  ratelimit::v1::AllowRequest request;
  (*request.mutable_attributes())["user"] = "42";
  (*request.mutable_attributes())["route"] = "/checkout/é";
  request.set_cost(300);
  request.mutable_max_wait()->set_seconds(3);
  request.mutable_max_wait()->set_nanos(500);
  request.set_limit("per_user");
  request.set_detail(true);
  const std::string whole = request.SerializeAsString();
  ASSERT_EQ(WireDisagreement(whole), "");
  std::mt19937 random(20220623);
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = whole;
    for (uint32_t damage = random() % 4 + 1; damage > 0; --damage) {
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] ^= static_cast<char>(1u << (random() % 8));
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(random()));
      }
    }
    ASSERT_EQ(WireDisagreement(bytes), "") << testing::PrintToString(bytes);
  }
}

TEST(WireTest, WritesWhatProtobufReads) {
  coord::AllowAnswer answer;
  answer.allowed = false;
  answer.degraded = true;
  answer.waited_us = 1'500'000;
  answer.decided.name = "per_user";
  answer.decided.verdict.retry_after_us = 2'000'001;
  for (int i = 0; i < 40; ++i) {
    coord::LimitAnswer status = answer.decided;
    status.burst = 300;
    status.window_us = 60'000'000;
    status.shadow = i % 2 == 0;
    status.unlimited = i % 3 == 0;
    status.verdict.remaining = i + 0.9;
    answer.statuses.push_back(status);
  }
  std::string bytes;
  AppendAllowResponseField(1, answer, &bytes);
  ratelimit::v1::AllowManyResponse read;
  ASSERT_TRUE(read.ParseFromString(bytes));
  ASSERT_EQ(read.responses_size(), 1);
  const ratelimit::v1::AllowResponse& response = read.responses(0);
  EXPECT_FALSE(response.allowed());
  EXPECT_TRUE(response.degraded());
  EXPECT_EQ(response.limit(), "per_user");
  EXPECT_EQ(response.retry_after().seconds(), 2);
  EXPECT_EQ(response.retry_after().nanos(), 1000);
  EXPECT_EQ(response.waited().nanos(), 500'000'000);
  ASSERT_EQ(response.statuses_size(), 40);
  EXPECT_EQ(response.statuses(39).remaining(), 39);
  EXPECT_EQ(response.statuses(39).burst(), 300);
  EXPECT_TRUE(response.statuses(39).unlimited());
  EXPECT_EQ(response.statuses(38).window().seconds(), 60);
}

}  // namespace
}  // namespace outrigger::rpc
