#include "server/sidecar.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "config/reload.h"
#include "telemetry/metrics.h"

namespace outrigger::server {
namespace {

// The store answers within its own deadline; this is for one that does not.
constexpr absl::Duration kMostLeaseReturn = absl::Seconds(2);

std::vector<std::string> ServiceNames() {
  return {ratelimit::v1::RateLimiter::service_full_name(),
          grpc::health::v1::Health::service_full_name()};
}

coord::Limiter::Options LimiterOptions(const config::Server& server) {
  coord::Limiter::Options options;
  options.max_keys = static_cast<size_t>(server.max_keys);
  options.max_parked = static_cast<size_t>(server.max_parked);
  return options;
}

}  // namespace

Sidecar::Sidecar(const config::Config& config, const Clock& clock)
    : config_(config), clock_(clock), log_("server", clock) {}

// The lock comes first: a second instance must fail before it touches anything
// that the first one uses. The store connects while the rest starts. The server
// comes when all that answers is there, and the file is watched last, since a
// change goes to the limiter.
absl::StatusOr<std::unique_ptr<Sidecar>> Sidecar::Start(
    const config::Config& config, Source source, const Clock& clock) {
  std::unique_ptr<Sidecar> sidecar(new Sidecar(config, clock));
  auto listeners = Listeners::Prepare(config.listen);
  if (!listeners.ok()) return listeners.status();
  sidecar->listeners_ = *std::move(listeners);
  sidecar->timers_ = std::make_unique<TimerThread>(clock);
  sidecar->store_ =
      MakeSharedStore(config.store, clock, sidecar->random_, sidecar->registry_,
                      telemetry::Tracer::Off());
  sidecar->limiter_ = std::make_unique<coord::Limiter>(
      LimiterOptions(config.server), config.limits, clock, *sidecar->timers_,
      sidecar->random_, sidecar->registry_, sidecar->store_.get());
  absl::Status status = sidecar->Listen();
  if (status.ok()) status = sidecar->Watch(std::move(source));
  if (!status.ok()) return status;
  return sidecar;
}

absl::Status Sidecar::Listen() {
  using grpc::reflection::v1::ServerReflection;
  using AlphaReflection = grpc::reflection::v1alpha::ServerReflection;
  const rpc::Instrumentation with{registry_, telemetry::Tracer::Off(), clock_,
                                  config_.listen.unix_path};
  rate_limiter_ = std::make_unique<rpc::RateLimiterService>(
      rpc::RateLimiterOptions{}, *limiter_, with);
  health_ = std::make_unique<rpc::HealthService>(ServiceNames(), with);
  reflection_.push_back(
      std::make_unique<rpc::ReflectionService<ServerReflection>>(ServiceNames(),
                                                                 with));
  reflection_.push_back(
      std::make_unique<rpc::ReflectionService<AlphaReflection>>(ServiceNames(),
                                                                with));
  const rpc::ServerOptions options{
      .threads = config_.server.threads,
      .max_message_bytes = static_cast<int>(config_.server.max_message_bytes),
      .max_calls_per_connection = config_.server.max_streams};
  auto server =
      rpc::Server::Start(options, listeners_->all(),
                         {rate_limiter_.get(), health_.get(),
                          reflection_[0].get(), reflection_[1].get()});
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  return listeners_->Bound(server_->ports());
}

absl::Status Sidecar::Watch(Source source) {
  if (source.path.empty()) return absl::OkStatus();
  auto watcher = config::Watcher::Start(
      std::move(source.path), std::move(source.environment), config_,
      [this](absl::StatusOr<config::Config> next) { Reload(std::move(next)); });
  if (!watcher.ok()) return watcher.status();
  watcher_ = *std::move(watcher);
  return absl::OkStatus();
}

void Sidecar::Reload(absl::StatusOr<config::Config> next) {
  const char* result = next.ok() ? "applied" : "refused";
  registry_.GetCounter(telemetry::kConfigReloads, {{"result", result}}).Add();
  if (!next.ok()) {
    log_.Error("the configuration was changed and is wrong; the old one stays",
               {{"error", std::string(next.status().message())}});
    return;
  }
  for (const std::string& warning : next->warnings) log_.Warning(warning);
  const auto waiting = config::RestartOnlyChanges(config_, *next);
  if (!waiting.empty()) {
    log_.Warning("some changes need a restart",
                 {{"options", absl::StrJoin(waiting, ", ")}});
  }
  telemetry::Log::SetMinimum(next->telemetry.log_level);
  const size_t limits = next->limits.size();
  limiter_->Update(std::move(next->limits));
  log_.Info("the configuration was reloaded",
            {{"limits", absl::StrCat(limits)}});
}

// The reverse of Start, but softly: nothing changes any more, clients go, what
// they asked is answered, and only then the leases go back, since answers may
// need them.
void Sidecar::Drain() {
  log_.Info("stopping: answering what has arrived");
  watcher_.reset();
  health_->SetServing(false);
  health_->EndWatches();
  server_->Drain(config_.server.drain_timeout);
  absl::Notification returned;
  limiter_->Drain([&returned] { returned.Notify(); });
  if (!returned.WaitForNotificationWithTimeout(kMostLeaseReturn)) {
    // Its end makes it answer; until then it refers to `returned`.
    log_.Warning("the store did not take the leases back in time");
    timers_->Stop();
    store_.reset();
    returned.WaitForNotification();
  }
  log_.Info("stopped");
}

Sidecar::~Sidecar() {
  watcher_.reset();
  server_.reset();
  // Nobody asks the store any more; then it answers all that it was asked,
  // while the limiter still listens.
  if (timers_ != nullptr) timers_->Stop();
  store_.reset();
  limiter_.reset();
}

}  // namespace outrigger::server
