#include "server/sidecar.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "admin/page.h"
#include "base/version.h"
#include "config/reload.h"
#include "telemetry/metrics.h"

namespace outrigger::server {
namespace {

constexpr char kApplied[] = "applied";
constexpr char kRefused[] = "refused";

}  // namespace

Sidecar::Sidecar(const config::Config& config, const Clock& clock)
    : config_(config), clock_(clock), log_("server", clock), running_(config) {}

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
  auto observability = Observability::Start(config, clock, sidecar->random_);
  if (!observability.ok()) return observability.status();
  sidecar->observability_ = *std::move(observability);
  telemetry::Registry& registry = sidecar->observability_->registry();
  for (const char* result : {kApplied, kRefused}) {  // known before they happen
    registry.GetCounter(telemetry::kConfigReloads, {{"result", result}});
  }
  sidecar->parts_ =
      std::make_unique<Parts>(config, clock, sidecar->random_, registry,
                              sidecar->observability_->tracer());
  absl::Status status = sidecar->Listen();
  if (status.ok()) status = sidecar->ListenForAdmin();
  if (status.ok()) status = sidecar->Watch(std::move(source));
  if (!status.ok()) return status;
  return sidecar;
}

absl::Status Sidecar::Listen() {
  const rpc::Instrumentation with{observability_->registry(),
                                  observability_->tracer(), clock_,
                                  config_.listen.unix_path};
  services_ = std::make_unique<Services>(*parts_, with);
  const rpc::ServerOptions options{
      .threads = config_.server.threads,
      .max_message_bytes = static_cast<int>(config_.server.max_message_bytes),
      .max_calls_per_connection = config_.server.max_streams};
  auto server =
      rpc::Server::Start(options, listeners_->all(), services_->all());
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  return listeners_->Bound(server_->ports());
}

absl::Status Sidecar::ListenForAdmin() {
  if (!config_.listen.admin.has_value()) return absl::OkStatus();
  telemetry::Registry& registry = observability_->registry();
  admin::Views views;
  views.checks = [this] { return Checks(); };
  views.metrics = [&registry] { return registry.Collect(); };
  views.resource = {{"service.name", config_.telemetry.service_name}};
  views.version = std::string(Version());
  views.config = [this] {
    absl::MutexLock lock(&running_mutex_);
    return running_;
  };
  const analyser::Analyser& analyser = observability_->analyser();
  views.performance_health = [&analyser] { return analyser.HealthJson(); };
  views.performance_metrics = [&analyser] { return analyser.MetricsJson(); };
  views.files = admin::PageFiles();
  views.clock = &clock_;
  views.registry = &registry;
  auto server = admin::Server::Start(admin::OptionsOf(config_.listen),
                                     admin::Routes(views), clock_, registry);
  if (!server.ok()) return server.status();
  admin_ = *std::move(server);
  return absl::OkStatus();
}

std::string Sidecar::page_url() const {
  if (admin_ == nullptr) return "";
  config::Address address = *config_.listen.admin;
  address.port = static_cast<uint16_t>(admin_->port());
  return absl::StrCat(config_.listen.admin_uses_tls() ? "https://" : "http://",
                      config::ToString(address), "/");
}

std::vector<admin::Check> Sidecar::Checks() const {
  if (draining_.load()) return {{"serving", false, "the sidecar is stopping"}};
  return {{"serving", true, ""}};
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

void Sidecar::RereadConfig() {
  log_.Info(watcher_ == nullptr ? "there is no configuration file to read again"
                                : "reading the configuration again");
  if (watcher_ != nullptr) watcher_->LookAgain();
}

void Sidecar::Reload(absl::StatusOr<config::Config> next) {
  const char* result = next.ok() ? kApplied : kRefused;
  observability_->registry()
      .GetCounter(telemetry::kConfigReloads, {{"result", result}})
      .Add();
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
  observability_->Update(*next);
  {
    absl::MutexLock lock(&running_mutex_);
    running_ = *next;
  }
  parts_->Update(*next);
  log_.Info("the configuration was reloaded",
            {{"limits", absl::StrCat(next->limits.size())},
             {"breakers", absl::StrCat(next->breakers.size())},
             {"pools", absl::StrCat(next->pools.size())}});
}

// The reverse of Start, but softly: nothing changes any more, clients go, what
// they asked is answered, and only then the leases go back, since answers may
// need them. Who waits for others is answered at once.
void Sidecar::Drain() {
  log_.Info("stopping: answering what has arrived");
  draining_.store(true);
  watcher_.reset();
  services_->health().SetServing(false);
  services_->health().EndWatches();
  parts_->EndWaits();
  server_->Drain(config_.server.drain_timeout);
  parts_->Drain();
  log_.Info("stopped");
  observability_->Flush();
}

Sidecar::~Sidecar() {
  watcher_.reset();
  admin_.reset();
  server_.reset();
}

}  // namespace outrigger::server
