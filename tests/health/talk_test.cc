// How answers are judged: whole, in pieces, broken, and hostile.
#include "health/talk/talk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace outrigger::health {
namespace {

using testing::HasSubstr;

struct Case {
  std::string answer;
  // "" passed, "?" more is needed; else part of the message.
  std::string expected;
};

void ExpectJudged(const Talk& talk, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.answer));
    const auto verdict = talk.judge(c.answer);
    if (c.expected == "?") {
      EXPECT_FALSE(verdict.has_value());
      continue;
    }
    ASSERT_TRUE(verdict.has_value());
    if (c.expected.empty()) {
      EXPECT_TRUE(verdict->status.ok()) << verdict->status;
      // In pieces: not decided until it is, and then it does not change.
      for (size_t n = 0; n < c.answer.size(); ++n) {
        const auto part = talk.judge(c.answer.substr(0, n));
        if (part.has_value()) {
          EXPECT_TRUE(part->status.ok()) << n;
        }
      }
    } else {
      EXPECT_THAT(std::string(verdict->status.message()),
                  HasSubstr(c.expected));
    }
  }
}

// Changes, cuts and repeats bytes of good answers, and makes bad ones up: every
// judge comes to an end, and says nothing that cannot be shown.
void ExpectRobust(const Talk& talk, const std::vector<std::string>& seeds) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string answer = seeds[random() % seeds.size()];
    for (size_t n = random() % 4; n > 0 && !answer.empty(); --n) {
      const size_t at = random() % answer.size();
      switch (random() % 4) {
        case 0:
          answer[at] = static_cast<char>(random());
          break;
        case 1:
          answer.resize(at);
          break;
        case 2:
          answer.insert(at, answer);
          break;
        default:
          answer.insert(at, 1, static_cast<char>(random()));
      }
    }
    const auto verdict = talk.judge(answer.substr(0, kMaxAnswerBytes));
    if (!verdict.has_value()) continue;
    for (const char c : verdict->status.message()) {
      ASSERT_TRUE(c >= ' ' && c <= '~');
    }
    ASSERT_LT(verdict->status.message().size(), 1000);
  }
}

std::string Message(char type, const std::string& body) {
  const auto length = static_cast<uint32_t>(4 + body.size());
  return std::string(1, type) + static_cast<char>(length >> 24) +
         static_cast<char>(length >> 16) + static_cast<char>(length >> 8) +
         static_cast<char>(length) + body;
}

std::string PostgresError(const std::string& code, const std::string& text) {
  using namespace std::string_literals;
  return Message('E', "SFATAL\0VFATAL\0C"s + code + "\0M"s + text + "\0\0"s);
}

TEST(HttpTalk, AsksForThePath) {
  EXPECT_EQ(HttpTalk("/health", "h:80").opening,
            "GET /health HTTP/1.1\r\nHost: h:80\r\nUser-Agent: outrigger\r\n"
            "Accept: */*\r\nConnection: close\r\n\r\n");
}

