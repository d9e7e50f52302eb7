#include "cli/top/view.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/top/breaker_rows.h"
#include "cli/top/cache_rows.h"
#include "cli/top/pool_rows.h"
#include "cli/top/rate.h"

namespace outrigger::cli {
namespace {

using ratelimit::v1::LimitCounters;
using ratelimit::v1::StatusResponse;

constexpr char kBold[] = "\x1b[1m";
constexpr char kRed[] = "\x1b[31m";
constexpr char kYellow[] = "\x1b[33m";
constexpr char kPlain[] = "\x1b[0m";

double Seconds(const StatusResponse& status) {
  return static_cast<double>(status.uptime().seconds()) +
         status.uptime().nanos() * 1e-9;
}

// One limit's row, in numbers.
struct Row {
  std::string name;
  std::string kind;
  double rate = 0;
  double allowed_per_s = 0;
  double denied_per_s = 0;
  uint64_t allowed = 0;
  uint64_t denied = 0;
  double local_share = 1;
  bool shadow = false;
};

Row MakeRow(const LimitCounters& was, const LimitCounters& is, double seconds) {
  Row row;
  row.name = is.limit();
  row.kind = absl::StrCat(is.algorithm(), " ", is.coordination());
  row.rate = is.rate();
  row.shadow = is.shadow();
  row.allowed = is.allowed();
  row.denied = is.denied() + is.shadow_denied();
  row.allowed_per_s = PerSecond(was.allowed(), is.allowed(), seconds);
  row.denied_per_s =
      PerSecond(was.denied() + was.shadow_denied(), row.denied, seconds);
  const uint64_t all = row.allowed + row.denied;
  row.local_share = all == 0 ? 1
                             : std::min(1.0, static_cast<double>(is.local()) /
                                                 static_cast<double>(all));
  return row;
}

std::vector<Row> MakeRows(const StatusResponse& before,
                          const StatusResponse& now) {
  double seconds = Seconds(now) - Seconds(before);
  std::map<std::string, LimitCounters> was;
  if (seconds > 0) {
    for (const LimitCounters& limit : before.limits()) {
      was[limit.limit()] = limit;
    }
  } else {
    seconds = Seconds(now);
  }
  std::vector<Row> rows;
  for (const LimitCounters& limit : now.limits()) {
    rows.push_back(MakeRow(was[limit.limit()], limit, seconds));
  }
  return rows;
}

// Cuts to the width, then colours; so colours do not count.
void AppendLine(std::string line, const char* colour,
                const ViewOptions& options, std::vector<std::string>& lines) {
  if (options.width > 0 && static_cast<int>(line.size()) > options.width) {
    line.resize(static_cast<size_t>(options.width));
  }
  if (options.colour && colour != nullptr) {
    line = absl::StrCat(colour, line, kPlain);
  }
  lines.push_back(absl::StrCat(line, "\n"));
}

std::string Header(const StatusResponse& now, const std::string& target) {
  return absl::StrFormat(
      "outrigger  %s  up %s  pods %d  keys %d  parked %d  store %s", target,
      absl::FormatDuration(absl::Seconds(now.uptime().seconds())), now.pods(),
      now.keys(), now.parked(),
      now.degraded() ? "OUT OF REACH"
                     : absl::StrCat(now.store_commands(), " commands"));
}

// Of the latest decisions; of all, where there were none.
double DeniedPercent(const Row& row) {
  const double latest = row.allowed_per_s + row.denied_per_s;
  if (latest > 0) return 100 * row.denied_per_s / latest;
  const uint64_t all = row.allowed + row.denied;
  return all == 0
             ? 0
             : 100 * static_cast<double>(row.denied) / static_cast<double>(all);
}

std::string FormatRow(const Row& row, int name_width) {
  return absl::StrFormat(
      "%-*s %10.4g %10.1f %10.1f %6.1f%% %11d %11d %6.1f%%  %s%s", name_width,
      row.name, row.rate, row.allowed_per_s, row.denied_per_s,
      DeniedPercent(row), row.allowed, row.denied, 100 * row.local_share,
      row.kind, row.shadow ? " shadow" : "");
}

void AppendLimits(const StatusResponse& before, const StatusResponse& now,
                  const ViewOptions& options, std::vector<std::string>& lines) {
  const std::vector<Row> rows = MakeRows(before, now);
  int name_width = 12;
  for (const Row& row : rows) {
    name_width = std::max(name_width, static_cast<int>(row.name.size()));
  }
  AppendLine(
      absl::StrFormat("%-*s %10s %10s %10s %7s %11s %11s %7s  %s", name_width,
                      "LIMIT", "RATE/S", "ALLOWED/S", "DENIED/S", "DENIED%",
                      "ALLOWED", "DENIED", "LOCAL", "KIND"),
      kBold, options, lines);
  for (const Row& row : rows) {
    const char* colour = row.denied_per_s == 0 ? nullptr
                         : row.shadow          ? kYellow
                                               : kRed;
    AppendLine(FormatRow(row, name_width), colour, options, lines);
  }
  if (rows.empty()) AppendLine("no limits", nullptr, options, lines);
}

// Caches, breakers, pools; `before` is empty if the rates are since the start.
void AppendOthers(const TopLook& before, const TopLook& now, double seconds,
                  const ViewOptions& options, std::vector<std::string>& lines) {
  const auto colour = [](size_t index, bool bad) {
    return index == 0 ? kBold : bad ? kRed : nullptr;
  };
  const auto caches = CacheRows(before.caches, now.caches, seconds);
  for (size_t i = 0; i < caches.size(); ++i) {
    AppendLine(caches[i], colour(i, false), options, lines);
  }
  const auto breakers = BreakerRows(before.breakers, now.breakers, seconds);
  for (size_t i = 0; i < breakers.size(); ++i) {
    AppendLine(breakers[i].text, colour(i, breakers[i].denies), options, lines);
  }
  const auto pools = PoolRows(before.pools, now.pools, seconds);
  for (size_t i = 0; i < pools.size(); ++i) {
    AppendLine(pools[i].text, colour(i, pools[i].short_of_slots), options,
               lines);
  }
}

}  // namespace

std::string RenderTop(const TopLook& before, const TopLook& now,
                      const std::string& target, const ViewOptions& options) {
  std::vector<std::string> lines;
  AppendLine(Header(now.limits, target), now.limits.degraded() ? kRed : kBold,
             options, lines);
  AppendLimits(before.limits, now.limits, options, lines);
  const double seconds = Seconds(now.limits) - Seconds(before.limits);
  if (seconds > 0) {
    AppendOthers(before, now, seconds, options, lines);
  } else {
    AppendOthers(TopLook(), now, Seconds(now.limits), options, lines);
  }
  if (options.height > 0 && static_cast<int>(lines.size()) > options.height) {
    lines.resize(static_cast<size_t>(options.height));
  }
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

}  // namespace outrigger::cli
