// A real server in this process around a real cache, whose store is in memory:
// what the tests of rpc/cache call.
#ifndef OUTRIGGER_TESTS_RPC_CACHE_SERVING_H_
#define OUTRIGGER_TESTS_RPC_CACHE_SERVING_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "coord/cache/cache.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"
#include "rpc/cache/service.h"
#include "rpc/core/server.h"
#include "rpc/serving.h"
#include "store/memory_cache_store.h"
#include "telemetry/registry.h"

namespace outrigger::rpc {

class CacheServing {
 public:
  using Api = cache::v1::Cache;

  struct Options {
    // None: "profiles", and "orders", which has write_behind.
    cache::Options cache{};
    CacheServiceOptions service{};
    coord::Cache::Bounds bounds{};
    // Null: nothing is traced.
    telemetry::SpanSink* spans = nullptr;
  };
  explicit CacheServing(Options options);
  CacheServing() : CacheServing(Options{}) {}
  ~CacheServing();

  Api::Stub& stub() { return *stub_; }
  Server& server() { return *server_; }
  coord::Cache& cache() { return *cache_; }
  // The value of a counter with these attributes; 0 if there is none.
  double Counted(const telemetry::MetricInfo& metric,
                 const telemetry::Attributes& attributes) const;

  // As a caller would, with patience; fails the test unless the call is OK.
  cache::v1::GetResponse Get(const cache::v1::GetRequest& request);
  cache::v1::GetResponse Get(const std::string& key);
  cache::v1::SetResponse Set(const cache::v1::SetRequest& request);
  cache::v1::SetResponse Set(const std::string& key, const std::string& value);

 private:
  TempFolder folder_;
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  std::unique_ptr<telemetry::Tracer> tracer_;
  TimerThread timers_{clock_};
  std::unique_ptr<store::CacheStore> store_;
  std::unique_ptr<coord::Cache> cache_;
  std::unique_ptr<CacheService> service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Api::Stub> stub_;
};

// A unary call with patience.
template <typename Method, typename Request, typename Response>
grpc::Status Call(CacheServing& serving, Method method, const Request& request,
                  Response* response) {
  grpc::ClientContext context;
  SetPatience(&context);
  return (serving.stub().*method)(&context, request, response);
}

// In the namespace "profiles".
cache::v1::GetRequest GetOf(const std::string& key);
cache::v1::SetRequest SetOf(const std::string& key, const std::string& value);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_TESTS_RPC_CACHE_SERVING_H_
