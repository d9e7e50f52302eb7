#include "rpc/cache/validate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cache/options.h"
#include "cache/record.h"
#include "rpc/core/batch.h"

namespace outrigger::rpc {
namespace {

using cache::v1::InvalidateRequest;
using cache::v1::SetRequest;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr size_t kMaxNamespaceBytes = 64;
constexpr size_t kMaxGlobBytes = 1024;
constexpr Duration kLongestWait = hours(1);
// What an answer needs to reach its caller: so much, but at most a quarter of
// the time that there is.
constexpr Duration kAnswerTime = milliseconds(10);

absl::Status CheckLength(absl::string_view field, absl::string_view text,
                         size_t most) {
  if (!text.empty() && text.size() <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      field, ": has ", text.size(), " bytes; 1 to ", most, " are allowed"));
}

// `range`: `least` to `most` in words.
absl::Status CheckTime(absl::string_view field, int64_t seconds, int64_t nanos,
                       Duration least, Duration most, absl::string_view range,
                       Duration* time) {
  constexpr int64_t kSecond = 1'000'000'000;
  const bool sound = seconds >= 0 && nanos >= 0 && nanos < kSecond &&
                     seconds <= most.count() / kSecond;
  *time = Duration(sound ? seconds * kSecond + nanos : -1);
  if (*time >= least && *time <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      field, ": must be ", range, ", with nanos from 0 to 999,999,999"));
}

absl::Status CheckTimes(const SetRequest& request, coord::SetQuery* query) {
  Duration time;
  const auto& ttl = request.ttl();
  if (ttl.seconds() != 0 || ttl.nanos() != 0) {
    absl::Status status =
        CheckTime("ttl", ttl.seconds(), ttl.nanos(), milliseconds(1),
                  cache::kLongestTtl, "1 ms to 30 days", &time);
    if (!status.ok()) return status;
    query->ttl = time;
  }
  if (request.has_stale_for()) {
    const auto& stale = request.stale_for();
    absl::Status status =
        CheckTime("stale_for", stale.seconds(), stale.nanos(), Duration::zero(),
                  cache::kLongestTtl, "0 to 30 days", &time);
    if (!status.ok()) return status;
    query->stale_for = time;
  }
  return absl::OkStatus();
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
      if (request.if_version() == 0) {
        return absl::InvalidArgumentError("if_version: must not be 0");
      }
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

absl::Status CheckNamespace(absl::string_view ns) {
  return CheckLength("namespace", ns, kMaxNamespaceBytes);
}

absl::Status CheckName(absl::string_view ns, absl::string_view key) {
  absl::Status status = CheckNamespace(ns);
  if (!status.ok()) return status;
  return CheckLength("key", key, coord::kMaxCacheKeyBytes);
}

absl::Status CheckKeys(const Texts& keys) {
  if (keys.size() > static_cast<int>(kMaxBatch)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "keys: ", keys.size(), "; at most ", kMaxBatch, " are allowed"));
  }
  for (int i = 0; i < keys.size(); ++i) {
    absl::Status status = CheckLength(absl::StrCat("keys[", i, "]"), keys[i],
                                      coord::kMaxCacheKeyBytes);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckTags(const Texts& tags, size_t most) {
  if (tags.size() > static_cast<int>(most)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tags: ", tags.size(), "; at most ", most, " are allowed"));
  }
  for (int i = 0; i < tags.size(); ++i) {
    absl::Status status = CheckLength(absl::StrCat("tags[", i, "]"), tags[i],
                                      cache::kMaxTagBytes);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status MakeGet(const GetFields& fields, coord::GetQuery* query) {
  absl::Status status = CheckName(fields.ns, fields.key);
  if (!status.ok()) return status;
  if (fields.has_max_wait) {
    Duration wait;
    status =
        CheckTime("max_wait", fields.max_wait_seconds, fields.max_wait_nanos,
                  Duration::zero(), kLongestWait, "0 to 1 hour", &wait);
    if (!status.ok()) return status;
    query->max_wait = wait;
  }
  query->ns = fields.ns;
  query->key = fields.key;
  query->if_not_version = fields.if_not_version;
  query->min_version = fields.min_version;
  query->no_fill = fields.no_fill;
  return absl::OkStatus();
}

absl::Status MakeSet(const SetRequest& request, coord::SetQuery* query) {
  absl::Status status = CheckName(request.namespace_(), request.key());
  if (status.ok()) status = CheckTimes(request, query);
  if (status.ok()) status = CheckTags(request.tags(), cache::kMaxTags);
  if (status.ok()) status = TakeCondition(request, query);
  if (!status.ok()) return status;
  if (request.absent() && !request.value().empty()) {
    return absl::InvalidArgumentError("value: must be empty if absent is set");
  }
  query->ns = request.namespace_();
  query->key = request.key();
  query->value = request.value();
  query->tags.assign(request.tags().begin(), request.tags().end());
  query->absent = request.absent();
  query->write_behind = request.write_behind();
  return absl::OkStatus();
}

absl::Status MakeInvalidate(const InvalidateRequest& request,
                            coord::InvalidateQuery* query) {
  absl::Status status = CheckNamespace(request.namespace_());
  if (status.ok()) status = CheckKeys(request.keys());
  if (status.ok()) status = CheckTags(request.tags(), kMaxBatch);
  if (status.ok() && !request.glob().empty()) {
    status = CheckLength("glob", request.glob(), kMaxGlobBytes);
  }
  if (!status.ok()) return status;
  if (request.keys().empty() && request.tags().empty() &&
      request.glob().empty()) {
    return absl::InvalidArgumentError(
        "keys: name what to invalidate, in keys, tags or glob (\"*\" is all)");
  }
  query->ns = request.namespace_();
  query->keys.assign(request.keys().begin(), request.keys().end());
  query->tags.assign(request.tags().begin(), request.tags().end());
  query->glob = request.glob();
  query->soft = request.soft();
  return absl::OkStatus();
}

void BoundWait(MonotonicTime deadline, const Clock& clock,
               coord::GetQuery* query) {
  if (deadline == MonotonicTime::max()) return;
  if (query->max_wait == Duration::zero()) return;
  const Duration left = std::max(Duration::zero(), deadline - clock.Now());
  const Duration usable = left - std::min(kAnswerTime, left / 4);
  query->max_wait = std::min(query->max_wait.value_or(kLongestWait), usable);
}

}  // namespace outrigger::rpc
