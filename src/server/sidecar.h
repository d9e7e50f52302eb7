// The whole sidecar, put together from its parts.
#ifndef OUTRIGGER_SERVER_SIDECAR_H_
#define OUTRIGGER_SERVER_SIDECAR_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "admin/routes.h"
#include "admin/server.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "config/config.h"
#include "config/environment.h"
#include "config/watcher.h"
#include "coord/cache/cache.h"
#include "coord/limiter.h"
#include "rpc/cache/service.h"
#include "rpc/core/server.h"
#include "rpc/ratelimit/service.h"
#include "rpc/standard/health.h"
#include "rpc/standard/reflection.h"
#include "server/listeners.h"
#include "server/observability.h"
#include "server/shared_store.h"
#include "store/cache_store.h"
#include "store/limit_store.h"
#include "telemetry/log.h"

namespace outrigger::server {

// Serves from Start until destruction.
class Sidecar {
 public:
  struct Source {
    // The configuration's file, which is then watched; empty: none.
    std::string path;
    config::Environment environment;
  };

  // Serves `config`, which came from `source`. `clock` must be the system's and
  // outlive the sidecar. The errors say what to do: another instance runs, an
  // address is taken, a certificate cannot be read.
  static absl::StatusOr<std::unique_ptr<Sidecar>> Start(
      const config::Config& config, Source source, const Clock& clock);

  // Without Drain, calls under way are cancelled and leases lapse.
  ~Sidecar();

  Sidecar(const Sidecar&) = delete;
  Sidecar& operator=(const Sidecar&) = delete;

  // Stops without failing a call: says NOT_SERVING, sends clients away, answers
  // what has arrived, gives leases and waiting writes to the store. Returns at
  // the latest shortly after server.drain_timeout. Blocks; at most once.
  void Drain();

  // Where the page is, "http://127.0.0.1:7421/"; empty: nowhere.
  std::string page_url() const;

  // What clients dial, e.g. "unix:/run/outrigger/outrigger.sock".
  const std::vector<std::string>& targets() const {
    return listeners_->targets();
  }

 private:
  Sidecar(const config::Config& config, const Clock& clock);

  void MakeParts();
  absl::Status Listen();
  absl::Status ListenForAdmin();
  // What admin says of readiness.
  std::vector<admin::Check> Checks() const;
  absl::Status Watch(Source source);
  // Sends the write-behind that still waits; says what could not be sent.
  void FlushWrites();
  // On the watcher's thread.
  void Reload(absl::StatusOr<config::Config> next);

  const config::Config config_;
  const Clock& clock_;
  const telemetry::Log log_;

  // In the order of their construction; each uses those above it.
  PseudoRandomSource random_;
  std::unique_ptr<Listeners> listeners_;
  std::unique_ptr<Observability> observability_;
  std::unique_ptr<TimerThread> timers_;
  std::unique_ptr<store::LimitStore> store_;
  std::unique_ptr<coord::Limiter> limiter_;
  std::unique_ptr<store::CacheStore> cache_store_;
  std::unique_ptr<coord::Cache> cache_;
  std::unique_ptr<rpc::RateLimiterService> rate_limiter_;
  std::unique_ptr<rpc::CacheService> cache_service_;
  std::unique_ptr<rpc::HealthService> health_;
  std::vector<std::unique_ptr<rpc::Service>> reflection_;
  std::unique_ptr<rpc::Server> server_;
  std::atomic<bool> draining_{false};
  mutable absl::Mutex running_mutex_;
  config::Config running_ ABSL_GUARDED_BY(running_mutex_);  // reloads included
  std::unique_ptr<admin::Server> admin_;
  std::unique_ptr<config::Watcher> watcher_;
};

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_SIDECAR_H_
