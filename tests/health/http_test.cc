// Checks over HTTP, and what all checks over a socket do: of a real server, and
// of one that says what it is told to.
#include <event2/http.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "health/scripted_server.h"
#include "health/watched.h"
#include "support/redis_server.h"

namespace outrigger::health {
namespace {

using testing::StartsWith;

// libevent's HTTP server, which can be ended and begun again.
class HttpServer {
 public:
  HttpServer() { Begin(); }
  ~HttpServer() { End(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void Begin() {
    loop_ = std::make_unique<Loop>();
    http_ = evhttp_new(loop_->base());
    ASSERT_EQ(evhttp_bind_socket(http_, "127.0.0.1", port_), 0);
    evhttp_set_gencb(
        http_,
        [](evhttp_request* request, void* self) {
          const bool known =
              std::string(evhttp_request_get_uri(request)) == "/health";
          evhttp_send_reply(
              request,
              known ? static_cast<HttpServer*>(self)->code.load() : 404, "Said",
              nullptr);
        },
        this);
    thread_ = std::thread([this] { loop_->Run(); });
  }
  void End() {
    if (http_ == nullptr) return;
    loop_->Stop();
    thread_.join();
    evhttp_free(std::exchange(http_, nullptr));
  }

  std::atomic<int> code{200};

 private:
  const uint16_t port_ = FreePort();
  std::unique_ptr<Loop> loop_;
  evhttp* http_ = nullptr;
  std::thread thread_;
};

TEST(HttpCheck, FollowsTheServersAnswers) {
  HttpServer server;
  const std::string address = server.address();
  auto options = PoolOf(pool::Check::kHttp, {address});
  options.health.path = "/health";
  Watched watched({options});
  EXPECT_TRUE(watched.Becomes(address, true));
  server.code = 503;
  EXPECT_TRUE(watched.Becomes(address, false));
  EXPECT_TRUE(watched.Says(address, "GET is answered: HTTP/1.1 503 Said"));
  server.code = 302;
  EXPECT_TRUE(watched.Becomes(address, true));
  server.End();
  EXPECT_TRUE(watched.Becomes(address, false));
  EXPECT_TRUE(watched.Says(address, "connect: Connection refused"));
  server.Begin();
  EXPECT_TRUE(watched.Becomes(address, true));
}

TEST(HttpCheck, AnUnknownPathFails) {
  HttpServer server;
  auto options = PoolOf(pool::Check::kHttp, {server.address()});
  options.health.path = "/other";
  Watched watched({options});
  EXPECT_TRUE(watched.Says(server.address(), "404"));
}

TEST(HttpCheck, TellsTheHost) {
  ScriptedServer server({"HTTP/1.1 200 OK\r\n\r\n"});
  Watched watched({PoolOf(pool::Check::kHttp, {server.address()})});
  EXPECT_TRUE(watched.Becomes(server.address(), true));
  EXPECT_THAT(
      server.heard(),
      StartsWith("GET / HTTP/1.1\r\nHost: " + server.address() + "\r\n"));
}

TEST(SocketCheck, AnAnswerThatDoesNotEndIsCut) {
  ScriptedServer server({"HTTP/1.1 200 " + std::string(100'000, 'x')});
  Watched watched({PoolOf(pool::Check::kHttp, {server.address()})});
  EXPECT_TRUE(watched.Says(server.address(), "the answer is too long"));
}

TEST(SocketCheck, AnAnswerThatBreaksOffFails) {
  ScriptedServer server({"HTTP/1.1 200", /*hang_up=*/true});
  Watched watched({PoolOf(pool::Check::kHttp, {server.address()})});
  EXPECT_TRUE(
      watched.Says(server.address(), "the server closed the connection"));
  server.SetScript({"HTTP/1.1 200", /*hang_up=*/false});
  EXPECT_TRUE(WaitFor([&] {
    return watched.Next(server.address()).message == "no answer within 100ms";
  }));
}

TEST(SocketCheck, LeavesNoConnectionOpen) {
  ScriptedServer server({""});  // hangs
  {
    Watched watched({PoolOf(pool::Check::kRedis, {server.address()})});
    EXPECT_FALSE(watched.Next(server.address()).passed);
    EXPECT_EQ(server.most(), 1);  // checks of one endpoint do not overlap
    WaitFor([&] { return server.now() == 1; });
  }
  EXPECT_TRUE(WaitFor([&] { return server.now() == 0; }));
}

}  // namespace
}  // namespace outrigger::health
