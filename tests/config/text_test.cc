// Durations, rates, sizes, numbers, addresses and hints: what is read, and what
// is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/address.h"
#include "config/text/byte_size.h"
#include "config/text/duration.h"
#include "config/text/number.h"
#include "config/text/problem.h"
#include "config/text/rate.h"
#include "config/text/suggest.h"
#include "config/text/utf8.h"

namespace outrigger::config {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(Duration, ReadsWhatPeopleWrite) {
  const struct {
    const char* text;
    Duration expected;
  } kCases[] = {
      {"50ms", milliseconds(50)},
      {"1m", minutes(1)},
      {"1h30m", minutes(90)},
      {"2d", hours(48)},
      {"1.5s", milliseconds(1500)},
      {"0", Duration(0)},
      {"0s", Duration(0)},
      {"60s", seconds(60)},
      {"1d1h1m1s1ms1us1ns", hours(25) + minutes(1) + seconds(1) +
                                milliseconds(1) + microseconds(1) +
                                nanoseconds(1)},
      {"0.5us", nanoseconds(500)},
      {"1h0.5m", hours(1) + seconds(30)},
      {"36500d", hours(36500 * 24)},
  };
  for (const auto& c : kCases) {
    const auto parsed = ParseDuration(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text << ": " << parsed.status();
    EXPECT_EQ(*parsed, c.expected) << c.text;
    EXPECT_EQ(*ParseDuration(FormatDuration(*parsed)), c.expected) << c.text;
  }
}

TEST(Duration, RefusesTheRest) {
  for (const char* text : {"",
                           "5",
                           "s",
                           "-1s",
                           "+1s",
                           "1 s",
                           " 1s",
                           "1s ",
                           "1S",
                           "1min",
                           "1s1s",
                           "1s1m",
                           "1.s",
                           ".5s",
                           "1..5s",
                           "1.5h30m",
                           "1e3s",
                           "inf",
                           "nan",
                           "0x1s",
                           "36501d",
                           "99999999999999999999d",
                           "1d99999999999h",
                           "1w",
                           "1µs",
                           "00",
                           "1.5",
                           "1s5"}) {
    EXPECT_EQ(ParseDuration(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
  EXPECT_THAT(ParseDuration("5").status().message(), HasSubstr("no unit"));
}

TEST(Duration, IsWrittenWithTheLargestUnits) {
  EXPECT_EQ(FormatDuration(seconds(90)), "1m30s");
  EXPECT_EQ(FormatDuration(milliseconds(50)), "50ms");
  EXPECT_EQ(FormatDuration(hours(48)), "2d");
  EXPECT_EQ(FormatDuration(Duration(0)), "0");
}

TEST(Rate, ReadsANumberPerDuration) {
  const struct {
    const char* text;
    double tokens;
    int64_t period_us;
  } kCases[] = {
      {"100/1m", 100, 60'000'000}, {"100/m", 100, 60'000'000},
      {"10/s", 10, 1'000'000},     {"5/30s", 5, 30'000'000},
      {"0.5/1h", 0.5, 3600000000}, {"1/ms", 1, 1'000},
      {"7/1h30m", 7, 5400000000},  {"3/1.5s", 3, 1'500'000},
  };
  for (const auto& c : kCases) {
    const auto rate = ParseRate(c.text);
    ASSERT_TRUE(rate.ok()) << c.text << ": " << rate.status();
    EXPECT_EQ(rate->tokens, c.tokens) << c.text;
    EXPECT_EQ(rate->period_us, c.period_us) << c.text;
    EXPECT_EQ(*ParseRate(FormatRate(*rate)), *rate) << c.text;
  }
}

TEST(Rate, RefusesTheRest) {
  for (const char* text :
       {"",        "100",   "/1s",      "100/",    "100/1",
        "-1/s",    "0/s",   "1/0s",     "1/-1s",   "1 / s",
        "1/1s/1s", "x/s",   "1/x",      "1e9/s",   "inf/s",
        "nan/s",   "1/1ns", "1/1500ns", "1,000/s", "9999999999999999/s"}) {
    EXPECT_EQ(ParseRate(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(ByteSize, ReadsUnits) {
  const struct {
    const char* text;
    int64_t expected;
  } kCases[] = {
      {"0", 0},
      {"1B", 1},
      {"1KiB", 1024},
      {"64MiB", 64LL << 20},
      {"2GiB", 2LL << 30},
      {"1TiB", 1LL << 40},
      {"1kB", 1000},
      {"5MB", 5'000'000},
      {"1024TiB", 1LL << 50},
  };
  for (const auto& c : kCases) {
    const auto size = ParseByteSize(c.text);
    ASSERT_TRUE(size.ok()) << c.text << ": " << size.status();
    EXPECT_EQ(*size, c.expected) << c.text;
    EXPECT_EQ(*ParseByteSize(FormatByteSize(*size)), c.expected) << c.text;
  }
  for (const char* text : {"", "64", "-1B", "1.5MiB", "1 KiB", "KiB", "1kb",
                           "1M", "1025TiB", "99999999999999999999B"}) {
    EXPECT_FALSE(ParseByteSize(text).ok()) << text;
  }
}

TEST(Number, IsPlainDecimal) {
  for (const char* text : {"0", "1", "0.5", "100", "1000000000000000", "007"}) {
    EXPECT_TRUE(ParseNumber(text).ok()) << text;
  }
  for (const char* text : {"", "-1", "+1", "1.", ".5", "1e3", "0x1", "inf",
                           "nan", "1 ", "1000000000000001", "1.2.3", "1,5"}) {
    EXPECT_FALSE(ParseNumber(text).ok()) << text;
  }
  for (const double value : {0.0, 0.1, 1.0 / 3, 1e15, 1e-6, 123456.789}) {
    EXPECT_EQ(*ParseNumber(FormatNumber(value)), value);
  }
}

TEST(Address, ReadsHostAndPort) {
  const struct {
    const char* text;
    const char* host;
    int port;
    bool loopback;
  } kCases[] = {
      {"127.0.0.1:7420", "127.0.0.1", 7420, true},
      {"127.9.9.9:1", "127.9.9.9", 1, true},
      {"localhost:0", "localhost", 0, true},
      {"[::1]:65535", "::1", 65535, true},
      {"0.0.0.0:7420", "0.0.0.0", 7420, false},
      {"[::]:7420", "::", 7420, false},
      {"10.0.0.1:1", "10.0.0.1", 1, false},
      {"127.0.0.1.example.com:1", "127.0.0.1.example.com", 1, false},
      {"[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1, false},
  };
  for (const auto& c : kCases) {
    const auto address = ParseAddress(c.text);
    ASSERT_TRUE(address.ok()) << c.text << ": " << address.status();
    EXPECT_EQ(address->host, c.host);
    EXPECT_EQ(address->port, c.port);
    EXPECT_EQ(IsLoopback(*address), c.loopback) << c.text;
    EXPECT_EQ(ToString(*address), c.text);
  }
  for (const char* text :
       {"", "7420", ":7420", "host", "host:", "host:x", "host:65536", "host:-1",
        "::1:7420", "[::1]", "[]:1", "[x]:1", "a b:1", "h:1:2", "http://h:1",
        "user@h:1", "h:000080"}) {
    EXPECT_FALSE(ParseAddress(text).ok()) << text;
  }
}

TEST(DidYouMean, NamesANearNeighbour) {
  const std::vector<std::string> known = {"burst", "rate", "name", "overrides"};
  EXPECT_EQ(DidYouMean("brust", known), " (did you mean burst?)");
  EXPECT_EQ(DidYouMean("bursts", known), " (did you mean burst?)");
  EXPECT_EQ(DidYouMean("override", known), " (did you mean overrides?)");
  EXPECT_EQ(DidYouMean("rat", known), " (did you mean rate?)");
  EXPECT_EQ(DidYouMean("colour", known), "");
  EXPECT_EQ(DidYouMean("", known), "");
  EXPECT_EQ(DidYouMean(std::string(100, 'b'), known), "");
}

TEST(Utf8, FindsTheFirstBadByte) {
  for (const absl::string_view good :
       {"", "plain\ttext\r\n", "µ €", "\xF0\x9F\x9A\xA3", "\xED\x9F\xBF"}) {
    EXPECT_EQ(FirstBadByte(good), good.size()) << good;
  }
  const struct {
    absl::string_view text;
    size_t expected;
  } kCases[] = {
      {absl::string_view("a\0b", 3), 1},
      {"ab\x1b", 2},
      {"\x7f", 0},
      {"a\xff", 1},
      {"\xc0\x80", 0},
      {"\xc3", 0},
      {"a\xe2\x82", 1},
      {"\xe0\x80\x80", 0},
      {"\xed\xa0\x80", 0},
      {"\xf4\x90\x80\x80", 0},
      {"\xf0\x80\x80\x80", 0},
      {"\xf5\x80\x80\x80", 0},
  };
  for (const auto& c : kCases) EXPECT_EQ(FirstBadByte(c.text), c.expected);
}

TEST(Problem, IsOneLine) {
  Problem problem{Problem::Severity::kError, Place{3, 5, ""}, "limits[0].brust",
                  "unknown key"};
  EXPECT_EQ(Format(problem, "a.yaml"),
            "a.yaml:3: column 5: limits[0].brust: unknown key");
  problem.place = Place{0, 0, "OUTRIGGER_X"};
  EXPECT_EQ(Format(problem, "a.yaml"),
            "environment: OUTRIGGER_X: limits[0].brust: unknown key");
  problem = {Problem::Severity::kWarning, Place{}, "", "odd"};
  EXPECT_EQ(Format(problem, ""), "configuration: warning: odd");
}

TEST(Quote, KeepsAMessagePrintableAndShort) {
  EXPECT_EQ(Quote("a\nb"), "'a\\nb'");
  EXPECT_EQ(Quote(std::string(1000, 'x')), "'" + std::string(60, 'x') + "…'");
  // A character of two bytes is not cut in half.
  EXPECT_EQ(Quote(std::string(59, 'x') + "µµ"),
            "'" + std::string(59, 'x') + "…'");
}

TEST(Problems, AreKeptUpToABound) {
  Problems problems;
  for (size_t i = 0; i < Problems::kMaxKept + 7; ++i) {
    problems.Error(Place{}, "", "x");
  }
  EXPECT_EQ(problems.errors(), Problems::kMaxKept + 7);
  const std::vector<Problem> taken = std::move(problems).Take();
  ASSERT_EQ(taken.size(), Problems::kMaxKept + 1);
  EXPECT_EQ(taken.back().message, "and 7 more problems");
}

}  // namespace
}  // namespace outrigger::config
