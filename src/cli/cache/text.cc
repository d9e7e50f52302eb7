#include "cli/cache/text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/print.h"
#include "config/text/utf8.h"

namespace outrigger::cli {
namespace {

using cache::v1::GetResponse;
using cache::v1::SetResponse;
using cache::v1::StatusResponse;
using cache::v1::WatchEvent;

std::string StatusWord(cache::v1::Status status) {
  switch (status) {
    case cache::v1::HIT:
      return "hit";
    case cache::v1::STALE:
      return "stale";
    case cache::v1::ABSENT:
      return "absent: it is known that there is none";
    case cache::v1::MISS:
      return "miss";
    case cache::v1::NOT_MODIFIED:
      return "not modified";
    default:
      return "unknown";
  }
}

// As it is if a terminal can show it; else escaped.
std::string ValueText(const std::string& value) {
  const bool shown = config::FirstBadByte(value) == value.size();
  return shown ? value : absl::CHexEscape(value);
}

std::string ReasonText(const SetResponse& response) {
  switch (response.reason()) {
    case cache::v1::FILL_REVOKED:
      return "the key was written or invalidated since the token was given";
    case cache::v1::VERSION_MISMATCH:
      return response.version() == 0
                 ? "there is no value"
                 : absl::StrCat("the current version is ", response.version());
    case cache::v1::ALREADY_EXISTS:
      return absl::StrCat("there is a value, of version ", response.version());
    case cache::v1::STORE_UNAVAILABLE:
      return "the store is out of reach";
    default:
      return "for an unknown reason";
  }
}

std::string Mebibytes(uint64_t bytes) {
  return absl::StrFormat("%.1fMiB", static_cast<double>(bytes) / (1 << 20));
}

std::string HitShare(const StatusResponse::Namespace& space) {
  const uint64_t all =
      space.hits() + space.stale() + space.absent() + space.misses();
  if (all == 0) return "-";
  return absl::StrFormat("%.1f%%",
                         100 * static_cast<double>(all - space.misses()) /
                             static_cast<double>(all));
}

}  // namespace

std::string DescribeGet(const GetResponse& response) {
  std::string text = StatusWord(response.status());
  if (response.version() != 0) {
    absl::StrAppend(&text, ": version ", response.version(), ", ",
                    TimeText(response.age()), " old");
    if (response.has_ttl()) {
      absl::StrAppend(&text, ", fresh for ", TimeText(response.ttl()));
    }
    absl::StrAppend(&text,
                    response.coherent() ? ", coherent" : ", not verified");
  }
  // Less is the store's answer, not another's load.
  constexpr int32_t kMillisecond = 1'000'000;
  if (response.waited().seconds() > 0 ||
      response.waited().nanos() >= kMillisecond) {
    absl::StrAppend(&text, ", waited ", TimeText(response.waited()));
  }
  if (response.degraded()) text += " (degraded)";
  text += "\n";
  if (!response.fill_token().empty()) {
    absl::StrAppend(&text, "to load it: --token ", Hex(response.fill_token()),
                    "\n");
  }
  if (response.status() == cache::v1::HIT ||
      response.status() == cache::v1::STALE) {
    absl::StrAppend(&text, ValueText(response.value()), "\n");
  }
  return text;
}

std::string DescribeSet(const SetResponse& response) {
  const char* const degraded = response.degraded() ? " (degraded)" : "";
  if (!response.stored()) {
    return absl::StrCat("refused: ", ReasonText(response), degraded, "\n");
  }
  return absl::StrCat("stored: version ", response.version(), degraded, "\n");
}

std::string DescribeEvent(const WatchEvent& event) {
  switch (event.kind()) {
    case WatchEvent::WRITTEN:
      return absl::StrCat("written ", event.key(), " version ", event.version(),
                          "\n");
    case WatchEvent::INVALIDATED:
      return absl::StrCat("invalidated ", event.key(), "\n");
    case WatchEvent::TAG_INVALIDATED:
      return event.tag().empty()
                 ? absl::StrCat("keys by a glob invalidated, ", event.version(),
                                "\n")
                 : absl::StrCat("tag ", event.tag(), " invalidated, ",
                                event.version(), "\n");
    case WatchEvent::RESYNC:
      return "resync: events may be missing before this\n";
    default:
      return "unknown event\n";
  }
}

std::string DescribeStatus(const StatusResponse& response) {
  int width = 12;
  for (const auto& space : response.namespaces()) {
    width = std::max(width, static_cast<int>(space.name().size()));
  }
  std::string text =
      absl::StrFormat("%-*s %-8s %10s %10s %10s %7s %11s %9s %9s %11s %9s\n",
                      width, "NAMESPACE", "POLICY", "ENTRIES", "MEMORY", "OF",
                      "HIT%", "HITS", "STALE", "ABSENT", "MISSES", "FILLS");
  for (const auto& space : response.namespaces()) {
    absl::StrAppendFormat(
        &text, "%-*s %-8s %10d %10s %10s %7s %11d %9d %9d %11d %9d\n", width,
        space.name(), space.policy(), space.entries(), Mebibytes(space.bytes()),
        Mebibytes(space.max_bytes()), HitShare(space), space.hits(),
        space.stale(), space.absent(), space.misses(), space.fills());
  }
  return text;
}

std::string Hex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

absl::StatusOr<std::string> FromHex(absl::string_view text) {
  const bool good =
      !text.empty() && text.size() % 2 == 0 &&
      std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      });
  if (good) return absl::HexStringToBytes(text);
  return absl::InvalidArgumentError(
      absl::StrCat(text, " is not in hexadecimal, as `cache get` prints it"));
}

}  // namespace outrigger::cli
