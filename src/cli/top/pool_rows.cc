#include "cli/top/pool_rows.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_format.h"
#include "cli/pool/text.h"
#include "cli/top/rate.h"

namespace outrigger::cli {
namespace {

using pool::v1::PoolStatus;
using pool::v1::StatusResponse;

std::string FormatRow(const PoolStatus& was, const PoolStatus& is,
                      double seconds, int width) {
  const std::string usable =
      absl::StrFormat("%d/%d", UsableEndpoints(is), is.endpoints_size());
  return absl::StrFormat(
      "%-*s %10d %10d %10d %7d %11.1f %11.1f %7s  %s", width, is.pool(),
      is.in_use(), is.slots(), is.max_connections() + is.max_overflow(),
      is.waiting(), PerSecond(was.acquired(), is.acquired(), seconds),
      PerSecond(was.timeouts(), is.timeouts(), seconds),
      is.endpoints_size() == 0 ? "-" : usable, PoolNotes(is));
}

}  // namespace

std::vector<PoolRow> PoolRows(const StatusResponse& before,
                              const StatusResponse& now, double seconds) {
  std::map<std::string, PoolStatus> was;
  int width = 12;
  for (const PoolStatus& pool : before.pools()) was[pool.pool()] = pool;
  for (const PoolStatus& pool : now.pools()) {
    width = std::max(width, static_cast<int>(pool.pool().size()));
  }
  std::vector<PoolRow> rows;
  for (const PoolStatus& pool : now.pools()) {
    if (rows.empty()) {
      rows.push_back(
          {absl::StrFormat("%-*s %10s %10s %10s %7s %11s %11s %7s  %s", width,
                           "POOL", "IN USE", "SLOTS", "FLEET CAP", "WAITING",
                           "ACQUIRED/S", "TIMEOUTS/S", "WELL", "NOTES")});
    }
    rows.push_back({FormatRow(was[pool.pool()], pool, seconds, width),
                    pool.waiting() > 0 || pool.degraded()});
  }
  return rows;
}

}  // namespace outrigger::cli
