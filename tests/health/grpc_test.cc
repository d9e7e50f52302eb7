// Checks of a real gRPC server.
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "health/scripted_server.h"
#include "health/watched.h"
#include "support/redis_server.h"

namespace outrigger::health {
namespace {

namespace v1 = grpc::health::v1;

// Says what it is told to of service "shop", and nothing of others; or hangs.
class HealthService final : public v1::Health::Service {
 public:
  grpc::Status Check(grpc::ServerContext* context,
                     const v1::HealthCheckRequest* request,
                     v1::HealthCheckResponse* response) override {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](bool* hanging) { return !*hanging; }, &hanging_));
    if (request->service() != "shop") {
      return {grpc::StatusCode::NOT_FOUND, "no such service"};
    }
    response->set_status(status_);
    return grpc::Status::OK;
  }

  void Set(v1::HealthCheckResponse::ServingStatus status) {
    absl::MutexLock lock(&mutex_);
    status_ = status;
  }
  void Hang(bool hanging) {
    absl::MutexLock lock(&mutex_);
    hanging_ = hanging;
  }

 private:
  absl::Mutex mutex_;
  v1::HealthCheckResponse::ServingStatus status_ ABSL_GUARDED_BY(mutex_) =
      v1::HealthCheckResponse::SERVING;
  bool hanging_ ABSL_GUARDED_BY(mutex_) = false;
};

class GrpcCheckTest : public testing::Test {
 protected:
  GrpcCheckTest() { Begin(); }
  ~GrpcCheckTest() override {
    service_.Hang(false);
    if (server_ != nullptr) server_->Shutdown();
  }

  void Begin() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.AddListeningPort("unix:" + socket_,
                             grpc::InsecureServerCredentials());
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  void End() {
    server_->Shutdown();
    server_ = nullptr;
  }
  pool::PoolOptions PoolOn(const std::string& address,
                           const std::string& service = "shop") {
    pool::PoolOptions options = PoolOf(pool::Check::kGrpc, {address});
    options.health.service = service;
    options.health.every = options.health.timeout =
        std::chrono::milliseconds(200);
    return options;
  }

  TempDir dir_;
  const std::string address_ = "127.0.0.1:" + std::to_string(FreePort());
  const std::string socket_ = dir_.path() + "/grpc.sock";
  HealthService service_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(GrpcCheckTest, FollowsTheServersStatus) {
  Watched watched({PoolOn(address_)});
  EXPECT_TRUE(watched.Becomes(address_, true));
  service_.Set(v1::HealthCheckResponse::NOT_SERVING);
  EXPECT_TRUE(watched.Becomes(address_, false));
  EXPECT_TRUE(watched.Says(address_, "Check is answered: NOT_SERVING"));
  service_.Set(v1::HealthCheckResponse::SERVING);
  EXPECT_TRUE(watched.Becomes(address_, true));
}

TEST_F(GrpcCheckTest, FollowsAServerThatEndsAndBegins) {
  Watched watched({PoolOn(address_)});
  EXPECT_TRUE(watched.Becomes(address_, true));
  End();
  EXPECT_TRUE(watched.Becomes(address_, false));
  EXPECT_TRUE(watched.Says(address_, "Connection refused"));
  Begin();
  EXPECT_TRUE(watched.Becomes(address_, true));
}

TEST_F(GrpcCheckTest, AServerThatHangsFailsInTime) {
  Watched watched({PoolOn(address_)});
  EXPECT_TRUE(watched.Becomes(address_, true));
  service_.Hang(true);
  EXPECT_TRUE(watched.Becomes(address_, false));
  EXPECT_TRUE(watched.Says(address_, "no answer within 200ms"));
  service_.Hang(false);
  EXPECT_TRUE(watched.Becomes(address_, true));
}

TEST_F(GrpcCheckTest, AServiceThatTheServerDoesNotKnowFails) {
  Watched watched({PoolOn(address_, "other")});
  EXPECT_TRUE(watched.Says(address_, "Check fails: no such service"));
}

TEST_F(GrpcCheckTest, WorksOverAUnixSocket) {
  Watched watched({PoolOn("unix:" + socket_)});
  EXPECT_TRUE(watched.Becomes("unix:" + socket_, true));
}

TEST_F(GrpcCheckTest, AServerOfAnotherProtocolFails) {
  ScriptedServer other({"HTTP/1.1 400 Bad Request\r\n\r\n", true});
  Watched watched({PoolOn(other.address())});
  EXPECT_FALSE(watched.Next(other.address()).passed);
}

TEST_F(GrpcCheckTest, EndsWhileACheckHangs) {
  service_.Hang(true);
  Watched watched({PoolOn(address_)});
  EXPECT_TRUE(watched.Becomes(address_, false));
  watched.End();  // at once; or the test's own time runs out
}

}  // namespace
}  // namespace outrigger::health
