// Recordings are read as what they are, and what is wrong in them is named.
#include "cache/simulate/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace outrigger::cache {
namespace {

using testing::HasSubstr;

std::string OracleRecord(uint64_t key, uint32_t size) {
  std::string record(24, '\0');
  for (int i = 0; i < 8; ++i) record[4 + i] = static_cast<char>(key >> 8 * i);
  for (int i = 0; i < 4; ++i) record[12 + i] = static_cast<char>(size >> 8 * i);
  return record;
}

std::string Objection(const std::string& bytes, TraceFormat format) {
  return std::string(ReadTrace(bytes, format).status().message());
}

TEST(TraceTest, KeysWithAndWithoutSizes) {
  const auto trace = ReadTrace(
      "# comment\nuser:1 100\nuser:2\t200\r\n\nuser:1,300\nüser 7\nuser:2\nx 0",
      TraceFormat::kKeys);
  ASSERT_TRUE(trace.ok()) << trace.status();
  ASSERT_EQ(trace->size(), 6u);
  EXPECT_EQ((*trace)[0].size, 100u);
  EXPECT_EQ((*trace)[1].size, 200u);
  EXPECT_EQ((*trace)[2].size, 300u);
  EXPECT_EQ((*trace)[0].key, (*trace)[2].key);
  EXPECT_EQ((*trace)[1].key, (*trace)[4].key);
  EXPECT_NE((*trace)[0].key, (*trace)[1].key);
  EXPECT_EQ((*trace)[4].size, 1u);
  EXPECT_EQ((*trace)[5].size, 1u) << "nothing weighs nothing";
}

TEST(TraceTest, ALineThatIsWrongIsNamed) {
  EXPECT_THAT(Objection("a 1\n\nb many\n", TraceFormat::kKeys),
              HasSubstr("line 3: \"many\""));
  EXPECT_THAT(Objection("a 1 2\n", TraceFormat::kKeys), HasSubstr("line 1"));
  EXPECT_THAT(Objection("a -1\n", TraceFormat::kKeys), HasSubstr("line 1"));
  EXPECT_THAT(Objection("a 4294967296\n", TraceFormat::kKeys),
              HasSubstr("line 1"));
  EXPECT_THAT(Objection(std::string("a\nb\0c\n", 6), TraceFormat::kKeys),
              HasSubstr("line 2: not text"));
}

TEST(TraceTest, Records) {
  const auto trace =
      ReadTrace(OracleRecord(7, 512) + OracleRecord(8, 0) + OracleRecord(7, 1),
                TraceFormat::kOracle);
  ASSERT_TRUE(trace.ok()) << trace.status();
  ASSERT_EQ(trace->size(), 3u);
  EXPECT_EQ((*trace)[0].size, 512u);
  EXPECT_EQ((*trace)[1].size, 1u);
  EXPECT_EQ((*trace)[0].key, (*trace)[2].key);
  const auto keys = ReadTrace(std::string("\0\0\0\1\0\0\1\0\0\0\0\1", 12),
                              TraceFormat::kInt32);
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->size(), 3u);
  EXPECT_EQ((*keys)[0].key, (*keys)[2].key);
  EXPECT_NE((*keys)[0].key, (*keys)[1].key);
}

TEST(TraceTest, ARecordThatIsCutOffIsNamed) {
  EXPECT_THAT(Objection(OracleRecord(1, 1) + "more", TraceFormat::kOracle),
              HasSubstr("byte 24"));
  EXPECT_THAT(Objection("12345", TraceFormat::kInt32), HasSubstr("byte 4"));
}

TEST(TraceTest, NothingIsNoTrace) {
  for (const TraceFormat format :
       {TraceFormat::kKeys, TraceFormat::kOracle, TraceFormat::kInt32}) {
    EXPECT_THAT(Objection("", format), HasSubstr("no request"));
  }
  EXPECT_THAT(Objection("# a\n\n", TraceFormat::kKeys),
              HasSubstr("no request"));
}

TEST(TraceTest, FormatsAreGuessedAndNamed) {
  const std::string ints(24 * 4, '\1');
  EXPECT_EQ(GuessTraceFormat("a.txt", "user:1 5\nüser\n"), TraceFormat::kKeys);
  EXPECT_EQ(GuessTraceFormat("x.oracleGeneral.bin", "a"), TraceFormat::kOracle);
  EXPECT_EQ(GuessTraceFormat("x.bin", OracleRecord(1, 2)),
            TraceFormat::kOracle);
  EXPECT_EQ(GuessTraceFormat("web07.trace", ints), TraceFormat::kInt32);
  EXPECT_EQ(GuessTraceFormat("-", std::string(28, '\0')), TraceFormat::kInt32);
  EXPECT_EQ(TraceFormatOf("keys"), TraceFormat::kKeys);
  EXPECT_EQ(TraceFormatOf("oracle"), TraceFormat::kOracle);
  EXPECT_EQ(TraceFormatOf("int32"), TraceFormat::kInt32);
  EXPECT_EQ(TraceFormatOf("csv"), std::nullopt);
}

}  // namespace
}  // namespace outrigger::cache
