// A request's bytes, well formed and not.
#include "admin/http/head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/http/accept.h"

namespace outrigger::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

Head Good(const std::string& text) {
  auto parsed = ParseHead(text + "\r\n\r\n");
  EXPECT_TRUE(std::holds_alternative<Head>(parsed)) << text;
  return std::holds_alternative<Head>(parsed) ? std::get<Head>(parsed) : Head{};
}

int StatusOf(const std::string& text) {
  const auto parsed = ParseHead(text + "\r\n\r\n");
  const auto* const response = std::get_if<Response>(&parsed);
  return response == nullptr ? 0 : response->status;
}

TEST(ParseHead, TakesARequestApart) {
  const Head head = Good(
      "PUT /a%20b?x=1&y=a+b%26&flag HTTP/1.1\r\nHost: h\r\nX-Y:  z \r\n"
      "Content-Length: 12\r\nExpect: 100-continue");
  EXPECT_EQ(head.request.method, "PUT");
  EXPECT_EQ(head.request.path, "/a b");
  EXPECT_THAT(head.request.query,
              ElementsAre(Pair("x", "1"), Pair("y", "a b&"), Pair("flag", "")));
  EXPECT_EQ(head.request.HeaderOf("x-y"), "z");
  EXPECT_EQ(head.body_bytes, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expects_continue);
}

TEST(ParseHead, KeepsTheConnectionAsTheVersionHasIt) {
  EXPECT_TRUE(Good("GET / HTTP/1.1\r\nHost: h").keep_alive);
  EXPECT_FALSE(
      Good("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close").keep_alive);
  EXPECT_FALSE(Good("GET / HTTP/1.0").keep_alive);
  EXPECT_TRUE(Good("GET / HTTP/1.0\r\nConnection: Keep-Alive").keep_alive);
}

TEST(ParseHead, TakesAnAbsoluteTarget) {
  EXPECT_EQ(Good("GET http://other HTTP/1.1\r\nHost: h").request.path, "/");
  const Head full = Good("GET http://other:1/p?a=b HTTP/1.1\r\nHost: h");
  EXPECT_EQ(full.request.path, "/p");
  EXPECT_EQ(full.request.HeaderOf("host"), "other:1");
}

TEST(ParseHead, RefusesWhatIsMalformed) {
  const struct {
    const char* text;
    int status;
  } kCases[] = {
      {"", 400},
      {"GET /", 400},
      {"GET  / HTTP/1.1\r\nHost: h", 400},
      {"GET / HTTP/2.0\r\nHost: h", 505},
      {"GET / FTP/1.1\r\nHost: h", 400},
      {"G(T / HTTP/1.1\r\nHost: h", 400},
      {"GET x HTTP/1.1\r\nHost: h", 400},
      {"OPTIONS * HTTP/1.1\r\nHost: h", 400},
      {"GET /%0 HTTP/1.1\r\nHost: h", 400},
      {"GET /%zz HTTP/1.1\r\nHost: h", 400},
      {"GET /%00 HTTP/1.1\r\nHost: h", 400},
      {"GET /?a=%0d%0a HTTP/1.1\r\nHost: h", 400},
      {"GET / HTTP/1.1", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nHost: h", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\n folded", 400},
      {"GET / HTTP/1.1\r\nHost : h", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nno colon", 400},
      {"GET / HTTP/1.1\r\nHost: h\nX: y", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: ", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999",
       400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1",
       400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked", 411},
  };
  for (const auto& c : kCases) EXPECT_EQ(StatusOf(c.text), c.status) << c.text;
  using namespace std::string_literals;  // NOLINT
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b"s), 400);
}

Request With(const std::string& name, const std::string& value) {
  return {.headers = {{name, value}}};
}

TEST(Accept, WeighsTypes) {
  const auto wants = [](const std::string& accept, const char* type) {
    return Wants(With("accept", accept), type);
  };
  EXPECT_EQ(Wants(Request{}, "text/plain"), 1);
  EXPECT_EQ(wants("text/plain", "text/plain"), 1);
  EXPECT_EQ(wants("text/plain", "application/json"), 0);
  EXPECT_EQ(wants("a/b;v=1;q=0.5, text/*;q=0.2", "a/b"), 0.5);
  EXPECT_EQ(wants("a/b;q=0.5, text/*;q=0.2, */*;q=0.1", "text/x"), 0.2);
  EXPECT_EQ(wants("a/b;q=0.5, text/*;q=0.2, */*;q=0.1", "x/y"), 0.1);
  EXPECT_EQ(wants("a/b;q=0, */*", "a/b"), 0);
  EXPECT_EQ(wants("a/b;q=oops", "a/b"), 0);
}

TEST(Accept, KnowsWhoTakesGzip) {
  EXPECT_FALSE(TakesGzip(Request{}));
  EXPECT_TRUE(TakesGzip(With("accept-encoding", "deflate, GZIP;q=0.5")));
  EXPECT_TRUE(TakesGzip(With("accept-encoding", "*")));
  EXPECT_FALSE(TakesGzip(With("accept-encoding", "gzip;q=0, *")));
  EXPECT_FALSE(TakesGzip(With("accept-encoding", "br")));
}

TEST(JsonQuote, EscapesAndRepairs) {
  EXPECT_EQ(JsonQuote("a\"\\\n\x7F"), "\"a\\\"\\\\\\u000a\\u007f\"");
  EXPECT_EQ(JsonQuote("ä€😀"), "\"ä€😀\"");
  EXPECT_EQ(
      JsonQuote("\xC3(\xF5\xED\xA0\x80"),
      "\"\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace outrigger::admin
