// Options, URLs, replies and errors: what is read and written, without a
// server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "redis/options.h"
#include "redis/url.h"
#include "redis/wire/cluster_slots.h"
#include "redis/wire/command.h"
#include "redis/wire/reply_parser.h"
#include "redis/wire/server_error.h"

namespace outrigger::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Url, NamesEverything) {
  const auto tcp = ParseUrl("redis://us%40er:p%2Fw@db.example:7000/3");
  ASSERT_EQ(tcp.status(), absl::OkStatus());
  EXPECT_EQ(ToString(tcp->addresses[0]), "db.example:7000");
  EXPECT_EQ(tcp->username, "us@er");
  EXPECT_EQ(tcp->password, "p/w");
  EXPECT_EQ(tcp->database, 3);
  EXPECT_FALSE(tcp->tls.enabled);
  EXPECT_EQ(Validate(*tcp), absl::OkStatus());

  const auto tls = ParseUrl("rediss://:secret@[::1]");
  ASSERT_EQ(tls.status(), absl::OkStatus());
  EXPECT_EQ(ToString(tls->addresses[0]), "[::1]:6379");
  EXPECT_EQ(tls->username, "");
  EXPECT_EQ(tls->password, "secret");
  EXPECT_TRUE(tls->tls.enabled);

  const auto local = ParseUrl("unix:///run/redis%20a.sock?db=2");
  ASSERT_EQ(local.status(), absl::OkStatus());
  EXPECT_EQ(local->addresses[0].unix_path, "/run/redis a.sock");
  EXPECT_EQ(local->database, 2);
  EXPECT_EQ(Validate(*local), absl::OkStatus());
}

TEST(Url, IsReadStrictlyAndKeepsThePasswordToItself) {
  for (const char* url : {"",
                          "localhost:6379",
                          "http://x",
                          "redis://",
                          "redis://:0",
                          "redis://h:0",
                          "redis://h:65536",
                          "redis://h:",
                          "redis://h:x",
                          "redis://h/x",
                          "redis://h/-1",
                          "redis://user@h",
                          "redis://a:hunter2%zz@h",
                          "redis://:hunter2@h:x",
                          "redis://::1",
                          "redis://[::1",
                          "redis://[::1]x",
                          "redis://h?x=1",
                          "unix://relative",
                          "unix:///a?x=1",
                          "unix:///a?db=x"}) {
    const auto options = ParseUrl(url);
    EXPECT_EQ(options.status().code(), absl::StatusCode::kInvalidArgument)
        << url;
    EXPECT_THAT(options.status().message(), Not(HasSubstr("hunter2"))) << url;
  }
}

TEST(Options, SayWhichFieldIsWrong) {
  Options good;
  good.addresses.resize(1);
  good.addresses[0].host = "h";
  ASSERT_EQ(Validate(good), absl::OkStatus());
  const auto complaint = [&](auto change) {
    Options options = good;
    change(options);
    return std::string(Validate(options).message());
  };
  EXPECT_THAT(complaint([](Options& o) { o.addresses.clear(); }),
              HasSubstr("addresses"));
  EXPECT_THAT(complaint([](Options& o) { o.addresses.resize(2); }),
              HasSubstr("addresses"));
  EXPECT_THAT(complaint([](Options& o) { o.mode = Mode::kSentinel; }),
              HasSubstr("sentinel.master"));
  EXPECT_THAT(complaint([](Options& o) {
                o.mode = Mode::kCluster;
                o.database = 1;
              }),
              HasSubstr("database"));
  EXPECT_THAT(complaint([](Options& o) { o.prefix = "a{b}"; }),
              HasSubstr("prefix"));
  EXPECT_THAT(complaint([](Options& o) { o.username = "u"; }),
              HasSubstr("username"));
  EXPECT_THAT(complaint([](Options& o) { o.tls.cert_file = "c"; }),
              HasSubstr("tls.cert_file"));
  EXPECT_THAT(complaint([](Options& o) { o.timeout = Duration::zero(); }),
              HasSubstr("timeout"));
  EXPECT_THAT(complaint([](Options& o) { o.max_in_flight = 0; }),
              HasSubstr("max_in_flight"));
}

