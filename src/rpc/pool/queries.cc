#include "rpc/pool/queries.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "pool/options.h"
#include "rpc/wire/times.h"

namespace outrigger::rpc {
namespace {

// Longer uses are counted as these.
constexpr Duration kLongestUse = std::chrono::hours(24 * 365);

template <typename Item>
absl::Status CheckAvoid(const Item& avoid) {
  if (avoid.size() <= pool::kMaxAvoid) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "avoid: ", avoid.size(), "; at most ", pool::kMaxAvoid, " are allowed"));
}

}  // namespace

SlotFields FieldsOf(const pool::v1::AcquireRequest& request) {
  SlotFields fields{.pool = request.pool(),
                    .session_key = request.session_key(),
                    .role = request.role(),
                    .has_max_wait = request.has_max_wait(),
                    .max_wait_seconds = request.max_wait().seconds(),
                    .max_wait_nanos = request.max_wait().nanos(),
                    .attempt = request.attempt()};
  fields.avoid.assign(request.avoid().begin(), request.avoid().end());
  return fields;
}

ReleaseFields FieldsOf(const pool::v1::ReleaseRequest& request) {
  return {.lease_id = request.lease_id(),
          .result = request.result(),
          .duration_seconds = request.duration().seconds(),
          .duration_nanos = request.duration().nanos()};
}

absl::Status MakeQuery(const SlotFields& fields, coord::SlotQuery* query) {
  if (fields.role < 0 || fields.role > pool::v1::SHARD) {
    return absl::InvalidArgumentError(
        "role: must be PRIMARY, REPLICA, SHARD or none");
  }
  absl::Status status = CheckAvoid(fields.avoid);
  if (status.ok() && fields.has_max_wait) {
    status = ReadUpToOneHour("max_wait", fields.max_wait_seconds,
                             fields.max_wait_nanos, &query->max_wait.emplace());
  }
  query->pool = fields.pool;
  query->session_key = fields.session_key;
  query->role = static_cast<pool::Role>(fields.role);
  query->attempt = fields.attempt;
  query->avoid = fields.avoid;
  return status;
}

absl::Status MakeRelease(const ReleaseFields& fields, pool::Outcome* outcome) {
  switch (fields.result) {
    case pool::v1::SUCCESS:
      *outcome = pool::Outcome::kSuccess;
      break;
    case pool::v1::FAILURE:
      *outcome = pool::Outcome::kFailure;
      break;
    case pool::v1::RESULT_UNSPECIFIED:
    case pool::v1::IGNORED:
      *outcome = pool::Outcome::kIgnored;
      break;
    default:
      return absl::InvalidArgumentError(
          "result: must be SUCCESS, FAILURE, IGNORED or none");
  }
  Duration duration{};
  return ReadTime("duration", fields.duration_seconds, fields.duration_nanos,
                  kLongestUse, &duration);
}

coord::TraceId TraceOf(const telemetry::TraceId& id) {
  coord::TraceId bytes;
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(id.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<uint8_t>(id.low >> (56 - 8 * i));
  }
  return bytes;
}

std::string TraceHex(const coord::TraceId& id) {
  telemetry::TraceId halves;
  for (size_t i = 0; i < 8; ++i) {
    halves.high = halves.high << 8 | id[i];
    halves.low = halves.low << 8 | id[8 + i];
  }
  return halves.valid() ? telemetry::Hex(halves) : "";
}

absl::string_view ReasonName(coord::SlotReason reason) {
  switch (reason) {
    case coord::SlotReason::kNone:
      return "";
    case coord::SlotReason::kTimeout:
      return "timeout";
    case coord::SlotReason::kNoEndpoint:
      return "no_endpoint";
    case coord::SlotReason::kStoreUnavailable:
      return "store_unavailable";
    case coord::SlotReason::kLearning:
      return "learning";
    case coord::SlotReason::kQueueFull:
      return "queue_full";
  }
  return "";
}

void Fill(const coord::SlotEndpoint& from, pool::v1::Endpoint* to) {
  to->set_address(from.address);
  to->set_zone(from.zone);
  to->set_role(static_cast<pool::v1::Role>(from.role));
  to->set_backup(from.backup);
}

void Fill(const coord::SlotAnswer& from, pool::v1::AcquireResponse* to) {
  to->set_acquired(from.acquired);
  to->set_lease_id(from.lease_id);
  to->set_fencing_token(from.fencing_token);
  if (from.endpoint != nullptr) Fill(*from.endpoint, to->mutable_endpoint());
  const auto set = [](Duration time, auto mutable_field) {
    if (time > Duration::zero()) SetTime(time, mutable_field());
  };
  set(from.expires_after, [to] { return to->mutable_expires_after(); });
  set(from.waited, [to] { return to->mutable_waited(); });
  set(from.retry_after, [to] { return to->mutable_retry_after(); });
  to->set_reason(static_cast<pool::v1::Reason>(from.reason));
  to->set_advice(static_cast<pool::v1::Advice>(from.advice));
  to->set_degraded(from.degraded);
  to->set_overflow(from.overflow);
  to->set_panic(from.panic);
}

}  // namespace outrigger::rpc
