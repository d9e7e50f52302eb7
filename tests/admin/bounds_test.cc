// Clients that want too much, or are too slow.
#include "admin/bounds.h"

#include <gmock/gmock.h>

#include <deque>

#include "admin/admin_testing.h"
#include "support/wait_for.h"

namespace outrigger::admin {
namespace {

// More than the system buffers for a client that does not read.
constexpr size_t kLarge = 32 << 20;
constexpr Duration kSoon = std::chrono::milliseconds(20);

class BoundsTest : public ::testing::Test {
 protected:
  void Start(Bounds bounds) {
    Server::Options options;
    options.bounds = bounds;
    Route put{.path = "/put", .methods = {"PUT"}};
    put.answer = [](const Request&) -> Outcome { return Response{}; };
    server_ = StartServer(
        around_,
        {Says("/a", "one"), Says("/large", std::string(kLarge, 'x')), put},
        options);
  }

  // Another client is served all the while.
  void ExpectServes() { EXPECT_EQ(Get(port(), "/a").body, "one"); }
  int port() const { return server_->port(); }

  Around around_;
  std::unique_ptr<Server> server_;
};

TEST_F(BoundsTest, TheHeadsLength) {
  Start({.head_bytes = 1024});
  HttpClient endless(port());
  endless.Send("GET /" + std::string(1'020, 'a'));
  EXPECT_EQ(endless.Read().status, 431);
  EXPECT_EQ(Get(port(), "/a", {"X: " + std::string(1'024, 'x')}).status, 431);
  EXPECT_EQ(Get(port(), "/a", {"X: " + std::string(900, 'x')}).status, 200);
  EXPECT_EQ(around_.Refused("head"), 2);
}

TEST_F(BoundsTest, TheBodysLength) {
  Start({.body_bytes = 1024});
  EXPECT_EQ(Ask(port(), "PUT", "/put", {}, std::string(1'024, 'x')).status,
            200);
  EXPECT_EQ(Ask(port(), "PUT", "/put", {}, std::string(1'025, 'x')).status,
            413);
  // It is refused at once, not after it has come.
  EXPECT_EQ(Ask(port(), "PUT", "/put", {"Content-Length: 1000000000"}).status,
            413);
  EXPECT_EQ(around_.Refused("body"), 2);
}

TEST_F(BoundsTest, AnIdleConnectionIsClosed) {
  Start({.idle = kSoon});
  HttpClient client(port());
  EXPECT_TRUE(client.Ended());
  // Also after an answer. (On a slow machine it may close before the request.)
  EXPECT_TRUE(WaitFor([this] {
    HttpClient served(port());
    served.Send(RequestText("GET", "/a"));
    return served.Read().body == "one" && served.Ended();
  }));
}

TEST_F(BoundsTest, ARequestMustArriveInTime) {
  Start({.request_time = kSoon});
  HttpClient head(port());
  head.Send("GET /a HTT");
  EXPECT_EQ(head.Read().status, 408);
  HttpClient body(port());
  body.Send(
      "PUT /put HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx");
  EXPECT_EQ(body.Read().status, 408);
  EXPECT_EQ(around_.Refused("request_time"), 2);
  ExpectServes();
}

TEST_F(BoundsTest, AnAnswerMustBeTakenInTime) {
  Start({.answer_time = kSoon});
  HttpClient client(port());
  client.Send(RequestText("GET", "/large"));
  EXPECT_TRUE(WaitFor([this] { return around_.Refused("answer_time") == 1; }));
  EXPECT_TRUE(client.Ended());
  ExpectServes();
}

TEST_F(BoundsTest, AnswersThatWaitForSlowClients) {
  Start({.unsent_bytes = 1 << 20});
  HttpClient slow(port());
  slow.Send(RequestText("GET", "/large"));
  EXPECT_TRUE(WaitFor([this] { return Get(port(), "/a").status == 503; }));
  EXPECT_GE(around_.Refused("answers"), 1);
  EXPECT_EQ(slow.Read().body.size(), kLarge);
  ExpectServes();
}

TEST_F(BoundsTest, TheOldestIdleConnectionMakesPlace) {
  Start({.connections = 3});
  std::deque<HttpClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(port());
    clients.back().Send(RequestText("GET", "/a"));
    EXPECT_EQ(clients.back().Read().body, "one");
  }
  // The second has waited less long than it seems.
  clients[0].Send(RequestText("GET", "/a"));
  EXPECT_EQ(clients[0].Read().body, "one");
  ExpectServes();
  EXPECT_TRUE(clients[1].Ended());
  EXPECT_EQ(around_.Refused("connections"), 1);
  for (const int kept : {0, 2}) {
    clients[kept].Send(RequestText("GET", "/a"));
    EXPECT_EQ(clients[kept].Read().body, "one");
  }
}

TEST_F(BoundsTest, AFloodOfSilentClientsDoesNotHurt) {
  Start({.connections = 8});
  std::deque<HttpClient> silent;
  for (int i = 0; i < 100; ++i) {
    silent.emplace_back(port());
    silent.back().Send("GET /a HTTP/1.1\r\nX: ");
    if (i % 10 == 0) ExpectServes();
  }
  ExpectServes();
}

}  // namespace
}  // namespace outrigger::admin
