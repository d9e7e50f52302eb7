// How the server speaks HTTP.
#include "admin/server.h"

#include <gmock/gmock.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "admin/admin_testing.h"
#include "support/wait_for.h"

namespace outrigger::admin {
namespace {

using ::testing::HasSubstr;

class ServerTest : public ::testing::Test {
 protected:
  std::vector<Route> SomeRoutes() {
    Route echo{.path = "/echo", .methods = {"PUT", "POST"}};
    echo.answer = [](const Request& request) -> Outcome {
      return Response{.body = request.body};
    };
    return {Says("/a", "one"), Says("/b", std::string(100'000, 'b')), echo};
  }

  Around around_;
  std::unique_ptr<Server> server_ = StartServer(around_, SomeRoutes());
};

TEST_F(ServerTest, AnswersWithWhatBrowsersNeedToBeSafe) {
  Answer answer = Get(server_->port(), "/a?x=y");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "one");
  EXPECT_EQ(answer.headers["content-type"], "text/plain; charset=utf-8");
  EXPECT_EQ(answer.headers["cache-control"], "no-store");
  EXPECT_EQ(answer.headers["x-content-type-options"], "nosniff");
  EXPECT_THAT(answer.headers["content-security-policy"],
              HasSubstr("default-src 'self'"));
  EXPECT_THAT(answer.headers["date"], HasSubstr(" GMT"));
  EXPECT_EQ(answer.headers.count("access-control-allow-origin"), 0u);
}

TEST_F(ServerTest, SaysWhatIsNotThereAndWhatIsNotAllowed) {
  Answer answer = Get(server_->port(), "/c");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.headers["content-type"], "application/json");
  EXPECT_EQ(answer.body, "{\"error\": \"there is nothing at this path\"}\n");
  answer = Ask(server_->port(), "DELETE", "/a");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers["allow"], "GET, HEAD");
  answer = Get(server_->port(), "/echo");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers["allow"], "PUT, POST");
  EXPECT_EQ(Get(server_->port(), "nonsense").status, 400);
}

TEST_F(ServerTest, HeadIsGetWithoutTheBody) {
  HttpClient client(server_->port());
  client.Send(RequestText("HEAD", "/a"));
  Answer answer = client.Read(/*no_body=*/true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers["content-length"], "3");
  client.Send(RequestText("GET", "/a"));
  EXPECT_EQ(client.Read().body, "one");  // and not a late body
}

TEST_F(ServerTest, KeepsTheConnectionUntilToldOtherwise) {
  HttpClient client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.Send(RequestText("GET", "/a"));
    Answer answer = client.Read();
    EXPECT_EQ(answer.body, "one");
    EXPECT_EQ(answer.headers["connection"], "keep-alive");
  }
  client.Send(RequestText("GET", "/a", {"Connection: close"}));
  EXPECT_EQ(client.Read().headers["connection"], "close");
  EXPECT_TRUE(client.Ended());
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  HttpClient client(server_->port());
  client.Send(RequestText("GET", "/a") + RequestText("PUT", "/echo", {}, "x") +
              RequestText("GET", "/b") + RequestText("GET", "/a"));
  EXPECT_EQ(client.Read().body, "one");
  EXPECT_EQ(client.Read().body, "x");
  EXPECT_EQ(client.Read().body.size(), 100'000u);
  EXPECT_EQ(client.Read().body, "one");
}

TEST_F(ServerTest, TakesRequestsInPieces) {
  HttpClient client(server_->port());
  for (const char c : RequestText("PUT", "/echo", {}, "body")) {
    client.Send(std::string(1, c));
  }
  EXPECT_EQ(client.Read().body, "body");
}

TEST_F(ServerTest, LetsAClientThatWaitsGoOn) {
  HttpClient client(server_->port());
  client.Send(
      "PUT /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("body");
  EXPECT_EQ(client.Read().body, "body");
}

TEST_F(ServerTest, AnswersOneWhoHasNoMoreToSay) {
  HttpClient client(server_->port());
  client.Send(RequestText("GET", "/b"));
  client.HalfClose();
  EXPECT_EQ(client.Read().body.size(), 100'000u);
  EXPECT_TRUE(client.Ended());
}

TEST_F(ServerTest, CompressesLargeBodiesForThoseWhoTakeIt) {
  Answer answer = Get(server_->port(), "/b", {"Accept-Encoding: br, gzip"});
  EXPECT_EQ(answer.headers["content-encoding"], "gzip");
  EXPECT_EQ(answer.headers["vary"], "Accept-Encoding");
  EXPECT_EQ(Gunzip(answer.body), std::string(100'000, 'b'));
  answer = Get(server_->port(), "/b");
  EXPECT_EQ(answer.headers.count("content-encoding"), 0u);
  EXPECT_EQ(answer.headers["vary"], "Accept-Encoding");
  answer = Get(server_->port(), "/a", {"Accept-Encoding: gzip"});
  EXPECT_EQ(answer.body, "one");
}

TEST_F(ServerTest, ClosesAfterWhatItCannotRead) {
  HttpClient client(server_->port());
  client.Send("nonsense\r\n\r\n" + std::string(10'000, 'x'));
  Answer answer = client.Read();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.headers["connection"], "close");
  client.HalfClose();
  EXPECT_TRUE(client.Ended());
}

TEST_F(ServerTest, AnAddressThatIsTakenIsAnError) {
  const auto second =
      Server::Start({.port = static_cast<uint16_t>(server_->port())}, {},
                    around_.clock, around_.registry);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(
      std::string(second.status().message()),
      HasSubstr(absl::StrCat("listen.admin: 127.0.0.1:", server_->port())));
}

TEST(ServerEnd, EndsConnectionsAndWhatTheyWaitFor) {
  Around around;
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = held;
  Route slow{.path = "/slow", .methods = {"GET"}};
  slow.answer = [held = std::move(held)](const Request&) -> Outcome {
    return Later{.after = std::chrono::hours(1),
                 .finish = [held] { return Response{}; }};
  };
  Route quick{.path = "/quick", .methods = {"GET"}};
  quick.answer = [](const Request&) -> Outcome {
    return Later{.after = std::chrono::milliseconds(1),
                 .finish = [] { return Response{.body = "done"}; }};
  };
  auto server = StartServer(around, {std::move(slow), std::move(quick)});
  HttpClient waiting(server->port());
  waiting.Send(RequestText("GET", "/slow"));
  // One that waits does not stop others.
  EXPECT_EQ(Get(server->port(), "/quick").body, "done");
  server.reset();
  EXPECT_TRUE(waiting.Ended());
  EXPECT_TRUE(alive.expired());
}

TEST(ServerEnd, WhatAClientWaitedForEndsWithIt) {
  Around around;
  std::atomic<bool> gone = false;
  struct Flag {
    std::atomic<bool>* flag;
    ~Flag() { *flag = true; }
  };
  Route slow{.path = "/slow", .methods = {"GET"}};
  std::atomic<bool> began = false;
  slow.answer = [&](const Request&) -> Outcome {
    began = true;
    auto held = std::make_shared<Flag>(Flag{&gone});
    gone = false;
    return Later{.after = std::chrono::hours(1),
                 .finish = [held] { return Response{}; }};
  };
  auto server = StartServer(around, {std::move(slow)});
  {
    HttpClient client(server->port());
    client.Send(RequestText("GET", "/slow"));
    ASSERT_TRUE(WaitFor([&] { return began.load(); }));
  }
  EXPECT_TRUE(WaitFor([&] { return gone.load(); }));
}

}  // namespace
}  // namespace outrigger::admin
