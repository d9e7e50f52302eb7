#include "cli/top/breaker_rows.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_format.h"
#include "cli/breaker/text.h"
#include "cli/top/rate.h"

namespace outrigger::cli {
namespace {

using breaker::v1::BreakerStatus;
using breaker::v1::ListResponse;

bool IsWorthALine(const BreakerStatus& status) {
  return status.state() != breaker::v1::CLOSED || status.allowed() > 0 ||
         status.rejected() > 0 || CountsOf(status).calls() > 0;
}

std::string FormatRow(const BreakerStatus& was, const BreakerStatus& is,
                      double seconds, int width) {
  const BreakerStatus::Counts& counts = CountsOf(is);
  const auto calls = static_cast<double>(std::max<uint64_t>(counts.calls(), 1));
  return absl::StrFormat(
      "%-*s %10s %10.1f %10.1f %6.1f%% %11d %11d %6.0f%%  %s", width,
      NameOf(is), StateWord(is.state()),
      PerSecond(was.allowed(), is.allowed(), seconds),
      PerSecond(was.rejected(), is.rejected(), seconds),
      100 * static_cast<double>(counts.failures()) / calls, counts.calls(),
      counts.reporters(), 100 * is.admit_ratio(), WhyText(is));
}

}  // namespace

std::vector<BreakerRow> BreakerRows(const ListResponse& before,
                                    const ListResponse& now, double seconds) {
  std::map<std::string, BreakerStatus> was;
  int width = 12;
  for (const BreakerStatus& status : before.breakers()) {
    was[NameOf(status)] = status;
  }
  for (const BreakerStatus& status : now.breakers()) {
    width = std::max(width, static_cast<int>(NameOf(status).size()));
  }
  std::vector<BreakerRow> rows;
  for (const BreakerStatus& status : now.breakers()) {
    if (!IsWorthALine(status)) continue;
    if (rows.empty()) {
      rows.push_back(
          {absl::StrFormat("%-*s %10s %10s %10s %7s %11s %11s %7s  %s", width,
                           "BREAKER", "STATE", "ALLOWED/S", "REJECTED/S",
                           "FAILED%", "CALLS", "PODS", "ADMITS", "WHY")});
    }
    rows.push_back({FormatRow(was[NameOf(status)], status, seconds, width),
                    status.state() == breaker::v1::OPEN ||
                        status.state() == breaker::v1::HALF_OPEN ||
                        status.state() == breaker::v1::FORCED_OPEN});
  }
  return rows;
}

}  // namespace outrigger::cli
