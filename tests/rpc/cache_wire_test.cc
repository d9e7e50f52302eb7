// Our reading of GetRequest and writing of GetResponse against protobuf's.
#include <grpcpp/impl/codegen/proto_utils.h>
#include <gtest/gtest.h>

#include <random>

#include "rpc/cache_wire_agreement.h"

namespace outrigger::rpc {
namespace {

using coord::CacheStatus;
using coord::GetAnswer;

cache::v1::GetRequest FullRequest() {
  cache::v1::GetRequest request;
  request.set_namespace_("profiles");
  request.set_key("user:é");
  request.set_if_not_version(1'700'000'000'000'000);
  request.set_min_version(300);
  request.mutable_max_wait()->set_seconds(3);
  request.mutable_max_wait()->set_nanos(500);
  request.set_no_fill(true);
  return request;
}

TEST(CacheWireTest, ReadsCornersAsProtobufDoes) {
  const std::string corners[] = {
      "",
      std::string("\x0a\x00", 2),
      "\x12\x01\xff",              // a key that is not UTF-8
      "\x2a\x02\x08\x05",          // max_wait
      std::string("\x2a\x00", 2),  // max_wait, set and empty
      "\x2a\x02\x08\x05\x2a\x02\x10\x06",
      "\x18\x05\x18\x07",  // the last counts
      "\x30\x02",          // no_fill: any but 0
      "\x0d\x01\x02\x03\x04",
      "\x3a\x01x",  // unknown
      "\x38\x01",
      "\x12\x80",
  };
  for (const std::string& bytes : corners) {
    EXPECT_EQ(GetDisagreement(bytes), "") << testing::PrintToString(bytes);
  }
}

TEST(CacheWireTest, ReadsDamagedMessagesAsProtobufDoes) {
  const std::string whole = FullRequest().SerializeAsString();
  ASSERT_EQ(GetDisagreement(whole), "");
  std::mt19937 random(20220623);
  for (int i = 0; i < 100'000; ++i) {
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
    ASSERT_EQ(GetDisagreement(bytes), "") << testing::PrintToString(bytes);
  }
}

GetAnswer FullAnswer(size_t value_bytes) {
  GetAnswer answer;
  answer.status = CacheStatus::kStale;
  cache::EntryInfo info;
  info.version = 1'700'000'000'000'001;
  answer.entry =
      cache::Entry::Make("key", std::string(value_bytes, 'v'), {}, info, 0);
  answer.age = std::chrono::milliseconds(1500);
  answer.ttl = std::chrono::nanoseconds(7);
  answer.stale_ttl = std::chrono::hours(720);
  answer.coherent = true;
  answer.refresh = true;
  answer.degraded = true;
  answer.fill_token = std::string("t\0ken", 5);
  answer.waited = std::chrono::microseconds(3);
  return answer;
}

void ExpectFull(const cache::v1::GetResponse& response, size_t value_bytes) {
  EXPECT_EQ(response.status(), cache::v1::STALE);
  EXPECT_EQ(response.value(), std::string(value_bytes, 'v'));
  EXPECT_EQ(response.version(), 1'700'000'000'000'001u);
  EXPECT_EQ(response.age().seconds(), 1);
  EXPECT_EQ(response.age().nanos(), 500'000'000);
  EXPECT_EQ(response.ttl().nanos(), 7);
  EXPECT_EQ(response.stale_ttl().seconds(), 720 * 3600);
  EXPECT_TRUE(response.coherent());
  EXPECT_TRUE(response.refresh());
  EXPECT_TRUE(response.degraded());
  EXPECT_EQ(response.fill_token(), std::string("t\0ken", 5));
  EXPECT_EQ(response.waited().nanos(), 3000);
}

template <typename Message>
Message Parsed(grpc::ByteBuffer buffer) {
  Message message;
  EXPECT_TRUE(
      grpc::SerializationTraits<Message>::Deserialize(&buffer, &message).ok());
  return message;
}

TEST(CacheWireTest, WritesWhatProtobufReads) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{127}, size_t{128},
                             kLeastShared - 1, kLeastShared, size_t{1} << 20}) {
    ExpectFull(Parsed<cache::v1::GetResponse>(GetResponseOf(FullAnswer(bytes))),
               bytes);
  }
  const auto miss = Parsed<cache::v1::GetResponse>(GetResponseOf(GetAnswer()));
  EXPECT_EQ(miss.status(), cache::v1::MISS);
  EXPECT_FALSE(miss.has_age() || miss.has_ttl() || miss.has_waited());
}

TEST(CacheWireTest, WritesBatchesOfSmallAndLargeValues) {
  const size_t sizes[] = {5, kLeastShared, 0, 2 * kLeastShared, 3, 100'000};
  GetManyWriter writer;
  for (const size_t bytes : sizes) writer.Add(FullAnswer(bytes));
  const auto response = Parsed<cache::v1::GetManyResponse>(writer.Finish());
  ASSERT_EQ(response.responses_size(), 6);
  for (int i = 0; i < 6; ++i) ExpectFull(response.responses(i), sizes[i]);
}

TEST(CacheWireTest, AStatusWithoutAValueCarriesNone) {
  for (const CacheStatus status :
       {CacheStatus::kNotModified, CacheStatus::kAbsent}) {
    GetAnswer answer = FullAnswer(10);
    answer.status = status;
    const auto response = Parsed<cache::v1::GetResponse>(GetResponseOf(answer));
    EXPECT_EQ(response.value(), "");
    EXPECT_GT(response.version(), 0u);
  }
}

}  // namespace
}  // namespace outrigger::rpc
