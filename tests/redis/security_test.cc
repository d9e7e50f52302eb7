// Logins, rights, TLS, and servers that talk nonsense.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "redis/breaker_pod.h"
#include "redis/cache_pod.h"
#include "redis/limit_store.h"
#include "redis/pool_pod.h"
#include "support/await.h"
#include "support/certificates.h"
#include "support/redis_server.h"

namespace outrigger::redis {
namespace {

class SecurityTest : public ::testing::Test {
 protected:
  static Options OptionsFor(const Address& address) {
    Options options;
    options.addresses = {address};
    options.timeout = std::chrono::milliseconds(500);
    return options;
  }

  std::unique_ptr<LimitStore> NewPod(const Options& options) {
    EXPECT_EQ(Validate(options), absl::OkStatus());
    return std::make_unique<LimitStore>(options, clock_, random_, registry_);
  }

  static absl::Status Take(
      LimitStore& pod,
      limit::Algorithm algorithm = limit::Algorithm::kTokenBucket,
      double burst = 1000) {
    store::TakeRequest request;
    store::BucketRef& bucket = request.items.emplace_back().bucket;
    bucket.key = "k";
    bucket.shape.algorithm = algorithm;
    bucket.shape.tokens = bucket.shape.burst = burst;
    return Await<absl::StatusOr<store::TakeReply>>([&](auto done) {
             pod.Take(std::move(request), std::move(done));
           })
        .status();
  }

  static bool Works(LimitStore& pod) {
    return WaitFor([&] { return Take(pod).ok(); });
  }

  static bool StaysOut(LimitStore& pod) {
    return WaitFor([&] { return !pod.reachable(); }) &&
           Take(pod).code() == absl::StatusCode::kUnavailable;
  }

  SystemClock clock_;
  PseudoRandomSource random_{1};
  telemetry::Registry registry_;
};

TEST_F(SecurityTest, TheRightsInTheHeaderAreEnoughForEverything) {
  RedisServer server;
  server.Ask({"ACL",
              "SETUSER",
              "outrigger",
              "on",
              ">secret",
              "~outrigger:1:*",
              "+evalsha",
              "+eval",
              "+script|load",
              "+ping",
              "+info",
              "+select",
              "+role",
              "+time",
              "+get",
              "+mget",
              "+set",
              "+del",
              "+lindex",
              "+llen",
              "+ltrim",
              "+rpush",
              "+pexpire",
              "+zadd",
              "+zremrangebyscore",
              "+zcard",
              "+zrem"});
  Options options = OptionsFor(server.address());
  options.username = "outrigger";
  options.password = "secret";
  auto pod = NewPod(options);
  ASSERT_TRUE(Works(*pod));
  for (const double burst : {10.0, 5000.0}) {
    for (const auto algorithm :
         {limit::Algorithm::kAdaptive, limit::Algorithm::kFixedWindow,
          limit::Algorithm::kSlidingWindow}) {
      EXPECT_EQ(Take(*pod, algorithm, burst), absl::OkStatus());
      store::BucketRef bucket;
      bucket.key = "k";
      bucket.shape.algorithm = algorithm;
      bucket.shape.tokens = bucket.shape.burst = burst;
      EXPECT_EQ(Await<absl::Status>([&](auto done) {
                  pod->Refund(bucket, 1, std::move(done));
                }),
                absl::OkStatus());
    }
  }
  EXPECT_TRUE(Await<absl::StatusOr<uint32_t>>([&](auto done) {
                pod->Heartbeat("a", std::move(done));
              }).ok());
  pod->Leave("a");
  EXPECT_TRUE(WaitFor([&] {
    return server.Ask({"ZCARD", "outrigger:1:pods"}).integer == 0;
  }));
  // Nothing was denied on the way.
  EXPECT_TRUE(server.Ask({"ACL", "LOG"}).elements.empty());
}

TEST_F(SecurityTest, AWrongPasswordStaysOutUntilTheFileHasTheRightOne) {
  RedisServer server({"--requirepass", "right"});
  TempDir dir;
  Options options = OptionsFor(server.address());
  options.password_file = dir.Write("password", "wrong\n");
  auto pod = NewPod(options);
  EXPECT_TRUE(StaysOut(*pod));
  dir.Write("password", "right\n");
  EXPECT_TRUE(Works(*pod));
}

TEST_F(SecurityTest, ARotatedPasswordIsReadAgain) {
  RedisServer server({"--requirepass", "old"});
  TempDir dir;
  Options options = OptionsFor(server.address());
  options.password_file = dir.Write("password", "old\n");
  auto pod = NewPod(options);
  ASSERT_TRUE(Works(*pod));
  RedisCli cli(server.address());
  cli.Ask({"AUTH", "old"});
  cli.Ask({"CONFIG", "SET", "requirepass", "new"});
  dir.Write("password", "new\n");
  cli.Ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_TRUE(Works(*pod));
}

TEST_F(SecurityTest, AMissingPasswordIsUnavailableNotACrash) {
  RedisServer server({"--requirepass", "x"});
  auto pod = NewPod(OptionsFor(server.address()));
  EXPECT_TRUE(StaysOut(*pod));
}

TEST_F(SecurityTest, ARightThatIsTakenAwayIsUnavailable) {
  RedisServer server;
  auto pod = NewPod(OptionsFor(server.address()));
  ASSERT_TRUE(Works(*pod));
  RedisCli cli(server.address());
  cli.Ask({"ACL", "SETUSER", "default", "-evalsha"});
  EXPECT_EQ(Take(*pod).code(), absl::StatusCode::kUnavailable);
  cli.Ask({"ACL", "SETUSER", "default", "+evalsha"});
  EXPECT_TRUE(Works(*pod));
}

class TlsTest : public SecurityTest {
 protected:
  Options TlsOptionsFor(const RedisServer& server) {
    Options options = OptionsFor(server.address());
    options.tls.enabled = true;
    options.tls.ca_file = certificates_.ca_file();
    options.tls.cert_file = certificates_.cert_file();
    options.tls.key_file = certificates_.key_file();
    options.tls.server_name = "redis.test";
    return options;
  }

