// The transport against one real server: answers, faults, and coming back.
#include "redis/net/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "support/await.h"
#include "support/redis_server.h"
#include "support/wait_for.h"

namespace outrigger::redis {
namespace {

using ::testing::HasSubstr;
using Answer = absl::StatusOr<Reply>;

class ClientTest : public ::testing::Test {
 protected:
  static Options OptionsFor(const Address& address) {
    Options options;
    options.addresses = {address};
    options.timeout = std::chrono::milliseconds(300);
    return options;
  }

  std::unique_ptr<Client> Connect(const Options& options) {
    EXPECT_EQ(Validate(options), absl::OkStatus());
    auto client = std::make_unique<Client>(options, clock_, random_, registry_);
    client->Start(/*hooks=*/nullptr);
    return client;
  }

  static Answer Ask(Client& client,
                    std::initializer_list<absl::string_view> words) {
    auto command = std::make_shared<std::unique_ptr<Command>>(
        MakeCommand(words, Command::kAnySlot, nullptr));
    return Await<Answer>([&](absl::AnyInvocable<void(Answer)> done) {
      (*command)->done = std::move(done);
      client.Send(std::move(*command));
    });
  }

  static bool Answers(Client& client) { return Ask(client, {"PING"}).ok(); }

  SystemClock clock_;
  PseudoRandomSource random_{1};
  telemetry::Registry registry_;
};

TEST_F(ClientTest, BeforeItIsStartedItAnswersThatItCannotAsk) {
  RedisServer server;
  Client client(OptionsFor(server.address()), clock_, random_, registry_);
  EXPECT_FALSE(client.reachable());
  EXPECT_EQ(Ask(client, {"PING"}).status().code(),
            absl::StatusCode::kUnavailable);
  client.Start(/*hooks=*/nullptr);
  EXPECT_TRUE(Ask(client, {"PING"}).ok());
  EXPECT_TRUE(client.reachable());
}

TEST_F(ClientTest, AnswersWhatIsAskedBeforeItIsConnected) {
  RedisServer server;
  auto client = Connect(OptionsFor(server.address()));
  const Answer answer = Ask(*client, {"ECHO", "a\r\nb"});
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->text, "a\r\nb");
  EXPECT_EQ(client->commands_sent(), 1u);
}

TEST_F(ClientTest, AnErrorReplyIsAnError) {
  RedisServer server;
  auto client = Connect(OptionsFor(server.address()));
  const Answer answer = Ask(*client, {"NONSENSE"});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(answer.status().message(), HasSubstr("unknown command"));
}

TEST_F(ClientTest, AnswersManyThreadsEachItsOwn) {
  RedisServer server;
  Options options = OptionsFor(server.address());
  options.timeout = std::chrono::seconds(10);
  auto client = Connect(options);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const std::string text = std::to_string(t) + "/" + std::to_string(i);
        const Answer answer = Ask(*client, {"ECHO", text});
        right += answer.ok() && answer->text == text;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 2000);
  EXPECT_EQ(client->in_flight(), 0);
}

TEST_F(ClientTest, WithoutAServerItFailsAtOnceAndConnectsLater) {
  const uint16_t port = FreePort();
  Address address;
  address.host = "127.0.0.1";
  address.port = port;
  auto client = Connect(OptionsFor(address));
  ASSERT_TRUE(WaitFor([&] { return !client->reachable(); }));
  EXPECT_EQ(Ask(*client, {"PING"}).status().code(),
            absl::StatusCode::kUnavailable);
  RedisServer server({}, /*sentinel=*/false, port);
  EXPECT_TRUE(WaitFor([&] { return Answers(*client); }));
}

TEST_F(ClientTest, ComesBackAfterTheServerWasKilled) {
  RedisServer server;
  auto client = Connect(OptionsFor(server.address()));
  ASSERT_TRUE(Answers(*client));
  server.Kill();
  ASSERT_TRUE(WaitFor([&] { return !Answers(*client); }));
  server.Restart();
  EXPECT_TRUE(WaitFor([&] { return Answers(*client); }));
  EXPECT_TRUE(client->reachable());
}

