#include "rpc/cache/queries.h"

#include <algorithm>

#include "cache/options.h"
#include "rpc/wire/times.h"

namespace outrigger::rpc {
namespace {

using cache::v1::InvalidateRequest;
using cache::v1::SetRequest;

absl::Status TakeTimes(const SetRequest& request, coord::SetQuery* query) {
  const auto& ttl = request.ttl();
  if (ttl.seconds() != 0 || ttl.nanos() != 0) {
    absl::Status status = ReadTime("ttl", ttl.seconds(), ttl.nanos(),
                                   cache::kLongestTtl, &query->ttl.emplace());
    if (!status.ok()) return status;
  }
  if (!request.has_stale_for()) return absl::OkStatus();
  const auto& stale = request.stale_for();
  return ReadTime("stale_for", stale.seconds(), stale.nanos(),
                  cache::kLongestTtl, &query->stale_for.emplace());
}

absl::Status TakeCondition(const SetRequest& request, coord::SetQuery* query) {
  switch (request.condition_case()) {
    case SetRequest::kFillToken:
      if (request.fill_token().empty()) {
        return absl::InvalidArgumentError("fill_token: must not be empty");
      }
      query->fill_token = request.fill_token();
      break;
    case SetRequest::kIfVersion:
      query->if_version = request.if_version();
      break;
    case SetRequest::kIfAbsent:
      if (!request.if_absent()) {
        return absl::InvalidArgumentError("if_absent: must be true if set");
      }
      query->if_absent = true;
      break;
    case SetRequest::CONDITION_NOT_SET:
      break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeGet(const GetFields& fields, coord::GetQuery* query) {
  if (fields.has_max_wait) {
    absl::Status status =
        ReadUpToOneHour("max_wait", fields.max_wait_seconds,
                        fields.max_wait_nanos, &query->max_wait.emplace());
    if (!status.ok()) return status;
  }
  query->ns = fields.ns;
  query->key = fields.key;
  query->if_not_version = fields.if_not_version;
  query->min_version = fields.min_version;
  query->no_fill = fields.no_fill;
  return absl::OkStatus();
}

absl::Status MakeSet(const SetRequest& request, coord::SetQuery* query) {
  absl::Status status = TakeTimes(request, query);
  if (status.ok()) status = TakeCondition(request, query);
  query->ns = request.namespace_();
  query->key = request.key();
  query->value = request.value();
  query->tags.assign(request.tags().begin(), request.tags().end());
  query->absent = request.absent();
  query->write_behind = request.write_behind();
  return status;
}

coord::InvalidateQuery MakeInvalidate(const InvalidateRequest& request) {
  return {.ns = request.namespace_(),
          .keys = {request.keys().begin(), request.keys().end()},
          .tags = {request.tags().begin(), request.tags().end()},
          .glob = request.glob(),
          .soft = request.soft()};
}

void BoundWait(MonotonicTime deadline, const Clock& clock,
               coord::GetQuery* query) {
  if (deadline == MonotonicTime::max()) return;
  if (query->max_wait == Duration::zero()) return;
  query->max_wait =
      std::min(query->max_wait.value_or(kOneHour), UsableTime(deadline, clock));
}

}  // namespace outrigger::rpc