TEST(HttpTalk, PassesWhatIsWell) {
  ExpectJudged(
      HttpTalk("/", "h"),
      {{"HTTP/1.1 200 OK\r\n", ""},
       {"HTTP/1.0 204\r\n", ""},
       {"HTTP/1.1 399 x\r\nServer: y", ""},
       {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", ""},
       {"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n", ""},
       {"HTTP/1.1 199 x\r\n\r\nHTTP/1.1 503 x\r\n", "503"},
       {"HTTP/1.1 400 Bad\r\n", "HTTP/1.1 400 Bad"},
       {"HTTP/1.1 503 Service Unavailable\r\n", "503"},
       {"HTTP/1.1 101 Switching\r\n", "101"},
       {"HTTP/1.1 600 x\r\n", "600"},
       {"", "?"},
       {"HTTP/1", "?"},
       {"HTTP/1.1 200 OK", "?"},
       {"HTTP/1.1 100 Continue\r\nX: y", "?"},
       {"HTTP/1.1 20 OK\r\n", "answered"},
       {"HTTP/1.1 2000 OK\r\n", "answered"},
       {"HTTP/1.1 2x0 OK\r\n", "answered"},
       {"HTTP/1.1  200 OK\r\n", "answered"},
       {"HTTP/1.x 200 OK\r\n", "answered"},
       {"HTTP/1.1 200\tOK\r\n", "answered"},
       {"HTTP/2 200\r\n", "no HTTP"},
       {"SSH-2.0-OpenSSH\r\n", "no HTTP: SSH"},
       {"\n\xff", "no HTTP: \\n\\xff"}});
  ExpectRobust(HttpTalk("/", "h"),
               {"HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\n\r\n"});
}

TEST(RedisTalk, PassesAServerThatLives) {
  EXPECT_EQ(RedisTalk().opening, "*1\r\n$4\r\nPING\r\n");
  ExpectJudged(
      RedisTalk(),
      {{"+PONG\r\n", ""},
       {"-NOAUTH Authentication required.\r\n", ""},
       {"-NOPERM this user has no permissions\r\n", ""},
       {"-LOADING Redis is loading the dataset in memory\r\n", "LOADING"},
       {"-MASTERDOWN Link with MASTER is down\r\n", "MASTERDOWN"},
       {"-ERR max number of clients reached\r\n", "max number of clients"},
       {"-DENIED Redis is running in protected mode\r\n", "DENIED"},
       {"-NOAUTHX\r\n", "NOAUTHX"},
       {"+PONGO\r\n", "PONGO"},
       {"", "?"},
       {"+PON", "?"},
       {"+PONG\r", "?"},
       {"$4\r\nPONG\r\n", "no RESP"},
       {"HTTP/1.1 400 Bad Request\r\n", "no RESP"}});
  ExpectRobust(RedisTalk(), {"+PONG\r\n", "-NOAUTH x\r\n", "-LOADING x\r\n"});
}

TEST(PostgresTalk, SendsTheStartupPacket) {
  using namespace std::string_literals;
  EXPECT_EQ(PostgresTalk("u", "d").opening,
            "\0\0\0\x43\0\x03\0\0"
            "user\0u\0database\0d\0application_name\0outrigger health "
            "check\0\0"s);
  EXPECT_THAT(PostgresTalk("u", "").opening, HasSubstr("database\0u\0"s));
}

TEST(PostgresTalk, PassesAServerThatLives) {
  using namespace std::string_literals;
  const std::string authenticated = Message('R', "\0\0\0\0"s);
  const std::string parameter = Message('S', "TimeZone\0UTC\0"s);
  const std::string ready = Message('Z', "I");
  const std::vector<Case> cases = {
      {Message('R', "\0\0\0\x03"s), ""},
      {Message('R', "\0\0\0\x0aSCRAM-SHA-256\0\0"s), ""},
      {authenticated + parameter + Message('K', "12345678") + ready, ""},
      {Message('N', "Shello\0\0"s) + Message('R', "\0\0\0\x05salt"s), ""},
      {Message('v', "\0\0\0\0\0\0\0\0"s) + authenticated + ready, ""},
      {PostgresError("28P01", "password authentication failed"), ""},
      {PostgresError("28000", "no pg_hba.conf entry"), ""},
      {authenticated + PostgresError("3D000", "no such database"), ""},
      {authenticated, "?"},
      {authenticated + parameter, "?"},
      {PostgresError("53300", "sorry, too many clients already"),
       "refuses: 53300 sorry, too many clients already"},
      {authenticated + PostgresError("53300", "reserved"), "53300"},
      {PostgresError("57P03", "the database system is starting up"), "57P03"},
      {PostgresError("57P01", "terminating connection"), "57P01"},
      {PostgresError("2", "odd"), "2 odd"},
      {Message('E', ""), "refuses"},
      {Message('E', "C28"), "refuses"},  // no end: no code
      {Message('E', "\xff\xfe"), "refuses"},
      {"Ecould not fork new process for connection: Cannot allocate\n"s,
       "could not fork"},
      {Message('R', ""), "no PostgreSQL"},
      {Message('T', "x"), "no PostgreSQL: T"},
      {"R\0\0\0\x03"s, "PostgreSQL"},
      {"R\x7f\xff\xff\xff"s, "PostgreSQL"},
      {"HTTP/1.1 400 Bad Request\r\n", "no PostgreSQL"},
      {"", "?"},
      {"R", "?"},
      {"R\0\0\0"s, "?"},
      {"R\0\0\0\x08\0\0\0"s, "?"}};
  ExpectJudged(PostgresTalk("u", "d"), cases);
  std::vector<std::string> seeds;
  for (const Case& c : cases) seeds.push_back(c.answer);
  ExpectRobust(PostgresTalk("u", "d"), seeds);
}

TEST(PostgresTalk, SaysGoodbyeOnlyToOneThatIsReady) {
  using namespace std::string_literals;
  const Talk talk = PostgresTalk("u", "d");
  EXPECT_EQ(talk.judge(Message('R', "\0\0\0\0"s) + Message('Z', "I"))->farewell,
            "X\0\0\0\4"s);
  EXPECT_EQ(talk.judge(Message('R', "\0\0\0\x03"s))->farewell, "");
  EXPECT_EQ(talk.judge(PostgresError("28000", "x"))->farewell, "");
}

TEST(Refused, QuotesAndCuts) {
  EXPECT_EQ(Refused("no", std::string("a\0\n\xc3\xa4", 5)).status.message(),
            "no: a\\x00\\n\\xc3\\xa4");
  EXPECT_LE(Refused("no", std::string(5000, 'x')).status.message().size(), 204);
}

}  // namespace
}  // namespace outrigger::health
