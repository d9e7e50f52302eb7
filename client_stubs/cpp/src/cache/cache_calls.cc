#include "outrigger/internal/cache_calls.h"

#include <utility>

#include "core/durations.h"
#include "core/session.h"
#include "outrigger/cache.h"

namespace outrigger::client {
namespace internal {
namespace {

namespace v1 = cache::v1;

Found ToFound(v1::GetResponse& response) {
  Found found;
  switch (response.status()) {
    case v1::HIT:
      found.status = Found::Status::kHit;
      break;
    case v1::STALE:
      found.status = Found::Status::kStale;
      break;
    case v1::ABSENT:
      found.status = Found::Status::kAbsent;
      break;
    default:
      found.status = Found::Status::kMiss;
  }
  found.value = std::move(*response.mutable_value());
  found.fill_token = std::move(*response.mutable_fill_token());
  return found;
}

template <class Options>
void SetTimes(const Options& options, v1::SetRequest& request) {
  if (options.ttl) ToProto(*options.ttl, request.mutable_ttl());
  if (options.stale_for) {
    ToProto(*options.stale_for, request.mutable_stale_for());
  }
  for (const std::string& tag : options.tags) request.add_tags(tag);
}

v1::SetRequest ToRequest(const std::string& name_space,
                         const CacheCalls::Fill& fill,
                         const LoadOptions& options) {
  v1::SetRequest request;
  request.set_namespace_(name_space);
  request.set_key(fill.key);
  request.set_fill_token(fill.token);
  SetTimes(options, request);
  if (fill.bytes) {
    request.set_value(*fill.bytes);
  } else {
    request.set_absent(true);
    // The times are a value's; for how long an absence is remembered is the
    // namespace's to say.
    request.clear_ttl();
    request.clear_stale_for();
  }
  return request;
}

void StoreMany(const CacheCalls& calls, const v1::SetManyRequest& request) {
  Line& line = calls.session()->line();
  v1::SetManyResponse response;
  absl::Status status =
      line.Ask(&Channel::cache, &v1::Cache::Stub::PrepareAsyncSetMany, request,
               line.options().timeout, response);
  if (status.ok()) return;
  // One that is a mistake does not keep the others from being stored.
  const bool many = request.requests_size() > 1;
  for (const v1::SetRequest& one : request.requests()) {
    if (many && absl::IsInvalidArgument(status)) {
      v1::SetResponse stored;
      const absl::Status alone =
          line.Ask(&Channel::cache, &v1::Cache::Stub::PrepareAsyncSet, one,
                   line.options().timeout, stored);
      if (alone.ok()) continue;
      status = alone;
    }
    // It may not have come there: let another load.
    calls.Abandon(one.key(), one.fill_token());
  }
}

}  // namespace

absl::StatusOr<Found> CacheCalls::Get(const std::string& key,
                                      absl::Duration max_wait,
                                      bool no_fill) const {
  Line& line = session_->line();
  v1::GetRequest request;
  request.set_namespace_(name_space_);
  request.set_key(key);
  request.set_no_fill(no_fill);
  ToProto(max_wait, request.mutable_max_wait());
  v1::GetResponse response;
  const absl::Status status =
      line.Ask(&Channel::cache, &v1::Cache::Stub::PrepareAsyncGet, request,
               line.options().timeout + max_wait, response);
  if (status.ok()) return ToFound(response);
  if (Line::IsError(status)) return status;
  return Found();
}

absl::StatusOr<std::vector<Found>> CacheCalls::GetMany(
    const std::vector<std::string>& keys) const {
  Line& line = session_->line();
  v1::GetManyRequest request;
  for (const std::string& key : keys) {
    v1::GetRequest* one = request.add_requests();
    one->set_namespace_(name_space_);
    one->set_key(key);
    one->mutable_max_wait();  // none
  }
  v1::GetManyResponse response;
  const absl::Status status =
      line.Ask(&Channel::cache, &v1::Cache::Stub::PrepareAsyncGetMany, request,
               line.options().timeout, response);
  std::vector<Found> found(keys.size());
  if (Line::IsError(status)) return status;
  if (!status.ok()) return found;
  for (int i = 0; i < response.responses_size() && i < request.requests_size();
       ++i) {
    found[i] = ToFound(*response.mutable_responses(i));
  }
  return found;
}

void CacheCalls::Store(const std::vector<Fill>& fills,
                       const LoadOptions& options) const {
  constexpr int kMost = 1000;
  constexpr std::size_t kMostBytes = 4 << 20;
  v1::SetManyRequest request;
  std::size_t bytes = 0;
  for (const Fill& fill : fills) {
    v1::SetRequest one = ToRequest(name_space_, fill, options);
    const std::size_t size = one.ByteSizeLong();
    if (request.requests_size() == kMost ||
        (bytes > 0 && bytes + size > kMostBytes)) {
      StoreMany(*this, request);
      request.Clear();
      bytes = 0;
    }
    *request.add_requests() = std::move(one);
    bytes += size;
  }
  if (bytes > 0) StoreMany(*this, request);
}

void CacheCalls::Abandon(const std::string& key,
                         const std::string& token) const {
  Line& line = session_->line();
  v1::AbandonRequest request;
  request.set_namespace_(name_space_);
  request.set_key(key);
  request.set_fill_token(token);
  line.Start<v1::Cache::Stub, v1::AbandonRequest, v1::AbandonResponse>(
      &Channel::cache, &v1::Cache::Stub::PrepareAsyncAbandon, request,
      line.options().timeout, [](const absl::Status&, v1::AbandonResponse&) {});
}

bool CacheCalls::RunInBackground(absl::AnyInvocable<void()> work) const {
  return session_->workers().Run(std::move(work));
}

void CacheCalls::CountCall() const { session_->cache_counters().Call(); }
void CacheCalls::CountFallback() const {
  session_->cache_counters().Fallback();
}

}  // namespace internal

namespace {

namespace v1 = cache::v1;

}  // namespace

absl::StatusOr<Stored> Cache::SetAbsent(const std::string& key,
                                        const SetOptions& options) const {
  return SetBytes(key, nullptr, options);
}

absl::StatusOr<Stored> Cache::SetBytes(const std::string& key,
                                       const std::string* bytes,
                                       const SetOptions& options) const {
  internal::Session& session = *calls_.session();
  v1::SetRequest request;
  request.set_namespace_(calls_.name_space());
  request.set_key(key);
  if (bytes == nullptr) {
    request.set_absent(true);
  } else {
    request.set_value(*bytes);
  }
  internal::SetTimes(options, request);
  if (options.if_version != 0) request.set_if_version(options.if_version);
  if (options.if_absent) request.set_if_absent(true);
  v1::SetResponse response;
  calls_.CountCall();
  const absl::Status status = session.line().Ask(
      &internal::Channel::cache, &v1::Cache::Stub::PrepareAsyncSet, request,
      session.line().options().timeout, response);
  if (internal::Line::IsError(status)) return status;
  if (status.ok()) {
    return Stored{.stored = response.stored(), .version = response.version()};
  }
  calls_.CountFallback();
  return Stored{.source = Source::kFallback};
}

absl::StatusOr<Deleted> Cache::Delete(const std::string& key) const {
  internal::Session& session = *calls_.session();
  v1::DeleteRequest request;
  request.set_namespace_(calls_.name_space());
  request.set_key(key);
  v1::DeleteResponse response;
  calls_.CountCall();
  const absl::Status status = session.line().Ask(
      &internal::Channel::cache, &v1::Cache::Stub::PrepareAsyncDelete, request,
      session.line().options().timeout, response);
  if (internal::Line::IsError(status)) return status;
  if (status.ok()) return Deleted{.deleted = response.deleted()};
  calls_.CountFallback();
  return Deleted{.source = Source::kFallback};
}

absl::StatusOr<Source> Cache::Invalidate(
    const InvalidateOptions& options) const {
  internal::Session& session = *calls_.session();
  v1::InvalidateRequest request;
  request.set_namespace_(calls_.name_space());
  for (const std::string& key : options.keys) request.add_keys(key);
  for (const std::string& tag : options.tags) request.add_tags(tag);
  request.set_glob(options.glob);
  request.set_soft(options.soft);
  v1::InvalidateResponse response;
  calls_.CountCall();
  const absl::Status status = session.line().Ask(
      &internal::Channel::cache, &v1::Cache::Stub::PrepareAsyncInvalidate,
      request, session.line().options().timeout, response);
  if (internal::Line::IsError(status)) return status;
  if (status.ok()) return Source::kSidecar;
  calls_.CountFallback();
  return Source::kFallback;
}

}  // namespace outrigger::client
