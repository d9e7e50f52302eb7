// A real server that comes up while it is waited for.
#include "cli/probe.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>

#include "grpc/health/v1/health.grpc.pb.h"

namespace outrigger::cli {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class Health : public grpc::health::v1::Health::Service {
 public:
  grpc::Status Check(grpc::ServerContext*, const HealthCheckRequest*,
                     HealthCheckResponse* response) override {
    response->set_status(status);
    return grpc::Status::OK;
  }

  HealthCheckResponse::ServingStatus status = HealthCheckResponse::SERVING;
};

class ProbeTest : public ::testing::Test {
 protected:
  ProbeTest() {
    std::string pattern =
        std::filesystem::temp_directory_path() / "probeXXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~ProbeTest() override { std::filesystem::remove_all(folder_); }

  std::string Target(const std::string& name) const {
    return "unix:" + folder_ + "/" + name;
  }

  void Serve(const std::string& target) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&health_);
    builder.AddListeningPort(target, grpc::InsecureServerCredentials());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }

  Health health_;
  std::unique_ptr<grpc::Server> server_;

 private:
  std::string folder_;
};

TEST_F(ProbeTest, LooksForTheTargetAnewEachTime) {
  int looked = 0;
  const Probed probed = Probe(
      [&] {
        if (++looked == 1) return Target("other");
        if (server_ == nullptr) Serve(Target("here"));
        return Target("here");
      },
      std::chrono::seconds(30));
  EXPECT_TRUE(probed.called.ok()) << probed.called.error_message();
  EXPECT_EQ(probed.response.status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(probed.target, Target("here"));
}

TEST_F(ProbeTest, SaysWhatIsMissingAfterTheTime) {
  int looked = 0;
  const Probed probed = Probe(
      [&] {
        ++looked;
        return Target("none");
      },
      Duration::zero());
  EXPECT_EQ(probed.called.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(probed.target, Target("none"));
  EXPECT_EQ(looked, 1);
}

TEST_F(ProbeTest, DoesNotAskAgainWhoeverAnswers) {
  health_.status = HealthCheckResponse::NOT_SERVING;
  Serve(Target("here"));
  const Probed probed =
      Probe([&] { return Target("here"); }, std::chrono::seconds(30));
  EXPECT_TRUE(probed.called.ok());
  EXPECT_EQ(probed.response.status(), HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace outrigger::cli
