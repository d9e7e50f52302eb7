#include "rpc/ratelimit/validate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace outrigger::rpc {
namespace {

absl::Status CheckAttributes(const AllowFields& fields) {
  if (fields.too_many_attributes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "attributes: more than ", kMaxAttributes, " are not allowed"));
  }
  for (const limit::Attribute& attribute : fields.attributes) {
    if (attribute.name.empty() || attribute.name.size() > kMaxNameBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("attributes: a name has ", attribute.name.size(),
                       " bytes; 1 to ", kMaxNameBytes, " are allowed"));
    }
    if (attribute.value.size() > kMaxValueBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("attributes[", attribute.name, "]: the value has ",
                       attribute.value.size(), " bytes; at most ",
                       kMaxValueBytes, " are allowed"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMaxWait(const AllowFields& fields, int64_t* max_wait_us) {
  const int64_t seconds = fields.max_wait_seconds;
  const int32_t nanos = fields.max_wait_nanos;
  if (seconds < 0 || nanos < 0) {
    return absl::InvalidArgumentError("max_wait: must not be negative");
  }
  if (nanos > 999'999'999) {
    return absl::InvalidArgumentError(
        "max_wait: nanos must be below 1,000,000,000");
  }
  if (seconds > coord::kMaxWaitUs / 1'000'000 ||
      seconds * 1'000'000 + nanos / 1000 > coord::kMaxWaitUs) {
    return absl::InvalidArgumentError("max_wait: at most one hour is allowed");
  }
  *max_wait_us = seconds * 1'000'000 + nanos / 1000;
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeQuery(const AllowFields& fields, coord::AllowQuery* query) {
  absl::Status status = CheckAttributes(fields);
  if (!status.ok()) return status;
  if (fields.cost > coord::kMaxCost) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cost: ", fields.cost, "; at most ", coord::kMaxCost, " is allowed"));
  }
  if (fields.max_wait_seconds != 0 || fields.max_wait_nanos != 0) {
    status = CheckMaxWait(fields, &query->max_wait_us);
    if (!status.ok()) return status;
  }
  query->attributes = fields.attributes;
  query->cost = fields.cost;
  query->limit = fields.limit;
  query->detail = fields.detail;
  return absl::OkStatus();
}

void BoundWait(MonotonicTime deadline, const Clock& clock,
               coord::AllowQuery* query) {
  if (query->max_wait_us == 0 || deadline == MonotonicTime::max()) return;
  const int64_t left_us = ToMicros(deadline - clock.Now());
  query->max_wait_us =
      std::max<int64_t>(0, std::min(query->max_wait_us, left_us));
}

void TakeAttributes(const AttributeMap& attributes, AllowFields* fields) {
  fields->too_many_attributes = attributes.size() > kMaxAttributes;
  if (fields->too_many_attributes) return;
  for (const auto& [name, value] : attributes) {
    fields->attributes.push_back({name, value});
  }
}

}  // namespace outrigger::rpc
