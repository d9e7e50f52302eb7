#include "rpc/cache/service.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rpc/cache/streams.h"
#include "rpc/core/add_unary.h"
#include "rpc/streams/server_stream.h"
#include "rpc/streams/stream.h"
#include "telemetry/cache_metrics.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using grpc::ByteBuffer;

// Calls kept ready on each serving thread.
constexpr int kWaitingGets = 128;
constexpr int kWaitingSets = 32;
constexpr int kWaitingOthers = 8;
// A consumer needs one; more would only hold what another could have.
constexpr int kMostPullsOfOneStream = 4;

std::string FullName(absl::string_view method) {
  return absl::StrCat(cache::v1::Cache::service_full_name(), "/", method);
}

telemetry::Counter& Refused(const Instrumentation& with, const char* bound) {
  return with.registry.GetCounter(telemetry::kRpcRefused, {{"bound", bound}});
}

}  // namespace

CacheService::CacheService(const CacheServiceOptions& options,
                           coord::Cache& cache, const Instrumentation& with)
    : cache_(cache), get_(cache, with.clock), writes_(cache) {
  AddReading(with);
  AddWriting(with);
  AddStreams(options, with);
}

void CacheService::AddReading(const Instrumentation& with) {
  AddUnary<ByteBuffer, ByteBuffer>(
      methods_, service_, &AsyncService::RequestGet, FullName("Get"),
      kWaitingGets, with,
      [this](const ByteBuffer& request, RawCompletion completion) {
        get_.Get(request, std::move(completion));
      });
  AddUnary<ByteBuffer, ByteBuffer>(
      methods_, service_, &AsyncService::RequestGetMany, FullName("GetMany"),
      kWaitingOthers, with,
      [this](const ByteBuffer& request, RawCompletion completion) {
        get_.GetMany(request, std::move(completion));
      });
  AddUnary<cache::v1::StatusRequest, cache::v1::StatusResponse>(
      methods_, service_, &AsyncService::RequestStatus, FullName("Status"),
      kWaitingOthers, with, [this](const auto&, auto completion) {
        writes_.Status(std::move(completion));
      });
}

void CacheService::AddWriting(const Instrumentation& with) {
  AddUnary<cache::v1::SetRequest, cache::v1::SetResponse>(
      methods_, service_, &AsyncService::RequestSet, FullName("Set"),
      kWaitingSets, with, [this](const auto& request, auto completion) {
        writes_.Set(request, std::move(completion));
      });
  AddUnary<cache::v1::SetManyRequest, cache::v1::SetManyResponse>(
      methods_, service_, &AsyncService::RequestSetMany, FullName("SetMany"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        writes_.SetMany(request, std::move(completion));
      });
  AddUnary<cache::v1::AbandonRequest, cache::v1::AbandonResponse>(
      methods_, service_, &AsyncService::RequestAbandon, FullName("Abandon"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        writes_.Abandon(request, std::move(completion));
      });
  AddUnary<cache::v1::DeleteRequest, cache::v1::DeleteResponse>(
      methods_, service_, &AsyncService::RequestDelete, FullName("Delete"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        writes_.Delete(request, std::move(completion));
      });
  AddUnary<cache::v1::InvalidateRequest, cache::v1::InvalidateResponse>(
      methods_, service_, &AsyncService::RequestInvalidate,
      FullName("Invalidate"), kWaitingOthers, with,
      [this](const auto& request, auto completion) {
        writes_.Invalidate(request, std::move(completion));
      });
  AddUnary<cache::v1::WarmRequest, cache::v1::WarmResponse>(
      methods_, service_, &AsyncService::RequestWarm, FullName("Warm"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        writes_.Warm(request, std::move(completion));
      });
}

void CacheService::AddStreams(const CacheServiceOptions& options,
                              const Instrumentation& with) {
  using cache::v1::PullWritesRequest;
  using cache::v1::PullWritesResponse;
  using cache::v1::WatchEvent;
  using cache::v1::WatchRequest;
  methods_.push_back(
      std::make_unique<
          ServerStreamMethod<AsyncService, WatchRequest, WatchEvent>>(
          service_, &AsyncService::RequestWatch,
          ServerStreamOptions<WatchEvent>{
              .max_waiting = options.max_waiting_events,
              .overflow = ResyncEvent(),
              .max_open = options.max_streams},
          std::make_unique<MethodRecorder>(FullName("Watch"), with),
          Refused(with, "cache_watch_streams"),
          with.registry.GetCounter(telemetry::kCacheRefused,
                                   {{"bound", "watch_events"}}),
          [this](const WatchRequest& request, auto stream) {
            HandleWatch(cache_, request, std::move(stream));
          }));
  methods_.push_back(
      std::make_unique<
          StreamMethod<AsyncService, PullWritesRequest, PullWritesResponse>>(
          service_, &AsyncService::RequestPullWrites,
          StreamOptions{.max_in_flight = kMostPullsOfOneStream,
                        .max_open = options.max_streams},
          std::make_unique<StreamRecorders>(FullName("PullWrites"), with),
          Refused(with, "cache_pull_streams"),
          [this](const PullWritesRequest& request,
                 Completion<PullWritesResponse> completion) {
            HandlePull(cache_, request, std::move(completion));
          }));
}

}  // namespace outrigger::rpc
