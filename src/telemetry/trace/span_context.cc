#include "telemetry/trace/span_context.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace outrigger::telemetry {
namespace {

// 16 lower-case hex digits; false if there are others.
bool ReadHex(absl::string_view digits, uint64_t* value) {
  *value = 0;
  for (const char c : digits) {
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && (c < 'a' || c > 'f')) return false;
    *value =
        *value << 4 | static_cast<uint64_t>(decimal ? c - '0' : c - 'a' + 10);
  }
  return true;
}

void AppendBytes(uint64_t value, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

}  // namespace

std::string Bytes(const TraceId& id) {
  std::string bytes;
  AppendBytes(id.high, &bytes);
  AppendBytes(id.low, &bytes);
  return bytes;
}

std::string SpanIdBytes(uint64_t id) {
  std::string bytes;
  AppendBytes(id, &bytes);
  return bytes;
}

std::string Hex(const TraceId& id) {
  return absl::StrFormat("%016x%016x", id.high, id.low);
}

std::string SpanIdHex(uint64_t id) { return absl::StrFormat("%016x", id); }

std::optional<SpanContext> ParseTraceParent(absl::string_view header) {
  constexpr size_t kLength = 55;  // of version 00; later ones may go on
  header = absl::StripAsciiWhitespace(header);
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' ||
      header[52] != '-') {
    return std::nullopt;
  }
  uint64_t version, flags;
  SpanContext context;
  if (!ReadHex(header.substr(0, 2), &version) ||
      !ReadHex(header.substr(3, 16), &context.trace_id.high) ||
      !ReadHex(header.substr(19, 16), &context.trace_id.low) ||
      !ReadHex(header.substr(36, 16), &context.span_id) ||
      !ReadHex(header.substr(53, 2), &flags)) {
    return std::nullopt;
  }
  if (version == 0xff || (version == 0 && header.size() != kLength) ||
      (header.size() > kLength && header[kLength] != '-')) {
    return std::nullopt;
  }
  context.sampled = (flags & 1) != 0;
  context.remote = true;
  if (!context.valid()) return std::nullopt;
  return context;
}

std::string FormatTraceParent(const SpanContext& context) {
  return absl::StrCat("00-", Hex(context.trace_id), "-",
                      SpanIdHex(context.span_id), "-",
                      context.sampled ? "01" : "00");
}

absl::string_view ValidTraceState(absl::string_view header) {
  constexpr size_t kMostBytes = 512;
  constexpr size_t kMostMembers = 32;
  header = absl::StripAsciiWhitespace(header);
  if (header.size() > kMostBytes) return {};
  size_t members = 0;
  for (const absl::string_view member : absl::StrSplit(header, ',')) {
    const absl::string_view text = absl::StripAsciiWhitespace(member);
    if (text.empty()) continue;
    const size_t equals = text.find('=');
    if (equals == absl::string_view::npos || equals == 0) return {};
    if (++members > kMostMembers) return {};
    for (const char c : text) {
      if (c < ' ' || c > '~') return {};
    }
  }
  return header;
}

}  // namespace outrigger::telemetry
