// A running sidecar: its socket, its certificates, its configuration, its end.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "absl/strings/str_cat.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"
#include "server/program.h"
#include "support/wait_for.h"

namespace outrigger {
namespace {

using ratelimit::v1::AllowRequest;
using ratelimit::v1::AllowResponse;
using ratelimit::v1::RateLimiter;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kThree[] =
    "limits: [{name: per_user, key: [user], rate: 3/1h}]\n";

TEST(SocketTest, HasTheModeThatIsConfigured) {
  for (const auto& [option, mode] : {std::pair<std::string, mode_t>{"", 0660},
                                     {"  unix_mode: 0600\n", 0600}}) {
    Sidecar sidecar(kThree, "  tcp: off\n" + option);
    struct stat info;
    ASSERT_EQ(stat(sidecar.socket().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, mode);
  }
}

TEST(SocketTest, ASecondInstanceIsRefusedAndTheFirstLives) {
  Sidecar sidecar(kThree);
  const Outcome second =
      RunOutrigger({"serve", "--config", sidecar.File("config.yaml")});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(
      second.err,
      AllOf(HasSubstr(sidecar.socket()),
            HasSubstr("process " + std::to_string(sidecar.process().pid()))));
  EXPECT_EQ(sidecar.Run({"probe"}).exit_code, 0);
}

TEST(SocketTest, WhatAKilledOneLeftIsTakenOver) {
  Sidecar sidecar(kThree);
  sidecar.process().Signal(SIGKILL);
  EXPECT_EQ(sidecar.process().ExitCode(), -SIGKILL);
  EXPECT_EQ(access(sidecar.socket().c_str(), F_OK), 0);
  const std::string folder = MakeFolder();
  Process next(
      {OUTRIGGER_PROGRAM, "serve", "--config", sidecar.File("config.yaml")},
      folder, {});
  EXPECT_TRUE(WaitFor([&] { return sidecar.Run({"probe"}).exit_code == 0; }));
  RemoveFolder(folder);
}

TEST(SocketTest, OneThatIsNotThereYetIsWaitedFor) {
  const std::string folder = MakeFolder(), other = MakeFolder();
  const std::string socket = folder + "/s.sock";
  Process probe(
      {OUTRIGGER_PROGRAM, "probe", "--wait", "30s", "--target", socket}, folder,
      {});
  Process next({OUTRIGGER_PROGRAM, "serve"}, other,
               {{"OUTRIGGER_LISTEN_UNIX", socket},
                {"OUTRIGGER_LISTEN_TCP", "off"},
                {"OUTRIGGER_LISTEN_ADMIN", "off"}});
  EXPECT_EQ(probe.ExitCode(), 0) << probe.Err() << next.Err();
  EXPECT_EQ(probe.Out(), "SERVING\n");
  RemoveFolder(folder);
  RemoveFolder(other);
}

TEST(SocketTest, AFileThatIsNoSocketIsNotRemoved) {
  const std::string folder = MakeFolder();
  WriteFile(folder + "/precious", "x");
  const Outcome outcome =
      RunOutrigger({"serve"}, {{"OUTRIGGER_LISTEN_UNIX", folder + "/precious"},
                               {"OUTRIGGER_LISTEN_TCP", "off"}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("is not a socket"));
  EXPECT_EQ(ReadWholeFile(folder + "/precious"), "x");
  RemoveFolder(folder);
}

TEST(SocketTest, TenThousandConnections) {
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  // Fewer only where the system allows fewer files.
  const size_t connections = std::min<size_t>(10'000, limit.rlim_cur - 200);
  Sidecar sidecar(kThree);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, sidecar.socket().c_str(),
               sizeof(address.sun_path) - 1);
  std::vector<int> open;
  for (size_t i = 0; i < connections; ++i) {
    open.push_back(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(connect(open.back(), reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
              0)
        << "after " << i;
  }
  // It may have to accept for longer than the first callers wait.
  int user = 0;
  const auto is_answered = [&] {
    const std::string attribute = absl::StrCat("user=", ++user);
    return sidecar.Run({"allow", attribute}).exit_code == 0;
  };
  EXPECT_TRUE(WaitFor(is_answered));
  for (const int fd : open) close(fd);
  EXPECT_TRUE(WaitFor(is_answered));
}

TEST(ReloadTest, ANewConfigurationCountsAndABadOneDoesNot) {
  Sidecar sidecar(kThree);
  EXPECT_EQ(sidecar.Run({"allow", "user=1", "--cost", "5"}).exit_code, 1);
  sidecar.WriteConfig("limits: [{name: per_user, key: [user], rate: 9/1h}]\n");
  EXPECT_TRUE(WaitFor([&] {
    return sidecar.Run({"allow", "user=2", "--cost", "5"}).exit_code == 0;
  }));
  sidecar.WriteConfig("limits: [{name: per_user, key: [user], rate: x}]\n");
  EXPECT_TRUE(WaitFor([&] {
    return sidecar.process().Err().find("the old one stays") !=
           std::string::npos;
  }));
  EXPECT_EQ(sidecar.Run({"allow", "user=3", "--cost", "5"}).exit_code, 0);
}

TEST(ReloadTest, AHangupReadsTheFileAgainAndIsNoStop) {
  Sidecar sidecar(kThree);
  sidecar.WriteConfig("limits: [{name: per_user, key: [user], rate: x}]\n");
  const auto times_told = [&] {
    const std::string said = sidecar.process().Err();
    int times = 0;
    for (size_t at = 0;
         (at = said.find("the old one stays", at)) != std::string::npos; ++at) {
      ++times;
    }
    return times;
  };
  EXPECT_TRUE(WaitFor([&] { return times_told() == 1; }));
  sidecar.process().Signal(SIGHUP);
  EXPECT_TRUE(WaitFor([&] { return times_told() == 2; }));
  EXPECT_EQ(sidecar.Run({"allow", "user=1"}).exit_code, 0);
}

TEST(DrainTest, SigtermUnderLoadFailsNoCallAndExitsWithZero) {
  Sidecar sidecar("limits: [{name: per_user, key: [user], rate: 9/1s}]\n");
  std::atomic<int> calls = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
      auto stub = RateLimiter::NewStub(grpc::CreateCustomChannel(
          sidecar.target(), grpc::InsecureChannelCredentials(), arguments));
      while (true) {
        AllowRequest request;
        (*request.mutable_attributes())["user"] = std::to_string(i);
        AllowResponse response;
        grpc::ClientContext context;
        const grpc::Status status = stub->Allow(&context, request, &response);
        if (!status.ok()) {
          // A new connection that found nobody: all that is allowed to fail.
          EXPECT_THAT(status.error_message(), HasSubstr("failed to connect"));
          return;
        }
        ++calls;
      }
    });
  }
  EXPECT_TRUE(WaitFor([&] { return calls > 200; }));
  sidecar.process().Signal(SIGTERM);
  EXPECT_EQ(sidecar.process().ExitCode(), 0);
  for (auto& client : clients) client.join();
  EXPECT_NE(access(sidecar.socket().c_str(), F_OK), 0);
}

TEST(DrainTest, ASecondSignalEndsItAtOnce) {
  Sidecar sidecar("limits: [{name: slow, key: [user], rate: 1/30m}]\n");
  ASSERT_EQ(sidecar.Run({"allow", "user=1"}).exit_code, 0);
  std::thread waits([&] {
    EXPECT_EQ(sidecar.Run({"allow", "user=1", "--max-wait", "1h"}).exit_code,
              2);
  });
  EXPECT_TRUE(WaitFor([&] {
    return sidecar.Run({"top", "--once"}).out.find("parked 1") !=
           std::string::npos;
  }));
  sidecar.process().Signal(SIGTERM);
  EXPECT_TRUE(WaitFor([&] {
    return sidecar.process().Err().find("stopping") != std::string::npos;
  }));
  sidecar.process().Signal(SIGHUP);  // is none that stops
  sidecar.process().Signal(SIGTERM);
  EXPECT_EQ(sidecar.process().ExitCode(), 1);
  waits.join();
}

}  // namespace
}  // namespace outrigger
