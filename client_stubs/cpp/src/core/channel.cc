#include "core/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace outrigger::client::internal {
namespace {

// The sidecar is in the same pod: trying again costs little, and a connection
// that hangs while it is made (a sidecar that is stopped) is not worth a wait.
constexpr int kFirstBackoffMs = 50;
constexpr int kLongestBackoffMs = 1000;
constexpr int kMaxMessage = 64 << 20;

std::shared_ptr<grpc::Channel> Dial(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kLongestBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestBackoffMs);
  // There is no bandwidth to probe for; and a probe that finds a drained
  // sidecar's connection closed loses the answer that was not read yet.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Not the process' shared subchannels: they would outlive the last client.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  arguments.SetMaxSendMessageSize(kMaxMessage);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace

std::shared_ptr<Channel> Channel::To(const std::string& target) {
  static auto* const mutex = new absl::Mutex();
  static auto* const channels =
      new absl::flat_hash_map<std::string, std::weak_ptr<Channel>>();
  absl::MutexLock lock(mutex);
  absl::erase_if(*channels,
                 [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<Channel>& known = (*channels)[target];
  std::shared_ptr<Channel> channel = known.lock();
  if (channel == nullptr) {
    channel = std::make_shared<Channel>(target);
    known = channel;
  }
  return channel;
}

Channel::Channel(const std::string& target)
    : grpc_(Dial(target)),
      limits_(ratelimit::v1::RateLimiter::NewStub(grpc_)),
      cache_(cache::v1::Cache::NewStub(grpc_)),
      breaker_(breaker::v1::Breaker::NewStub(grpc_)),
      pool_(pool::v1::Pool::NewStub(grpc_)) {}

}  // namespace outrigger::client::internal