  Certificates certificates_;
  // Asks for a client's certificate too.
  RedisServer server_{{"--port", "0", "--tls-port", "<port>", "--tls-cert-file",
                       certificates_.cert_file(), "--tls-key-file",
                       certificates_.key_file(), "--tls-ca-cert-file",
                       certificates_.ca_file()}};
};

TEST_F(TlsTest, ConnectsWithTheRightCertificates) {
  auto pod = NewPod(TlsOptionsFor(server_));
  EXPECT_TRUE(Works(*pod));
  EXPECT_TRUE(WaitFor([&] { return Take(*pod).ok(); }));
}

TEST_F(TlsTest, ChangesAreHeardOfAndLargeValuesMove) {
  CachePod pod(TlsOptionsFor(server_));
  ASSERT_TRUE(pod.Verified());
  const store::CacheKey key{"ns", "key"};
  const std::string large(8 << 20, 'x');
  ASSERT_TRUE(WaitFor([&] { return pod.call.Write(key, large).ok(); }));
  EXPECT_TRUE(WaitFor([&] { return pod.heard.Changed(key); }));
  EXPECT_TRUE(WaitFor([&] {
    const auto read = pod.call.Read(key);
    return read.ok() && cache::DecodeRecord(*read)->value == large;
  }));
}

TEST_F(TlsTest, BreakersAndPoolsAreShared) {
  BreakerPod breaker(TlsOptionsFor(server_));
  PoolPod pool(TlsOptionsFor(server_), "pod");
  ASSERT_TRUE(breaker.Hears() && pool.Hears());
  const store::BreakerKey key{"payments", ""};
  EXPECT_TRUE(breaker.call.Swap(key, 0, "open")->swapped);
  EXPECT_TRUE(breaker.HearsOf(key));
  EXPECT_EQ(pool.Need(3), 3);
}

TEST_F(TlsTest, DoesNotBelieveAnotherAuthority) {
  const Certificates others;
  Options options = TlsOptionsFor(server_);
  options.tls.ca_file = others.ca_file();
  EXPECT_TRUE(StaysOut(*NewPod(options)));
}

TEST_F(TlsTest, DoesNotBelieveAnotherName) {
  Options options = TlsOptionsFor(server_);
  options.tls.server_name = "other.test";
  EXPECT_TRUE(StaysOut(*NewPod(options)));
  options.tls.server_name = "";  // the address: not in the certificate either
  EXPECT_TRUE(StaysOut(*NewPod(options)));
  options.tls.insecure_skip_verify = true;
  EXPECT_TRUE(Works(*NewPod(options)));
}

TEST_F(TlsTest, IsTurnedAwayWithoutAClientCertificate) {
  Options options = TlsOptionsFor(server_);
  options.tls.cert_file = options.tls.key_file = "";
  EXPECT_TRUE(StaysOut(*NewPod(options)));
}

TEST_F(TlsTest, AMissingFileIsUnavailable) {
  Options options = TlsOptionsFor(server_);
  options.tls.ca_file = "/nonexistent/ca.pem";
  EXPECT_TRUE(StaysOut(*NewPod(options)));
}

// Accepts connections and sends the same bytes on each.
class Babbler {
 public:
  explicit Babbler(std::string text)
      : text_(std::move(text)), fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(port_);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd_, reinterpret_cast<sockaddr*>(&here), sizeof(here)) != 0 ||
        listen(fd_, 16) != 0) {
      std::abort();
    }
    thread_ = std::thread([this] { Serve(); });
  }
  ~Babbler() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  Address address() const {
    Address address;
    address.host = "127.0.0.1";
    address.port = port_;
    return address;
  }
  int accepted() const { return accepted_; }

 private:
  void Serve() {
    for (;;) {
      const int peer = accept(fd_, nullptr, nullptr);
      if (peer < 0) return;
      ++accepted_;
      send(peer, text_.data(), text_.size(), MSG_NOSIGNAL);
      char buffer[1024];
      recv(peer, buffer, sizeof(buffer), 0);
      close(peer);
    }
  }

  const std::string text_;
  const uint16_t port_ = FreePort();
  const int fd_;
  std::atomic<int> accepted_{0};
  std::thread thread_;
};

TEST_F(SecurityTest, AServerThatTalksNonsenseIsLeftAndTriedAgain) {
  for (const std::string text :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "*2000000000\r\n", "$-7\r\n",
        ":1\r\n", "+OK\r\n+OK\r\n+OK\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
        "-ERR max number of clients reached\r\n", "%1\r\n+a\r\n+b\r\n"}) {
    Babbler babbler(text);
    auto pod = NewPod(OptionsFor(babbler.address()));
    EXPECT_TRUE(StaysOut(*pod)) << text;
    EXPECT_TRUE(WaitFor([&] { return babbler.accepted() >= 2; })) << text;
  }
}

}  // namespace
}  // namespace outrigger::redis
