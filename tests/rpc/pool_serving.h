// A real server in this process around real pools, whose store is in memory:
// what the tests of rpc/pool call.
#ifndef OUTRIGGER_TESTS_RPC_POOL_SERVING_H_
#define OUTRIGGER_TESTS_RPC_POOL_SERVING_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coord/pool/pools.h"
#include "outrigger/pool/v1/pool.grpc.pb.h"
#include "rpc/local_server.h"
#include "rpc/pool/service.h"
#include "store/memory_pool_store.h"

namespace outrigger::rpc {

// A store that can be put out of reach.
class CutStore final : public store::PoolStore {
 public:
  explicit CutStore(const Clock& clock) : inner_(clock) {}
  void Cut() { cut_.store(true); }

  void Listen(const std::string& pod, store::PoolListener* listener) override {
    inner_.Listen(pod, listener);
  }
  void Exchange(store::PoolRequest request, Done done) override {
    if (cut_.load()) return done(absl::UnavailableError("cut"));
    inner_.Exchange(std::move(request), std::move(done));
  }
  bool reachable() const override { return !cut_.load(); }

 private:
  store::MemoryPoolStore inner_;
  std::atomic<bool> cut_{false};
};

class PoolServing {
 public:
  using Api = pool::v1::Pool;
  using Stub = Api::Stub;

  struct Options {
    // None: "db", with two slots and two endpoints, and "caps", with one slot
    // and no endpoint.
    std::vector<pool::PoolOptions> pools{};
    PoolServiceOptions service{};
    coord::Pools::Settings settings{};
    // Null: nothing is traced.
    telemetry::SpanSink* spans = nullptr;
  };
  explicit PoolServing(Options options)
      : world_(options.spans),
        store_(world_.clock),
        pools_(options.settings, Filled(options.pools), world_.clock,
               world_.timers, world_.random, world_.registry, store_),
        service_(options.service, pools_,
                 {world_.registry, world_.tracer, world_.clock}),
        server_(std::make_unique<LocalServer>(world_.folder, service_)),
        stub_(Api::NewStub(server_->Connect())) {}
  PoolServing() : PoolServing(Options{}) {}
  ~PoolServing() {
    pools_.EndWaits();
    server_ = nullptr;
    pools_.Drain([] {});
    world_.timers.Stop();
  }

  Stub& stub() { return *stub_; }
  Server& server() { return server_->server(); }
  coord::Pools& pools() { return pools_; }
  CutStore& store() { return store_; }
  const World& world() const { return world_; }
  std::unique_ptr<Stub> Connect() { return Api::NewStub(server_->Connect()); }

  // As a caller would; fail the test unless the call is OK.
  pool::v1::AcquireResponse Acquire(const pool::v1::AcquireRequest& request) {
    pool::v1::AcquireResponse response;
    const grpc::Status status =
        CallOf(*stub_, &Stub::Acquire, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  pool::v1::AcquireResponse Acquire(const std::string& pool) {
    pool::v1::AcquireRequest request;
    request.set_pool(pool);
    return Acquire(request);
  }
  bool Release(uint64_t lease_id) {
    pool::v1::ReleaseRequest request;
    request.set_lease_id(lease_id);
    request.set_result(pool::v1::SUCCESS);
    pool::v1::ReleaseResponse response;
    const grpc::Status status =
        CallOf(*stub_, &Stub::Release, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.released();
  }
  pool::v1::PoolStatus StatusOf(const std::string& pool) {
    pool::v1::StatusRequest request;
    request.set_pool(pool);
    pool::v1::StatusResponse response;
    const grpc::Status status =
        CallOf(*stub_, &Stub::Status, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.pools_size() == 0 ? pool::v1::PoolStatus()
                                      : response.pools(0);
  }

 private:
  static std::vector<pool::PoolOptions> Filled(
      std::vector<pool::PoolOptions> pools) {
    if (!pools.empty()) return pools;
    pool::PoolOptions db{.name = "db", .max_connections = 2};
    db.endpoints = {
        {.address = "10.0.0.1:5432", .zone = "a", .role = pool::Role::kPrimary},
        {.address = "10.0.0.2:5432",
         .zone = "b",
         .role = pool::Role::kReplica}};
    return {db, {.name = "caps", .max_connections = 1}};
  }

  World world_;
  CutStore store_;
  coord::Pools pools_;
  PoolService service_;
  std::unique_ptr<LocalServer> server_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_TESTS_RPC_POOL_SERVING_H_
