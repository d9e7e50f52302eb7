#include "cli/pool/text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/print.h"

namespace outrigger::cli {
namespace {

using pool::v1::AcquireResponse;
using pool::v1::Endpoint;
using pool::v1::EndpointStatus;
using pool::v1::PoolStatus;
using pool::v1::Role;
using pool::v1::StatusResponse;

std::string Kind(const Endpoint& endpoint) {
  std::vector<std::string> words;
  if (endpoint.role() != pool::v1::ROLE_UNSPECIFIED) {
    words.push_back(
        absl::AsciiStrToLower(pool::v1::Role_Name(endpoint.role())));
  }
  if (endpoint.backup()) words.push_back("backup");
  if (!endpoint.zone().empty()) {
    words.push_back(absl::StrCat("zone ", endpoint.zone()));
  }
  return absl::StrJoin(words, ", ");
}

std::string HealthText(const EndpointStatus& status) {
  std::string text =
      absl::AsciiStrToLower(EndpointStatus::Health_Name(status.health()));
  if (status.has_ejected_for()) {
    absl::StrAppend(&text, " for ", TimeText(status.ejected_for()));
  }
  if (!status.message().empty()) absl::StrAppend(&text, ": ", status.message());
  return text;
}

std::string EndpointLines(const PoolStatus& pool) {
  if (pool.endpoints().empty()) return "";
  int width = 22;
  for (const EndpointStatus& status : pool.endpoints()) {
    width =
        std::max(width, static_cast<int>(status.endpoint().address().size()));
  }
  std::string text = absl::StrFormat("  %-*s %-22s %7s %7s %9s %9s  %s\n",
                                     width, "ENDPOINT", "KIND", "WEIGHT",
                                     "IN USE", "SUCCEEDED", "FAILED", "HEALTH");
  for (const EndpointStatus& status : pool.endpoints()) {
    absl::StrAppendFormat(&text, "  %-*s %-22s %7.4g %7d %9d %9d  %s\n", width,
                          status.endpoint().address(), Kind(status.endpoint()),
                          status.effective_weight(), status.in_use(),
                          status.successes(), status.failures(),
                          HealthText(status));
  }
  return text;
}

std::string LeaseLines(const PoolStatus& pool) {
  std::string text;
  for (const PoolStatus::HeldLease& lease : pool.longest_held()) {
    absl::StrAppend(&text, "  lease ", lease.lease_id(), " held for ",
                    TimeText(lease.held_for()));
    if (!lease.address().empty()) {
      absl::StrAppend(&text, " on ", lease.address());
    }
    if (!lease.trace_id().empty()) {
      absl::StrAppend(&text, ", trace ", lease.trace_id());
    }
    text += "\n";
  }
  return text;
}

std::string Cap(const PoolStatus& pool) {
  return pool.max_overflow() == 0
             ? absl::StrCat(pool.max_connections())
             : absl::StrCat(pool.max_connections(), "+", pool.max_overflow());
}

}  // namespace

absl::StatusOr<Role> ReadRole(absl::string_view text) {
  const std::string word = absl::AsciiStrToLower(text);
  if (word.empty() || word == "any") return pool::v1::ROLE_UNSPECIFIED;
  if (word == "primary") return pool::v1::PRIMARY;
  if (word == "replica") return pool::v1::REPLICA;
  if (word == "shard") return pool::v1::SHARD;
  return absl::InvalidArgumentError(
      absl::StrCat(text, " is not one of any, primary, replica, shard"));
}

int UsableEndpoints(const PoolStatus& status) {
  return static_cast<int>(
      std::count_if(status.endpoints().begin(), status.endpoints().end(),
                    [](const EndpointStatus& endpoint) {
                      return endpoint.health() == EndpointStatus::HEALTHY ||
                             endpoint.health() == EndpointStatus::UNKNOWN;
                    }));
}

std::string PoolNotes(const PoolStatus& status) {
  std::vector<std::string> words;
  if (status.one_by_one()) words.push_back("one by one");
  if (status.learning()) words.push_back("learning");
  if (status.degraded()) words.push_back("degraded");
  return absl::StrJoin(words, ", ");
}

std::string DescribeSlot(const AcquireResponse& response) {
  std::string text;
  if (!response.acquired()) {
    text = absl::StrCat(
        "none: ",
        absl::AsciiStrToLower(pool::v1::Reason_Name(response.reason())), ", ",
        response.advice() == pool::v1::RETRY ? "try again" : "do without");
    if (response.has_retry_after()) {
      absl::StrAppend(&text, " after ", TimeText(response.retry_after()));
    }
  } else {
    text = absl::StrCat("acquired: lease ", response.lease_id(), ", token ",
                        response.fencing_token());
    if (response.has_endpoint()) {
      const std::string kind = Kind(response.endpoint());
      absl::StrAppend(&text, ", ", response.endpoint().address(),
                      kind.empty() ? "" : absl::StrCat(" (", kind, ")"));
    }
    absl::StrAppend(&text, ", expires in ", TimeText(response.expires_after()));
    if (response.overflow()) text += ", overflow";
    if (response.panic()) text += ", no endpoint is well";
  }
  if (response.degraded()) text += " (degraded)";
  return text + "\n";
}

std::string DescribePools(const StatusResponse& response) {
  int width = 12;
  for (const PoolStatus& pool : response.pools()) {
    width = std::max(width, static_cast<int>(pool.pool().size()));
  }
  std::string text = absl::StrFormat(
      "%-*s %7s %7s %10s %7s %5s %8s %11s %9s %8s %7s  %s\n", width, "POOL",
      "IN USE", "SLOTS", "CAP", "FLEET", "PODS", "WAITING", "ACQUIRED",
      "TIMEOUTS", "EXPIRED", "LEAKS", "NOTES");
  for (const PoolStatus& pool : response.pools()) {
    absl::StrAppendFormat(
        &text, "%-*s %7d %7d %10s %7d %5d %8d %11d %9d %8d %7d  %s\n", width,
        pool.pool(), pool.in_use(), pool.slots(), Cap(pool), pool.fleet_slots(),
        pool.pods(), pool.waiting(), pool.acquired(), pool.timeouts(),
        pool.expired(), pool.leaks(), PoolNotes(pool));
    absl::StrAppend(&text, EndpointLines(pool), LeaseLines(pool));
  }
  return text;
}

}  // namespace outrigger::cli
