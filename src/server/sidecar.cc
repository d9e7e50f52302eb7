#include "server/sidecar.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "admin/page.h"
#include "base/version.h"
#include "config/reload.h"
#include "telemetry/metrics.h"

namespace outrigger::server {
namespace {

// The store answers within its own deadline; this is for one that does not.
constexpr absl::Duration kMostLeaseReturn = absl::Seconds(2);

// For what the store has not got yet of what was Set with write_behind.
constexpr absl::Duration kMostWriteFlush = absl::Seconds(2);

constexpr char kApplied[] = "applied";
constexpr char kRefused[] = "refused";

std::vector<std::string> ServiceNames() {
  return {ratelimit::v1::RateLimiter::service_full_name(),
          cache::v1::Cache::service_full_name(),
          grpc::health::v1::Health::service_full_name()};
}

coord::Limiter::Options LimiterOptions(const config::Server& server) {
  coord::Limiter::Options options;
  options.max_keys = static_cast<size_t>(server.max_keys);
  options.max_parked = static_cast<size_t>(server.max_parked);
  return options;
}

coord::Cache::Bounds CacheBounds(const config::Server& server) {
  coord::Cache::Bounds bounds;
  bounds.max_parked = static_cast<size_t>(server.max_parked);
  return bounds;
}

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
  sidecar->MakeParts();
  absl::Status status = sidecar->Listen();
  if (status.ok()) status = sidecar->ListenForAdmin();
  if (status.ok()) status = sidecar->Watch(std::move(source));
  if (!status.ok()) return status;
  return sidecar;
}

void Sidecar::MakeParts() {
  telemetry::Registry& registry = observability_->registry();
  telemetry::Tracer& tracer = observability_->tracer();
  timers_ = std::make_unique<TimerThread>(clock_);
  store_ = MakeSharedStore(config_.store, clock_, random_, registry, tracer);
  limiter_ = std::make_unique<coord::Limiter>(LimiterOptions(config_.server),
                                              config_.limits, clock_, *timers_,
                                              random_, registry, store_.get());
  cache_store_ = MakeCacheStore(config_, clock_, random_, registry, tracer);
  cache_ = std::make_unique<coord::Cache>(
      config_.cache, CacheBounds(config_.server), clock_, *timers_, random_,
      registry, *cache_store_);
}

absl::Status Sidecar::Listen() {
  using grpc::reflection::v1::ServerReflection;
  using AlphaReflection = grpc::reflection::v1alpha::ServerReflection;
  const rpc::Instrumentation with{observability_->registry(),
                                  observability_->tracer(), clock_,
                                  config_.listen.unix_path};
  rate_limiter_ = std::make_unique<rpc::RateLimiterService>(
      rpc::RateLimiterOptions{}, *limiter_, with);
  cache_service_ = std::make_unique<rpc::CacheService>(
      rpc::CacheServiceOptions{}, *cache_, with);
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
  auto server = rpc::Server::Start(
      options, listeners_->all(),
      {rate_limiter_.get(), cache_service_.get(), health_.get(),
       reflection_[0].get(), reflection_[1].get()});
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
  const size_t limits = next->limits.size();
  limiter_->Update(std::move(next->limits));
  log_.Info("the configuration was reloaded",
            {{"limits", absl::StrCat(limits)}});
}

// The reverse of Start, but softly: nothing changes any more, clients go, what
// they asked is answered, and only then the leases go back, since answers may
// need them. What waits because of the cache is answered at once.
void Sidecar::Drain() {
  log_.Info("stopping: answering what has arrived");
  draining_.store(true);
  watcher_.reset();
  health_->SetServing(false);
  health_->EndWatches();
  cache_->Drain();
  server_->Drain(config_.server.drain_timeout);
  FlushWrites();
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
  observability_->Flush();
}

void Sidecar::FlushWrites() {
  if (cache_->pending_writes() == 0) return;
  // Held by the callback, too: it may come later.
  auto flushed = std::make_shared<absl::Notification>();
  cache_->FlushWrites([flushed] { flushed->Notify(); });
  flushed->WaitForNotificationWithTimeout(kMostWriteFlush);
  const size_t lost = cache_->pending_writes();
  if (lost == 0) return;
  log_.Error("write-behind that the store has not taken is lost",
             {{"writes", absl::StrCat(lost)}});
}

Sidecar::~Sidecar() {
  watcher_.reset();
  admin_.reset();
  server_.reset();
  // Nobody asks the stores any more; then they answer all that they were asked,
  // while the limiter and the cache still listen.
  if (timers_ != nullptr) timers_->Stop();
  store_.reset();
  limiter_.reset();
  cache_store_.reset();
  cache_.reset();
}

}  // namespace outrigger::server
