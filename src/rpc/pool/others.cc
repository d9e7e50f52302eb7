#include "rpc/pool/others.h"

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rpc/pool/queries.h"
#include "rpc/wire/times.h"

namespace outrigger::rpc {
namespace {

using coord::PoolView;
using pool::EndpointHealth;
using pool::EndpointView;
using pool::v1::EndpointStatus;
using pool::v1::PickRequest;
using pool::v1::PickResponse;
using pool::v1::PoolStatus;
using pool::v1::RenewRequest;
using pool::v1::RenewResponse;
using pool::v1::ReportLoadRequest;
using pool::v1::ReportLoadResponse;
using pool::v1::StatusRequest;
using pool::v1::StatusResponse;

absl::Status TakeLoad(const char* field, bool there, double value, double most,
                      std::optional<double>* to) {
  if (!there) return absl::OkStatus();
  if (!(value >= 0) || value > most || std::isinf(value)) {
    return absl::InvalidArgumentError(absl::StrCat(
        field, ": must be 0 ", std::isinf(most) ? "or more" : "to 1"));
  }
  *to = value;
  return absl::OkStatus();
}

absl::Status MakeLoad(const ReportLoadRequest& request,
                      pool::EndpointLoad* load) {
  absl::Status status =
      TakeLoad("cpu", request.has_cpu(), request.cpu(), 1, &load->cpu);
  status.Update(TakeLoad("memory", request.has_memory(), request.memory(), 1,
                         &load->memory));
  status.Update(TakeLoad(
      "requests_per_second", request.has_requests_per_second(),
      request.requests_per_second(), HUGE_VAL, &load->requests_per_second));
  return status;
}

EndpointStatus::Health HealthOf(EndpointHealth health) {
  switch (health) {
    case EndpointHealth::kHealthy:
      return EndpointStatus::HEALTHY;
    case EndpointHealth::kUnhealthy:
      return EndpointStatus::UNHEALTHY;
    case EndpointHealth::kEjected:
      return EndpointStatus::EJECTED;
    case EndpointHealth::kOverloaded:
      return EndpointStatus::OVERLOADED;
    case EndpointHealth::kUnknown:
      return EndpointStatus::UNKNOWN;
  }
  return EndpointStatus::HEALTH_UNSPECIFIED;
}

void Fill(const EndpointView& from, EndpointStatus* to) {
  pool::v1::Endpoint& endpoint = *to->mutable_endpoint();
  endpoint.set_address(from.options.address);
  endpoint.set_zone(from.options.zone);
  endpoint.set_role(static_cast<pool::v1::Role>(from.options.role));
  endpoint.set_backup(from.options.backup);
  to->set_weight(from.options.weight);
  to->set_effective_weight(from.effective_weight);
  to->set_health(HealthOf(from.health));
  to->set_message(from.message);
  if (from.ejected_for > Duration::zero()) {
    SetTime(from.ejected_for, to->mutable_ejected_for());
  }
  to->set_in_use(from.in_use);
  to->set_successes(from.successes);
  to->set_failures(from.failures);
}

void FillCounts(const PoolView& from, PoolStatus* to) {
  to->set_pool(from.name);
  to->set_max_connections(from.max_connections);
  to->set_max_overflow(from.max_overflow);
  to->set_in_use(from.in_use);
  to->set_slots(from.slots);
  to->set_waiting(from.waiting);
  to->set_fleet_slots(from.fleet_slots);
  to->set_pods(from.pods);
  to->set_one_by_one(from.one_by_one);
  to->set_learning(from.learning);
  to->set_degraded(from.degraded);
  to->set_acquired(from.acquired);
  to->set_timeouts(from.timeouts);
  to->set_expired(from.expired);
  to->set_leaks(from.leaks);
}

void Fill(const PoolView& from, PoolStatus* to) {
  FillCounts(from, to);
  for (const EndpointView& endpoint : from.endpoints) {
    Fill(endpoint, to->add_endpoints());
  }
  for (const PoolView::HeldLease& held : from.longest_held) {
    PoolStatus::HeldLease& lease = *to->add_longest_held();
    lease.set_lease_id(held.lease_id);
    SetTime(held.held_for, lease.mutable_held_for());
    lease.set_trace_id(TraceHex(held.trace_id));
    lease.set_address(held.address);
  }
}

}  // namespace

void HandleRenew(coord::Pools& pools, const RenewRequest& request,
                 Completion<RenewResponse> completion) {
  const absl::StatusOr<Duration> expires_after =
      pools.Renew(request.lease_id());
  if (expires_after.ok()) {
    SetTime(*expires_after, completion.response().mutable_expires_after());
  }
  completion.Finish(expires_after.status());
}

void HandlePick(coord::Pools& pools, const PickRequest& request,
                Completion<PickResponse> completion) {
  SlotFields fields{.pool = request.pool(),
                    .session_key = request.session_key(),
                    .role = request.role()};
  fields.avoid.assign(request.avoid().begin(), request.avoid().end());
  coord::SlotQuery query;
  absl::Status status = MakeQuery(fields, &query);
  if (status.ok()) {
    const absl::StatusOr<coord::PickAnswer> answer = pools.Pick(query);
    status = answer.status();
    if (answer.ok()) {
      PickResponse& response = completion.response();
      if (answer->endpoint != nullptr) {
        rpc::Fill(*answer->endpoint, response.mutable_endpoint());
      }
      response.set_reason(static_cast<pool::v1::Reason>(answer->reason));
      if (answer->retry_after > Duration::zero()) {
        SetTime(answer->retry_after, response.mutable_retry_after());
      }
      response.set_panic(answer->panic);
    }
  }
  completion.Finish(std::move(status));
}

void HandleReportLoad(coord::Pools& pools, const ReportLoadRequest& request,
                      Completion<ReportLoadResponse> completion) {
  pool::EndpointLoad load;
  absl::Status status = MakeLoad(request, &load);
  if (status.ok()) {
    status = pools.ReportLoad(request.pool(), request.address(), load);
  }
  completion.Finish(std::move(status));
}

void HandleStatus(const coord::Pools& pools, const StatusRequest& request,
                  Completion<StatusResponse> completion) {
  const absl::StatusOr<std::vector<PoolView>> views =
      pools.GetStatus(request.pool());
  if (views.ok()) {
    for (const PoolView& view : *views) {
      Fill(view, completion.response().add_pools());
    }
  }
  completion.Finish(views.status());
}

}  // namespace outrigger::rpc
