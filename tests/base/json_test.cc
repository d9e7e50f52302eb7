#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace outrigger {
namespace {

std::string Quoted(absl::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

std::string Written(double number) {
  std::string out;
  AppendJsonNumber(number, out);
  return out;
}

TEST(Json, EscapesWhatJsonDoesNotAllow) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(Quoted(absl::string_view("\0\x1f\x7f", 3)),
            R"("\u0000\u001f\u007f")");
  EXPECT_EQ(Quoted("Größe 量 😀"), "\"Größe 量 😀\"");
}

TEST(Json, ReplacesBytesThatAreNotUtf8) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(Quoted("\xff"), "\"" + bad + "\"");
  EXPECT_EQ(Quoted("a\xc3"), "\"a" + bad + "\"");
  EXPECT_EQ(Quoted("\xc0\xaf"), "\"" + bad + bad + "\"");  // overlong
  EXPECT_EQ(Quoted("\xed\xa0\x80"),
            "\"" + bad + bad + bad + "\"");  // surrogate
  EXPECT_EQ(Quoted("\xf4\x90\x80\x80"),
            "\"" + bad + bad + bad + bad + "\"");  // above U+10FFFF
}

TEST(Json, WritesNumbersThatAreReadBackTheSame) {
  EXPECT_EQ(Written(0), "0");
  EXPECT_EQ(Written(0.1), "0.1");
  EXPECT_EQ(Written(-1.5e300), "-1.5e+300");
  EXPECT_EQ(Written(1767225600.25), "1767225600.25");
  EXPECT_EQ(Written(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(Written(-std::numeric_limits<double>::infinity()), "null");
  std::string single;
  AppendJsonNumber(0.1F, single);
  EXPECT_EQ(single, "0.1");
}

TEST(Json, WriterPutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.BeginObject().Field("a", 1).BeginArray("b").EndArray();
  json.BeginArray("c").Value(1.5).Null().Value("x").Value(true);
  json.BeginObject().EndObject().BeginArray().EndArray().EndArray();
  json.BeginObject("d").Field("e", std::string("f")).EndObject().Key("g");
  json.Null().EndObject();
  EXPECT_EQ(std::move(json).Take(),
            R"({"a":1,"b":[],"c":[1.5,null,"x",true,{},[]],)"
            R"("d":{"e":"f"},"g":null})");
}

}  // namespace
}  // namespace outrigger
