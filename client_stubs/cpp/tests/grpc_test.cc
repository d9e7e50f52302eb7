// The real gRPC on both sides; its service is one of the protos'.
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "outrigger/grpc_client.h"
#include "outrigger/grpc_server.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"
#include "support.h"

namespace outrigger::client {
namespace {

namespace v1 = ratelimit::v1;

std::string UserOf(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  const auto user = metadata.find("user");
  return user == metadata.end()
             ? ""
             : std::string(user->second.data(), user->second.size());
}

// Each method is limited in another way.
class Shop final : public v1::RateLimiter::WithCallbackMethod_Report<
                       v1::RateLimiter::Service> {
 public:
  explicit Shop(Limiter limiter) : limiter_(std::move(limiter)) {}

  // By Guard.
  grpc::Status Allow(grpc::ServerContext* context, const v1::AllowRequest*,
                     v1::AllowResponse*) override {
    if (auto status = Guard(limiter_, *context,
                            {{"user", UserOf(context->client_metadata())}});
        !status.ok()) {
      return status;
    }
    ++served_;
    return grpc::Status::OK;
  }

  // By GuardAsync.
  grpc::ServerUnaryReactor* Report(grpc::CallbackServerContext* context,
                                   const v1::ReportRequest*,
                                   v1::ReportResponse*) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    GuardAsync(limiter_, *context,
               {{"user", UserOf(context->client_metadata())}}, {},
               [this, reactor](const grpc::Status& status) {
                 if (status.ok()) ++served_;
                 reactor->Finish(status);
               });
    return reactor;
  }

  // By the interceptors, which it asks.
  grpc::Status Refund(grpc::ServerContext* context, const v1::RefundRequest*,
                      v1::RefundResponse*) override {
    if (auto status = Admitted(*context); !status.ok()) return status;
    ++served_;
    return grpc::Status::OK;
  }

  // By the interceptors, and it does not look.
  grpc::Status Status(grpc::ServerContext*, const v1::StatusRequest*,
                      v1::StatusResponse*) override {
    ++served_;
    return grpc::Status::OK;
  }

  // Fails, for breakers.
  grpc::Status AllowMany(grpc::ServerContext*, const v1::AllowManyRequest*,
                         v1::AllowManyResponse*) override {
    ++served_;
    return grpc::Status(grpc::StatusCode::INTERNAL, "out of order");
  }

  int served() const { return served_; }

 private:
  Limiter limiter_;
  std::atomic<int> served_{0};
};

class GrpcTest : public testing::Test {
 protected:
  GrpcTest() {
    std::vector<
        std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
        interceptors;
    interceptors.push_back(std::make_unique<RateLimitInterceptors>(
        client_.limiter(),
        [](const std::string& method,
           const RateLimitInterceptors::ReceivedMetadata& metadata)
            -> std::optional<Attributes> {
          if (!method.ends_with("/Refund") && !method.ends_with("/Status")) {
            return std::nullopt;
          }
          return Attributes{{"user", UserOf(metadata)}};
        }));
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(&shop_);
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
    stub_ = v1::RateLimiter::NewStub(
        grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
  }
  ~GrpcTest() override { server_->Shutdown(); }

  template <class Request, class Response>
  void ExpectTheBurstAndNoMore(
      grpc::Status (v1::RateLimiter::Stub::*method)(grpc::ClientContext*,
                                                    const Request&, Response*),
      int handlers_for_denied) {
    const std::string user = Unique("user");
    for (int i = 0; i < 12; ++i) {
      grpc::ClientContext context;
      context.AddMetadata("user", user);
      Response response;
      const grpc::Status status =
          (stub_.get()->*method)(&context, Request(), &response);
      const auto& trailing = context.GetServerTrailingMetadata();
      EXPECT_EQ(trailing.count("ratelimit"), 1u);
      EXPECT_EQ(trailing.count("ratelimit-policy"), 1u);
      EXPECT_EQ(trailing.count("retry-after"), i < 10 ? 0u : 1u);
      EXPECT_EQ(status.error_code(), i < 10
                                         ? grpc::StatusCode::OK
                                         : grpc::StatusCode::RESOURCE_EXHAUSTED)
          << i << status.error_message();
    }
    EXPECT_EQ(shop_.served(), 10 + handlers_for_denied);
  }

  Client client_ = Connected();
  Shop shop_{client_.limiter()};
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::unique_ptr<v1::RateLimiter::Stub> stub_;
};

TEST_F(GrpcTest, GuardAnswersWhatIsTooMuch) {
  ExpectTheBurstAndNoMore(&v1::RateLimiter::Stub::Allow, 0);
}

TEST_F(GrpcTest, GuardAsyncDoesTheSame) {
  ExpectTheBurstAndNoMore(&v1::RateLimiter::Stub::Report, 0);
}

TEST_F(GrpcTest, AHandlerThatAsksAdmittedDoesNotRunForDeniedCalls) {
  ExpectTheBurstAndNoMore(&v1::RateLimiter::Stub::Refund, 0);
}

TEST_F(GrpcTest, OneThatDoesNotRunsAndItsAnswerIsReplaced) {
  ExpectTheBurstAndNoMore(&v1::RateLimiter::Stub::Status, 2);
}

TEST_F(GrpcTest, ABreakerKeepsDeniedCallsFromBeingSent) {
  Options options = WithoutSidecar();
  options.breaker = {.failures = 2, .open_for = absl::Hours(1)};
  Client local = Connected(options);
  std::vector<
      std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(
      std::make_unique<BreakerInterceptors>(local.breaker("payments")));
  const auto stub = v1::RateLimiter::NewStub(
      grpc::experimental::CreateCustomChannelWithInterceptors(
          address_, grpc::InsecureChannelCredentials(),
          grpc::ChannelArguments(), std::move(interceptors)));
  for (int i = 0; i < 4; ++i) {
    grpc::ClientContext context;
    v1::AllowManyResponse response;
    const grpc::Status status =
        stub->AllowMany(&context, v1::AllowManyRequest(), &response);
    if (i < 2) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
      EXPECT_FALSE(DenialOf(status).has_value());
    } else {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
      const Denial denial = DenialOf(status).value();
      EXPECT_EQ(denial.reason, DenialReason::kConsecutiveFailures);
      EXPECT_EQ(denial.source, Source::kFallback);
    }
  }
  EXPECT_EQ(shop_.served(), 2);
  // Streams, too.
  grpc::ClientContext context;
  const auto stream = stub->AllowStream(&context);
  stream->WritesDone();
  v1::AllowStreamResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(DenialOf(stream->Finish()).has_value());
}

TEST_F(GrpcTest, CallsThatEndWellAreReportedAsSuccesses) {
  Breaker breaker = client_.breaker("bench");
  std::vector<
      std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(std::make_unique<BreakerInterceptors>(breaker));
  const auto stub = v1::RateLimiter::NewStub(
      grpc::experimental::CreateCustomChannelWithInterceptors(
          address_, grpc::InsecureChannelCredentials(),
          grpc::ChannelArguments(), std::move(interceptors)));
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    v1::StatusResponse response;
    context.AddMetadata("user", Unique("user"));
    EXPECT_TRUE(stub->Status(&context, v1::StatusRequest(), &response).ok());
  }
  breaker.Flush();
  EXPECT_EQ(client_.stats().breaker.calls, 3u);
  EXPECT_EQ(client_.stats().breaker.fallbacks, 0u);
  EXPECT_EQ(client_.stats().outcomes_dropped, 0u);
}

}  // namespace
}  // namespace outrigger::client
