#include "rpc/serving.h"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

#include "support/wait_for.h"

namespace outrigger::rpc {

TempFolder::TempFolder() {
  char path[] = "/tmp/outrigger-test-XXXXXX";
  if (mkdtemp(path) == nullptr) throw std::runtime_error("no temp folder");
  path_ = path;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

limit::LimitConfig PerUser(const std::string& name, double tokens,
                           std::chrono::microseconds period, double burst) {
  limit::LimitConfig config;
  config.name = name;
  config.key = {"user"};
  config.shape.tokens = tokens;
  config.shape.period_us = period.count();
  config.shape.burst = burst;
  return config;
}

Serving::Serving(Options options) {
  limiter_ = std::make_unique<coord::Limiter>(
      options.limiter, options.limits, clock_, timers_, random_, registry_,
      /*store=*/nullptr);
  tracer_ = std::make_unique<telemetry::Tracer>(options.tracing, clock_,
                                                random_, options.spans);
  const Instrumentation with{registry_, *tracer_, clock_, socket_};
  service_ = std::make_unique<RateLimiterService>(options.rate_limiter,
                                                  *limiter_, with);
  const std::vector<std::string> names = {v1::RateLimiter::service_full_name()};
  health_ = std::make_unique<HealthService>(names, with);
  reflection_ = std::make_unique<
      ReflectionService<grpc::reflection::v1alpha::ServerReflection>>(names,
                                                                      with);
  std::vector<Listener> listeners = {
      {"unix:" + socket_, grpc::InsecureServerCredentials()}};
  listeners.insert(listeners.end(), options.listeners.begin(),
                   options.listeners.end());
  auto server =
      Server::Start(options.server, listeners,
                    {service_.get(), health_.get(), reflection_.get()});
  if (!server.ok()) throw std::runtime_error(server.status().ToString());
  server_ = *std::move(server);
  stub_ = v1::RateLimiter::NewStub(Connect());
}

Serving::~Serving() {
  server_.reset();
  timers_.Stop();
}

std::shared_ptr<grpc::Channel> Serving::Connect() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
  // A client that probes for bandwidth just when the server has answered for
  // the last time and hung up finds that it cannot write, and gives up before
  // it has read the answer.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return grpc::CreateCustomChannel(
      "unix:" + socket_, grpc::InsecureChannelCredentials(), arguments);
}

double Serving::Counted(const telemetry::MetricInfo& metric,
                        const telemetry::Attributes& attributes) const {
  const telemetry::Snapshot snapshot = registry_.Collect();
  const telemetry::Metric* found = telemetry::Find(snapshot, metric.name);
  if (found == nullptr) return 0;
  for (const telemetry::Point& point : found->points) {
    if (*point.attributes == attributes) return telemetry::NumberOf(point);
  }
  return 0;
}

grpc::Status Serving::Allow(const std::string& user,
                            v1::AllowResponse* response) {
  grpc::ClientContext context;
  SetPatience(&context);
  v1::AllowRequest request;
  (*request.mutable_attributes())["user"] = user;
  return stub_->Allow(&context, request, response);
}

void SetPatience(grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + kPatience);
}

}  // namespace outrigger::rpc