TEST_F(ClientTest, AHangingServerCostsOneTimeoutThenFailsFastThenComesBack) {
  RedisServer server;
  auto client = Connect(OptionsFor(server.address()));
  ASSERT_TRUE(Answers(*client));
  server.Stop();
  EXPECT_EQ(Ask(*client, {"PING"}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  // While it hangs nothing waits: each answer comes within the call.
  EXPECT_TRUE(WaitFor([&] { return !client->reachable(); }));
  bool inline_answer = false;
  client->Send(MakeCommand({"PING"}, Command::kAnySlot, [&](Answer answer) {
    inline_answer = answer.status().code() == absl::StatusCode::kUnavailable;
  }));
  EXPECT_TRUE(inline_answer);
  server.Continue();
  EXPECT_TRUE(WaitFor([&] { return Answers(*client); }));
}

TEST_F(ClientTest, ALateReplyIsNotTakenForAnother) {
  RedisServer server;
  Options options = OptionsFor(server.address());
  options.timeout = std::chrono::milliseconds(50);
  auto client = Connect(options);
  ASSERT_TRUE(WaitFor([&] { return Answers(*client); }));
  for (int i = 0; i < 3; ++i) {
    server.Stop();
    EXPECT_FALSE(Ask(*client, {"ECHO", "old"}).ok());
    server.Continue();
    Answer answer;
    ASSERT_TRUE(WaitFor([&] {
      answer = Ask(*client, {"ECHO", "new"});
      return answer.ok();
    }));
    EXPECT_EQ(answer->text, "new");
  }
}

TEST_F(ClientTest, TooManyCommandsAreRefusedAndCounted) {
  RedisServer server;
  Options options = OptionsFor(server.address());
  options.max_in_flight = 10;
  options.timeout = std::chrono::seconds(10);
  auto client = Connect(options);
  ASSERT_TRUE(Answers(*client));
  server.Stop();
  std::atomic<int> refused{0}, answered{0};
  for (int i = 0; i < 15; ++i) {
    client->Send(MakeCommand({"PING"}, Command::kAnySlot, [&](Answer answer) {
      answer.ok() ? ++answered : ++refused;
    }));
  }
  EXPECT_EQ(refused, 5);
  server.Continue();
  EXPECT_TRUE(WaitFor([&] { return answered == 10; }));
  EXPECT_EQ(registry_.GetCounter(telemetry::kRedisQueueFull).Value(), 5u);
}

TEST_F(ClientTest, AScriptThatRedisForgotIsSentAgainByItsText) {
  RedisServer server;
  auto client = Connect(OptionsFor(server.address()));
  const Script script("echo", "return {KEYS[1], ARGV[1]}");
  for (int i = 0; i < 2; ++i) {
    const Answer answer = Await<Answer>([&](auto done) {
      auto command =
          MakeCommand({"EVALSHA", script.sha1(), "1", "k\n", "v\r\n"},
                      Command::kAnySlot, std::move(done));
      command->script = &script;
      client->Send(std::move(command));
    });
    ASSERT_EQ(answer.status(), absl::OkStatus());
    EXPECT_EQ(answer->elements[1].text, "v\r\n");
    server.Ask({"SCRIPT", "FLUSH"});
  }
  EXPECT_EQ(registry_.GetCounter(telemetry::kRedisNoscript).Value(), 2u);
}

TEST_F(ClientTest, SpeaksOverAUnixSocketToADatabase) {
  TempDir dir;
  RedisServer server({"--unixsocket", dir.path() + "/redis.sock"});
  Options options = OptionsFor(Address{});
  options.addresses[0].host = "";
  options.addresses[0].unix_path = dir.path() + "/redis.sock";
  options.database = 3;
  options.timeout = std::chrono::seconds(10);
  auto client = Connect(options);
  ASSERT_TRUE(Ask(*client, {"SET", "k", "v"}).ok());
  RedisCli cli(server.address());
  cli.Ask({"SELECT", "3"});
  EXPECT_EQ(cli.Ask({"GET", "k"}).text, "v");
}

TEST_F(ClientTest, ResolvesNames) {
  RedisServer server;
  Address address = server.address();
  address.host = "localhost";
  auto client = Connect(OptionsFor(address));
  EXPECT_TRUE(WaitFor([&] { return Answers(*client); }));
}

TEST_F(ClientTest, StopsWithCommandsUnderWay) {
  RedisServer server;
  auto client = Connect(OptionsFor(server.address()));
  ASSERT_TRUE(Answers(*client));
  server.Stop();
  std::atomic<int> ended{0};
  for (int i = 0; i < 100; ++i) {
    client->Send(MakeCommand({"PING"}, Command::kAnySlot,
                             [&](const Answer&) { ++ended; }));
  }
  client.reset();
  EXPECT_EQ(ended, 100);
}

}  // namespace
}  // namespace outrigger::redis
