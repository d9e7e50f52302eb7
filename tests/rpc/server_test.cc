// The server around the handlers: health, reflection, bounds, drain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "rpc/serving.h"
#include "support/wait_for.h"

namespace outrigger::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::reflection::v1alpha::ServerReflection;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;
using std::chrono::hours;

// A connected socket, or -1.
int Dial(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    close(fd);
    return -1;
  }
  return fd;
}

TEST(HealthTest, KnowsTheServerAndItsServices) {
  Serving serving({});
  auto stub = Health::NewStub(serving.Connect());
  const auto check = [&](const std::string& service, auto* response) {
    grpc::ClientContext context;
    SetPatience(&context);
    HealthCheckRequest request;
    request.set_service(service);
    return stub->Check(&context, request, response).error_code();
  };
  HealthCheckResponse response;
  for (const char* name : {"", "outrigger.ratelimit.v1.RateLimiter"}) {
    EXPECT_EQ(check(name, &response), grpc::StatusCode::OK);
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  }
  EXPECT_EQ(check("other", &response), grpc::StatusCode::NOT_FOUND);
  serving.health().SetServing(false);
  EXPECT_EQ(check("", &response), grpc::StatusCode::OK);
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
}

TEST(HealthTest, WatchersSeeEveryChangeAndTheEnd) {
  Serving serving({});
  auto stub = Health::NewStub(serving.Connect());
  grpc::ClientContext context, unknown_context;
  SetPatience(&context);
  SetPatience(&unknown_context);
  auto watch = stub->Watch(&context, {});
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  serving.health().SetServing(false);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  HealthCheckRequest other;
  other.set_service("other");
  auto unknown = stub->Watch(&unknown_context, other);
  ASSERT_TRUE(unknown->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  serving.health().EndWatches();
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_TRUE(watch->Finish().ok());
  EXPECT_TRUE(unknown->Finish().ok());
}

TEST(ReflectionTest, TellsServicesAndTheirFiles) {
  Serving serving({});
  auto stub = ServerReflection::NewStub(serving.Connect());
  grpc::ClientContext context;
  SetPatience(&context);
  auto stream = stub->ServerReflectionInfo(&context);
  ServerReflectionRequest list, file, extension, unknown;
  list.set_list_services("*");
  file.set_file_containing_symbol("outrigger.ratelimit.v1.RateLimiter");
  unknown.set_file_by_filename("nothing.proto");
  extension.set_all_extension_numbers_of_type("x");
  ServerReflectionResponse response;
  ASSERT_TRUE(stream->Write(list) && stream->Read(&response));
  ASSERT_EQ(response.list_services_response().service_size(), 1);
  EXPECT_EQ(response.list_services_response().service(0).name(),
            "outrigger.ratelimit.v1.RateLimiter");
  ASSERT_TRUE(stream->Write(file) && stream->Read(&response));
  // Its own file and the one that it imports.
  EXPECT_EQ(response.file_descriptor_response().file_descriptor_proto_size(),
            2);
  for (const auto& wrong : {unknown, extension}) {
    ASSERT_TRUE(stream->Write(wrong) && stream->Read(&response));
    EXPECT_EQ(response.error_response().error_code(),
              grpc::StatusCode::NOT_FOUND);
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(BoundsTest, ATooLongMessageIsRefusedAndTheConnectionLives) {
  Serving serving({.server = {.max_message_bytes = 4096}});
  v1::AllowManyRequest request;
  for (int i = 0; i < 10; ++i) {
    (*request.add_requests()->mutable_attributes())["user"] =
        std::string(1000, 'x');
  }
  grpc::ClientContext context;
  SetPatience(&context);
  v1::AllowManyResponse many;
  EXPECT_EQ(serving.stub().AllowMany(&context, request, &many).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  v1::AllowResponse response;
  EXPECT_TRUE(serving.Allow("ann", &response).ok());
}

TEST(BoundsTest, GarbageOnTheSocketHurtsNobody) {
  Serving serving({});
  for (const std::string& garbage :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(100'000, '\xff'),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string(64, 'x'),
        std::string()}) {
    const int fd = Dial(serving.socket());
    ASSERT_GE(fd, 0);
    // The server may have hung up before all was written.
    [[maybe_unused]] const ssize_t sent =
        send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL);
    close(fd);
    v1::AllowResponse response;
    EXPECT_TRUE(serving.Allow("ann", &response).ok());
  }
}

TEST(DrainTest, NoCallFailsWhileClientsKeepAsking) {
  for (int round = 0; round < 5; ++round) {
    Serving serving({.limits = {PerUser("l", 1000, hours(1), 1000)},
                     .server = {.threads = 2}});
    std::atomic<bool> draining = false;
    std::atomic<int> calls = 0, failed = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&, i] {
        auto channel = serving.Connect();
        auto stub = v1::RateLimiter::NewStub(channel);
        while (true) {
          v1::AllowRequest request;
          (*request.mutable_attributes())["user"] = std::to_string(i);
          v1::AllowResponse response;
          grpc::ClientContext context;
          SetPatience(&context);
          const grpc::Status status = stub->Allow(&context, request, &response);
          if (!status.ok()) {
            // Only a new connection may fail, and only because the server has
            // stopped to listen.
            const bool refused =
                status.error_code() == grpc::StatusCode::UNAVAILABLE &&
                status.error_message().find("failed to connect") !=
                    std::string::npos;
            if (!draining || !refused) {
              ++failed;
              ADD_FAILURE()
                  << status.error_code() << " " << status.error_message();
            }
            return;
          }
          ++calls;
        }
      });
    }
    EXPECT_TRUE(WaitFor([&] { return calls > 500; }));
    draining = true;
    serving.server().Drain(kPatience);
    for (auto& client : clients) client.join();
    EXPECT_EQ(failed, 0);
  }
}

TEST(DrainTest, WhatIsParkedIsAnsweredWhenItIsDue) {
  Serving serving(
      {.limits = {PerUser("slow", 1, std::chrono::milliseconds(500), 1)}});
  v1::AllowResponse response;
  ASSERT_TRUE(serving.Allow("ann", &response).ok());
  std::thread client([&] {
    grpc::ClientContext context;
    SetPatience(&context);
    v1::AllowRequest request;
    (*request.mutable_attributes())["user"] = "ann";
    request.mutable_max_wait()->set_seconds(20);
    v1::AllowResponse waited;
    EXPECT_TRUE(serving.stub().Allow(&context, request, &waited).ok());
    EXPECT_TRUE(waited.allowed());
  });
  EXPECT_TRUE(
      WaitFor([&] { return serving.limiter().GetStatus().parked == 1; }));
  serving.server().Drain(kPatience);
  client.join();
}

TEST(ListenTest, ATakenPortIsAClearError) {
  Serving serving(
      {.listeners = {{"127.0.0.1:0", grpc::InsecureServerCredentials()}}});
  const std::string address = "127.0.0.1:" + std::to_string(serving.Port(1));
  const auto second =
      Server::Start({}, {{address, grpc::InsecureServerCredentials()}}, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              testing::AllOf(testing::HasSubstr(address),
                             testing::HasSubstr("in use")));
}

}  // namespace
}  // namespace outrigger::rpc
