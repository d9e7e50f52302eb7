#include "rpc/standard/health.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rpc/core/unary.h"
#include "rpc/standard/health_watch.h"

namespace outrigger::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// Probes come one at a time.
constexpr int kWaitingChecks = 8;

}  // namespace

HealthService::HealthService(std::vector<std::string> services,
                             const Instrumentation& with)
    : names_(std::move(services)) {
  methods_.push_back(
      std::make_unique<
          UnaryMethod<AsyncService, HealthCheckRequest, HealthCheckResponse>>(
          service_, &AsyncService::RequestCheck,
          std::make_unique<MethodRecorder>("grpc.health.v1.Health/Check", with),
          kWaitingChecks,
          [this](const HealthCheckRequest& request,
                 Completion<HealthCheckResponse> completion) {
            const Status status = StatusOf(request.service());
            if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
              completion.Finish(absl::NotFoundError(absl::StrCat(
                  "service: there is no service named ", request.service())));
              return;
            }
            completion.response().set_status(status);
            completion.Finish();
          }));
  methods_.push_back(
      std::make_unique<HealthWatchMethod>(*this, service_, with));
}

HealthService::~HealthService() = default;

HealthService::Status HealthService::StatusOf(absl::string_view service) const {
  if (!service.empty() &&
      std::find(names_.begin(), names_.end(), service) == names_.end()) {
    return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  absl::MutexLock lock(&mutex_);
  return serving_ ? HealthCheckResponse::SERVING
                  : HealthCheckResponse::NOT_SERVING;
}

void HealthService::SetServing(bool serving) {
  absl::MutexLock lock(&mutex_);
  serving_ = serving;
  for (HealthWatch* watch : watches_) watch->Changed();
}

void HealthService::EndWatches() {
  absl::MutexLock lock(&mutex_);
  for (HealthWatch* watch : watches_) watch->EndSoon();
}

void HealthService::Add(HealthWatch* watch) {
  absl::MutexLock lock(&mutex_);
  watches_.insert(watch);
}

void HealthService::Remove(HealthWatch* watch) {
  absl::MutexLock lock(&mutex_);
  watches_.erase(watch);
}

}  // namespace outrigger::rpc
