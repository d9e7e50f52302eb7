// The connection to one target that all clients in a process share.
#ifndef OUTRIGGER_CLIENT_CORE_CHANNEL_H_
#define OUTRIGGER_CLIENT_CORE_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "core/loop.h"
#include "outrigger/breaker/v1/breaker.grpc.pb.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"
#include "outrigger/pool/v1/pool.grpc.pb.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"

namespace outrigger::client::internal {

// Thread-safe.
class Channel {
 public:
  // The channel to `target`, as ResolveTarget gave it; made if there is none.
  static std::shared_ptr<Channel> To(const std::string& target);

  // Use `To`.
  explicit Channel(const std::string& target);

  Loop& loop() { return loop_; }
  const std::shared_ptr<grpc::Channel>& grpc() const { return grpc_; }

  ratelimit::v1::RateLimiter::Stub& limits() { return *limits_; }
  cache::v1::Cache::Stub& cache() { return *cache_; }
  breaker::v1::Breaker::Stub& breaker() { return *breaker_; }
  pool::v1::Pool::Stub& pool() { return *pool_; }

 private:
  Loop loop_;
  const std::shared_ptr<grpc::Channel> grpc_;
  const std::unique_ptr<ratelimit::v1::RateLimiter::Stub> limits_;
  const std::unique_ptr<cache::v1::Cache::Stub> cache_;
  const std::unique_ptr<breaker::v1::Breaker::Stub> breaker_;
  const std::unique_ptr<pool::v1::Pool::Stub> pool_;
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_CHANNEL_H_
