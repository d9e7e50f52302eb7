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
#include "config/config.h"
#include "config/environment.h"
#include "config/watcher.h"
#include "rpc/core/server.h"
#include "server/listeners.h"
#include "server/observability.h"
#include "server/parts.h"
#include "server/services.h"
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
  // what has arrived, gives leases, slots and waiting writes back. Returns at
  // the latest shortly after server.drain_timeout. Blocks; at most once.
  void Drain();

  // Takes over what its file says now; what is wrong with it is logged. As it
  // is watched, that is needed only where the file system tells of no changes.
  // Not together with Drain.
  void RereadConfig();

  // Where the page is, "http://127.0.0.1:7421/"; empty: nowhere.
  std::string page_url() const;

  // What clients dial, e.g. "unix:/run/outrigger/outrigger.sock".
  const std::vector<std::string>& targets() const {
    return listeners_->targets();
  }

 private:
  Sidecar(const config::Config& config, const Clock& clock);

  absl::Status Listen();
  absl::Status ListenForAdmin();
  // What admin says of readiness.
  std::vector<admin::Check> Checks() const;
  absl::Status Watch(Source source);
  // On the watcher's thread.
  void Reload(absl::StatusOr<config::Config> next);

  const config::Config config_;
  const Clock& clock_;
  const telemetry::Log log_;

  // In the order of their construction; each uses those above it.
  PseudoRandomSource random_;
  std::unique_ptr<Listeners> listeners_;
  std::unique_ptr<Observability> observability_;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<rpc::Server> server_;
  std::atomic<bool> draining_{false};
  mutable absl::Mutex running_mutex_;
  config::Config running_ ABSL_GUARDED_BY(running_mutex_);  // reloads included
  std::unique_ptr<admin::Server> admin_;
  std::unique_ptr<config::Watcher> watcher_;
};

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_SIDECAR_H_