TEST(ReplyParser, ReadsEveryKindInAnyPieces) {
  const std::string bytes =
      "+OK\r\n:-42\r\n$5\r\na\r\nbc\r\n$-1\r\n*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*"
      "0\r\n"
      "$1\r\ny\r\n-ERR no\r\n";
  for (const size_t piece : {size_t{1}, size_t{7}, bytes.size()}) {
    ReplyParser parser;
    std::vector<Reply> replies;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      ASSERT_TRUE(parser.Feed(absl::string_view(bytes).substr(at, piece)));
      Reply reply;
      for (auto whole = parser.Next(&reply);; whole = parser.Next(&reply)) {
        ASSERT_EQ(whole.status(), absl::OkStatus());
        if (!*whole) break;
        replies.push_back(std::move(reply));
      }
    }
    ASSERT_EQ(replies.size(), 6u);
    EXPECT_TRUE(replies[0].IsStatus("OK"));
    EXPECT_EQ(replies[1].integer, -42);
    EXPECT_EQ(replies[2].text, "a\r\nbc");
    EXPECT_TRUE(replies[3].IsNil());
    ASSERT_EQ(replies[4].elements.size(), 3u);
    EXPECT_EQ(replies[4].elements[1].elements[0].text, "x");
    EXPECT_TRUE(replies[4].elements[1].elements[1].elements.empty());
    EXPECT_EQ(replies[4].elements[2].text, "y");
    EXPECT_EQ(replies[5].text, "ERR no");
  }
}

TEST(ReplyParser, HasABoundOnBytesAndOnValues) {
  Reply reply;
  ReplyParser bytes;
  ASSERT_TRUE(bytes.Feed("$500000000\r\n"));
  const std::string chunk(1 << 20, 'x');
  for (size_t i = 1; i < kMaxReplyBytes / chunk.size(); ++i) {
    ASSERT_TRUE(bytes.Feed(chunk));
    ASSERT_TRUE(bytes.Next(&reply).ok());
  }
  ASSERT_TRUE(bytes.Feed(chunk));
  ASSERT_TRUE(bytes.Feed(chunk));
  EXPECT_FALSE(bytes.Next(&reply).ok());

  ReplyParser values;
  ASSERT_TRUE(values.Feed("*2000000\r\n"));
  bool refused = false;
  for (int i = 0; i < 200 && !refused; ++i) {
    std::string many;
    for (int k = 0; k < 10'000; ++k) many += ":1\r\n";
    ASSERT_TRUE(values.Feed(many));
    refused = !values.Next(&reply).ok();
  }
  EXPECT_TRUE(refused);
}

TEST(ServerError, IsClassified) {
  EXPECT_EQ(ClassifyError("MOVED 1 a:1"), ServerError::kMoved);
  EXPECT_EQ(ClassifyError("ASK 1 a:1"), ServerError::kAsk);
  EXPECT_EQ(ClassifyError("TRYAGAIN Multiple"), ServerError::kTryAgain);
  EXPECT_EQ(ClassifyError("LOADING Redis"), ServerError::kNotReady);
  EXPECT_EQ(ClassifyError("READONLY You can't"), ServerError::kReadOnly);
  EXPECT_EQ(ClassifyError("ERR Error running script: -READONLY You can't"),
            ServerError::kReadOnly);
  EXPECT_EQ(ClassifyError("OOM command not allowed"), ServerError::kRefusing);
  EXPECT_EQ(ClassifyError("WRONGPASS x"), ServerError::kNoAuth);
  EXPECT_EQ(ClassifyError("ERR max number of clients reached"),
            ServerError::kTooMany);
  EXPECT_EQ(ClassifyError("WRONGTYPE x"), ServerError::kOther);
  EXPECT_EQ(ClassifyError(""), ServerError::kOther);
}

TEST(Redirect, IsReadOrRefused) {
  const auto redirect = ParseRedirect("MOVED 16383 ::1:7000");
  ASSERT_TRUE(redirect);
  EXPECT_EQ(redirect->slot, 16383);
  EXPECT_EQ(redirect->address.host, "::1");
  EXPECT_EQ(redirect->address.port, 7000);
  EXPECT_TRUE(ParseRedirect("ASK 1 :7000")->address.host.empty());
  for (const char* text : {"MOVED", "MOVED 1", "MOVED 16384 a:1", "MOVED x a:1",
                           "MOVED 1 a", "MOVED 1 a:0", "MOVED 1 a:70000"}) {
    EXPECT_FALSE(ParseRedirect(text)) << text;
  }
}

TEST(Command, AScriptIsSentByItsText) {
  const Script script("one", "return 1");
  Command command;
  command.script = &script;
  command.wire = WireOf({"EVALSHA", script.sha1(), "1", "a\r\nb"});
  ExpandScript(command);
  EXPECT_EQ(command.wire, WireOf({"EVAL", "return 1", "1", "a\r\nb"}));
}

TEST(Command, IsAnsweredOnceEvenIfDropped) {
  int answers = 0;
  {
    auto command =
        MakeCommand({"PING"}, Command::kAnySlot,
                    [&](const absl::StatusOr<Reply>&) { ++answers; });
    command->Finish(Reply());
    command->Finish(Reply());
  }
  EXPECT_EQ(answers, 1);
  MakeCommand({"PING"}, Command::kAnySlot,
              [&](const absl::StatusOr<Reply>& reply) {
                answers += reply.ok() ? 0 : 1;
              });
  EXPECT_EQ(answers, 2);
}

}  // namespace
}  // namespace outrigger::redis
