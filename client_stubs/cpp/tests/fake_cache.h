// A sidecar's cache that answers as a test wants.
#ifndef OUTRIGGER_CLIENT_TESTS_FAKE_CACHE_H_
#define OUTRIGGER_CLIENT_TESTS_FAKE_CACHE_H_

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/durations.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"
#include "support.h"

namespace outrigger::client {

// Has no value. Keys that begin with "other" or "slow" are being loaded by
// others, and are not there after a wait; there is no answer to a wait for
// "other". A key "bad" cannot be stored.
class FakeCache final : public cache::v1::Cache::Service {
 public:
  FakeCache() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.SetMaxReceiveMessageSize(9 << 20);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeCache() override { server_->Shutdown(); }

  Options Target() const {
    Options options = Patient();
    options.target = absl::StrCat("127.0.0.1:", port_);
    return options;
  }

  std::size_t largest() const { return largest_; }
  // How long each Get was to wait, in order.
  std::vector<absl::Duration> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }
  std::set<std::string> stored() const {
    const std::lock_guard lock(mutex_);
    return stored_;
  }
  std::set<std::string> abandoned() const {
    const std::lock_guard lock(mutex_);
    return abandoned_;
  }

  grpc::Status GetMany(grpc::ServerContext*,
                       const cache::v1::GetManyRequest* request,
                       cache::v1::GetManyResponse* response) override {
    for (const auto& one : request->requests()) {
      auto* answer = response->add_responses();
      answer->set_status(cache::v1::MISS);
      if (!IsLoadedByOthers(one.key())) answer->set_fill_token("token");
    }
    return grpc::Status::OK;
  }

  grpc::Status Get(grpc::ServerContext*, const cache::v1::GetRequest* request,
                   cache::v1::GetResponse* response) override {
    const std::lock_guard lock(mutex_);
    waits_.push_back(internal::FromProto(request->max_wait()));
    if (request->key().starts_with("other")) {
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "not now");
    }
    response->set_status(cache::v1::MISS);
    if (!IsLoadedByOthers(request->key())) response->set_fill_token("token");
    return grpc::Status::OK;
  }

  grpc::Status SetMany(grpc::ServerContext*,
                       const cache::v1::SetManyRequest* request,
                       cache::v1::SetManyResponse* response) override {
    largest_ = std::max(largest_.load(), request->ByteSizeLong());
    for (const auto& one : request->requests()) {
      if (one.key() == "bad") return Bad();
    }
    for (const auto& one : request->requests()) {
      Store(one);
      response->add_responses()->set_stored(true);
    }
    return grpc::Status::OK;
  }

  grpc::Status Set(grpc::ServerContext*, const cache::v1::SetRequest* request,
                   cache::v1::SetResponse* response) override {
    if (request->key() == "bad") return Bad();
    Store(*request);
    response->set_stored(true);
    return grpc::Status::OK;
  }

  grpc::Status Abandon(grpc::ServerContext*,
                       const cache::v1::AbandonRequest* request,
                       cache::v1::AbandonResponse*) override {
    const std::lock_guard lock(mutex_);
    abandoned_.insert(request->key());
    return grpc::Status::OK;
  }

 private:
  static bool IsLoadedByOthers(const std::string& key) {
    return key.starts_with("other") || key.starts_with("slow");
  }

  static grpc::Status Bad() {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "value: too long");
  }

  void Store(const cache::v1::SetRequest& request) {
    const std::lock_guard lock(mutex_);
    stored_.insert(request.key());
  }

  mutable std::mutex mutex_;
  std::set<std::string> stored_;
  std::set<std::string> abandoned_;
  std::vector<absl::Duration> waits_;
  std::atomic<std::size_t> largest_{0};  // SetMany
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_CLIENT_TESTS_FAKE_CACHE_H_
