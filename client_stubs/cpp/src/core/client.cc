#include "outrigger/client.h"

#include <cmath>
#include <utility>

#include "breaker/breaker_use.h"
#include "core/session.h"
#include "core/target.h"

namespace outrigger::client {

const char* SourceName(Source source) {
  return source == Source::kSidecar ? "sidecar" : "fallback";
}

absl::Status Options::Validate() const {
  if (timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("timeout: > 0");
  }
  if (!std::isfinite(limits.local_rate) || limits.local_rate <= 0) {
    return absl::InvalidArgumentError("limits.local_rate: finite, > 0");
  }
  if (!std::isfinite(limits.local_burst) || limits.local_burst < 1) {
    return absl::InvalidArgumentError("limits.local_burst: finite, >= 1");
  }
  if (breaker.failures < 1) {
    return absl::InvalidArgumentError("breaker.failures: >= 1");
  }
  if (breaker.open_for <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("breaker.open_for: > 0");
  }
  if (pool.share < 1) {
    return absl::InvalidArgumentError("pool.share: >= 1");
  }
  return absl::OkStatus();
}

absl::StatusOr<Client> Client::Connect(Options options) {
  if (absl::Status status = options.Validate(); !status.ok()) return status;
  absl::StatusOr<std::string> target = internal::ResolveTarget(options.target);
  if (!target.ok()) return target.status();
  return Client(std::make_shared<internal::Session>(
      std::move(options), internal::Channel::To(*target)));
}

Client::Client(std::shared_ptr<internal::Session> session)
    : session_(std::move(session)) {}

Client& Client::operator=(Client&& other) {
  if (this != &other) {
    if (session_ != nullptr) session_->Close();
    session_ = std::move(other.session_);
  }
  return *this;
}

Client::~Client() {
  if (session_ != nullptr) session_->Close();
}

Limiter Client::limiter() const { return Limiter(session_); }

Cache Client::cache(const std::string& name_space) const {
  return Cache(session_, name_space);
}

Breaker Client::breaker(const std::string& name,
                        const std::string& method) const {
  return Breaker(
      std::make_shared<internal::BreakerUse>(session_, name, method));
}

Pool Client::pool(const std::string& name) const {
  return Pool(session_, name);
}

Stats Client::stats() const { return session_->stats(); }

void Client::Close() { session_->Close(); }

Limiter::Limiter(std::shared_ptr<internal::Session> session)
    : session_(std::move(session)) {}

absl::StatusOr<Decision> Limiter::Allow(const Attributes& attributes,
                                        const AllowOptions& options) {
  return session_->limits().Allow(attributes, options);
}

void Limiter::AllowAsync(const Attributes& attributes,
                         const AllowOptions& options, Callback done) {
  session_->limits().AllowAsync(attributes, options, std::move(done));
}

absl::StatusOr<Decision> Limiter::WaitIfNeeded(const Attributes& attributes,
                                               absl::Duration max_wait) {
  return Allow(attributes, {.max_wait = max_wait});
}

absl::StatusOr<std::optional<double>> Limiter::Report(
    const Attributes& attributes, UpstreamResult result,
    const std::string& limit) {
  return session_->limits().Report(attributes, result, limit);
}

absl::Status Limiter::Refund(const Attributes& attributes, std::uint64_t cost,
                             const std::string& limit) {
  return session_->limits().Refund(attributes, cost, limit);
}

}  // namespace outrigger::client
