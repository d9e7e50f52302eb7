#include "cli/top/cache_rows.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_format.h"
#include "cli/top/rate.h"

namespace outrigger::cli {
namespace {

using cache::v1::StatusResponse;
using Namespace = StatusResponse::Namespace;

uint64_t Reads(const Namespace& space) {
  return space.hits() + space.stale() + space.absent() + space.misses();
}

// Of the latest reads; of all, where there were none.
double HitPercent(const Namespace& was, const Namespace& is) {
  const bool quiet = Reads(is) <= Reads(was);
  const uint64_t reads = Reads(is) - (quiet ? 0 : Reads(was));
  const uint64_t misses = is.misses() - (quiet ? 0 : was.misses());
  return reads == 0 ? 0
                    : 100 - 100 * static_cast<double>(misses) /
                                static_cast<double>(reads);
}

}  // namespace

std::vector<std::string> CacheRows(const StatusResponse& before,
                                   const StatusResponse& now, double seconds) {
  std::map<std::string, Namespace> was;
  for (const Namespace& space : before.namespaces()) was[space.name()] = space;
  int width = 12;
  for (const Namespace& space : now.namespaces()) {
    width = std::max(width, static_cast<int>(space.name().size()));
  }
  std::vector<std::string> lines;
  for (const Namespace& space : now.namespaces()) {
    if (Reads(space) == 0) continue;
    if (lines.empty()) {
      lines.push_back(
          absl::StrFormat("%-*s %10s %10s %10s %7s %11s %11s %7s  %s", width,
                          "CACHE", "READS/S", "MISSES/S", "FILLS/S", "HIT%",
                          "ENTRIES", "MEMORY", "FULL", "KIND"));
    }
    const Namespace& old = was[space.name()];
    lines.push_back(absl::StrFormat(
        "%-*s %10.1f %10.1f %10.1f %6.1f%% %11d %10.1fM %6.1f%%  %s", width,
        space.name(), PerSecond(Reads(old), Reads(space), seconds),
        PerSecond(old.misses(), space.misses(), seconds),
        PerSecond(old.fills(), space.fills(), seconds), HitPercent(old, space),
        space.entries(), static_cast<double>(space.bytes()) / (1 << 20),
        100 * static_cast<double>(space.bytes()) /
            static_cast<double>(std::max<uint64_t>(space.max_bytes(), 1)),
        space.policy()));
  }
  return lines;
}

}  // namespace outrigger::cli
