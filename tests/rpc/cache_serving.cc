#include "rpc/cache_serving.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

namespace outrigger::rpc {
namespace {

using cache::v1::GetRequest;
using cache::v1::GetResponse;
using cache::v1::SetRequest;
using cache::v1::SetResponse;

constexpr size_t kStoreBytes = 256 << 20;

cache::Options Filled(cache::Options options) {
  if (options.namespaces.empty()) {
    options.namespaces.push_back({.name = "profiles"});
    options.namespaces.push_back({.name = "orders", .write_behind = true});
  }
  if (!cache::ShareMemory(options).ok()) throw std::runtime_error("memory");
  return options;
}

}  // namespace

CacheServing::CacheServing(Options options) {
  store_ = std::make_unique<store::MemoryCacheStore>(clock_, kStoreBytes);
  cache_ = std::make_unique<coord::Cache>(Filled(options.cache), options.bounds,
                                          clock_, timers_, random_, registry_,
                                          *store_);
  tracer_ = std::make_unique<telemetry::Tracer>(telemetry::Tracer::Options{},
                                                clock_, random_, options.spans);
  const Instrumentation with{registry_, *tracer_, clock_};
  service_ = std::make_unique<CacheService>(options.service, *cache_, with);
  const std::string target = "unix:" + folder_.File("s.sock");
  auto server = Server::Start({}, {{target, grpc::InsecureServerCredentials()}},
                              {service_.get()});
  if (!server.ok()) throw std::runtime_error(server.status().ToString());
  server_ = *std::move(server);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  stub_ = Api::NewStub(grpc::CreateCustomChannel(
      target, grpc::InsecureChannelCredentials(), arguments));
}

CacheServing::~CacheServing() {
  cache_->Drain();
  server_.reset();
  timers_.Stop();
  store_.reset();
}

double CacheServing::Counted(const telemetry::MetricInfo& metric,
                             const telemetry::Attributes& attributes) const {
  const telemetry::Snapshot snapshot = registry_.Collect();
  const telemetry::Metric* found = telemetry::Find(snapshot, metric.name);
  if (found == nullptr) return 0;
  for (const telemetry::Point& point : found->points) {
    if (*point.attributes == attributes) return telemetry::NumberOf(point);
  }
  return 0;
}

GetResponse CacheServing::Get(const GetRequest& request) {
  grpc::ClientContext context;
  SetPatience(&context);
  GetResponse response;
  const grpc::Status status = stub_->Get(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

GetResponse CacheServing::Get(const std::string& key) {
  return Get(GetOf(key));
}

SetResponse CacheServing::Set(const SetRequest& request) {
  grpc::ClientContext context;
  SetPatience(&context);
  SetResponse response;
  const grpc::Status status = stub_->Set(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

SetResponse CacheServing::Set(const std::string& key,
                              const std::string& value) {
  return Set(SetOf(key, value));
}

GetRequest GetOf(const std::string& key) {
  GetRequest request;
  request.set_namespace_("profiles");
  request.set_key(key);
  return request;
}

SetRequest SetOf(const std::string& key, const std::string& value) {
  SetRequest request;
  request.set_namespace_("profiles");
  request.set_key(key);
  request.set_value(value);
  return request;
}

}  // namespace outrigger::rpc
