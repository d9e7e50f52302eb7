#include "rpc/pool/service.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rpc/core/add_unary.h"
#include "rpc/pool/hold.h"
#include "rpc/pool/others.h"
#include "rpc/streams/stream.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using grpc::ByteBuffer;
using pool::v1::HoldRequest;
using pool::v1::HoldResponse;
using pool::v1::PickRequest;
using pool::v1::PickResponse;
using pool::v1::RenewRequest;
using pool::v1::RenewResponse;
using pool::v1::ReportLoadRequest;
using pool::v1::ReportLoadResponse;
using pool::v1::StatusRequest;
using pool::v1::StatusResponse;

// Calls kept ready on each serving thread.
constexpr int kWaitingSlots = 128;
constexpr int kWaitingOthers = 8;
// A stream that was not read while many acquires wait could not release what
// they wait for. The pools bound how many wait (max_waiting).
constexpr int kUnbounded = std::numeric_limits<int>::max();

std::string FullName(absl::string_view method) {
  return absl::StrCat(pool::v1::Pool::service_full_name(), "/", method);
}

}  // namespace

PoolService::PoolService(const PoolServiceOptions& options, coord::Pools& pools,
                         const Instrumentation& with)
    : pools_(pools), slots_(pools, with.clock) {
  AddSlots(with);
  AddHold(options, with);
  AddOthers(with);
}

void PoolService::AddSlots(const Instrumentation& with) {
  AddUnary<ByteBuffer, ByteBuffer>(
      methods_, service_, &AsyncService::RequestAcquire, FullName("Acquire"),
      kWaitingSlots, with,
      [this](const ByteBuffer& request, RawCompletion completion) {
        slots_.Acquire(request, std::move(completion));
      });
  AddUnary<ByteBuffer, ByteBuffer>(
      methods_, service_, &AsyncService::RequestRelease, FullName("Release"),
      kWaitingSlots, with,
      [this](const ByteBuffer& request, RawCompletion completion) {
        slots_.Release(request, std::move(completion));
      });
  AddUnary<RenewRequest, RenewResponse>(
      methods_, service_, &AsyncService::RequestRenew, FullName("Renew"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        HandleRenew(pools_, request, std::move(completion));
      });
}

void PoolService::AddHold(const PoolServiceOptions& options,
                          const Instrumentation& with) {
  methods_.push_back(
      std::make_unique<StreamMethod<AsyncService, HoldRequest, HoldResponse>>(
          service_, &AsyncService::RequestHold,
          StreamOptions{.max_in_flight = kUnbounded,
                        .max_open = options.max_streams},
          std::make_unique<StreamRecorders>(FullName("Hold"), with),
          with.registry.GetCounter(telemetry::kRpcRefused,
                                   {{"bound", "pool_hold_streams"}}),
          SessionOpener<HoldRequest, HoldResponse>(
              [this, &clock = with.clock](auto sender) {
                return OpenHold(pools_, clock, std::move(sender));
              })));
}

void PoolService::AddOthers(const Instrumentation& with) {
  AddUnary<PickRequest, PickResponse>(
      methods_, service_, &AsyncService::RequestPick, FullName("Pick"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        HandlePick(pools_, request, std::move(completion));
      });
  AddUnary<ReportLoadRequest, ReportLoadResponse>(
      methods_, service_, &AsyncService::RequestReportLoad,
      FullName("ReportLoad"), kWaitingOthers, with,
      [this](const auto& request, auto completion) {
        HandleReportLoad(pools_, request, std::move(completion));
      });
  AddUnary<StatusRequest, StatusResponse>(
      methods_, service_, &AsyncService::RequestStatus, FullName("Status"),
      kWaitingOthers, with, [this](const auto& request, auto completion) {
        HandleStatus(pools_, request, std::move(completion));
      });
}

}  // namespace outrigger::rpc
