#include "coord/cache/query_checks.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "cache/record.h"

namespace outrigger::coord {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

absl::Status CheckTime(absl::string_view field,
                       const std::optional<Duration>& time, Duration least) {
  if (!time || (*time >= least && *time <= cache::kLongestTtl)) {
    return absl::OkStatus();
  }
  return InvalidArgumentError(StrCat(field, ": must be from ",
                                     least == Duration{} ? "0" : "1ms",
                                     " to 30 days"));
}

absl::Status CheckTags(absl::string_view field,
                       const std::vector<std::string>& tags, size_t most) {
  if (tags.size() > most) {
    return InvalidArgumentError(
        StrCat(field, ": at most ", most, ", not ", tags.size()));
  }
  for (size_t i = 0; i < tags.size(); ++i) {
    if (!tags[i].empty() && tags[i].size() <= cache::kMaxTagBytes) continue;
    return InvalidArgumentError(StrCat(field, "[", i, "]: must have 1 to ",
                                       cache::kMaxTagBytes, " bytes, not ",
                                       tags[i].size()));
  }
  return absl::OkStatus();
}

absl::Status CheckValue(const SetQuery& query,
                        const cache::NamespaceOptions& options) {
  if (query.absent && !query.value.empty()) {
    return InvalidArgumentError("value: must be empty with absent");
  }
  if (query.value.size() > static_cast<size_t>(options.max_value_bytes)) {
    return InvalidArgumentError(
        StrCat("value: at most ", options.max_value_bytes,
               " bytes (max_value), not ", query.value.size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckKey(absl::string_view key) {
  if (!key.empty() && key.size() <= kMaxCacheKeyBytes) return absl::OkStatus();
  return InvalidArgumentError(StrCat("key: must have 1 to ", kMaxCacheKeyBytes,
                                     " bytes, not ", key.size()));
}

absl::Status CheckKeys(absl::string_view field,
                       const std::vector<std::string>& keys) {
  if (keys.size() > kMaxCacheBatch) {
    return InvalidArgumentError(
        StrCat(field, ": at most ", kMaxCacheBatch, ", not ", keys.size()));
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    if (CheckKey(keys[i]).ok()) continue;
    return InvalidArgumentError(StrCat(field, "[", i, "]: must have 1 to ",
                                       kMaxCacheKeyBytes, " bytes, not ",
                                       keys[i].size()));
  }
  return absl::OkStatus();
}

absl::Status CheckSet(const SetQuery& query,
                      const cache::NamespaceOptions& options) {
  using std::chrono::milliseconds;
  const int conditions = (query.fill_token.empty() ? 0 : 1) +
                         (query.if_version ? 1 : 0) + (query.if_absent ? 1 : 0);
  absl::Status status = CheckKey(query.key);
  if (status.ok()) status = CheckValue(query, options);
  if (status.ok()) status = CheckTime("ttl", query.ttl, milliseconds(1));
  if (status.ok()) {
    status = CheckTime("stale_for", query.stale_for, Duration{});
  }
  if (status.ok()) status = CheckTags("tags", query.tags, cache::kMaxTags);
  if (!status.ok()) return status;
  if (conditions > 1) {
    return InvalidArgumentError(
        "fill_token, if_version, if_absent: at most one of them");
  }
  if (query.if_version && *query.if_version == 0) {
    return InvalidArgumentError("if_version: must not be 0");
  }
  if (query.write_behind && !options.write_behind) {
    return absl::FailedPreconditionError(
        StrCat("write_behind: namespace ", options.name,
               " is not configured with write_behind: true"));
  }
  return absl::OkStatus();
}

absl::Status CheckInvalidate(const InvalidateQuery& query) {
  if (query.keys.empty() && query.tags.empty() && query.glob.empty()) {
    return InvalidArgumentError("keys, tags, glob: give at least one");
  }
  if (query.glob.size() > kMaxCacheKeyBytes) {
    return InvalidArgumentError(StrCat("glob: at most ", kMaxCacheKeyBytes,
                                       " bytes, not ", query.glob.size()));
  }
  absl::Status status = CheckKeys("keys", query.keys);
  if (status.ok()) status = CheckTags("tags", query.tags, kMaxCacheBatch);
  return status;
}

absl::Status CheckWatch(const WatchQuery& query) {
  absl::Status status = CheckKeys("keys", query.keys);
  if (status.ok()) status = CheckTags("tags", query.tags, kMaxCacheBatch);
  return status;
}

absl::Status CheckPull(const Cache::PullQuery& query,
                       const cache::NamespaceOptions& options) {
  if (!options.write_behind) {
    return absl::FailedPreconditionError(
        StrCat("namespace ", options.name,
               " is not configured with write_behind: true"));
  }
  if (query.consumer.empty() || query.consumer.size() > 64) {
    return InvalidArgumentError("consumer: must have 1 to 64 bytes");
  }
  if (query.ack.size() > kMaxCacheBatch) {
    return InvalidArgumentError(
        StrCat("ack: at most ", kMaxCacheBatch, ", not ", query.ack.size()));
  }
  if (query.most < 1 || query.most > 1000) {
    return InvalidArgumentError("max_writes: at most 1000");
  }
  return absl::OkStatus();
}

}  // namespace outrigger::coord
