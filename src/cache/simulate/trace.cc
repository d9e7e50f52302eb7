#include "cache/simulate/trace.h"

#include <xxhash.h>

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::cache {
namespace {

constexpr size_t kOracleRecord = 24;
constexpr size_t kOracleKeyAt = 4;
constexpr size_t kOracleSizeAt = 12;
// How much of a file is looked at to guess what it is.
constexpr size_t kGuessed = 4096;

// The same in every run, so that results can be compared.
uint64_t HashOf(absl::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

absl::Status Bad(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::StatusOr<TraceRequest> ReadLine(absl::string_view line, size_t number) {
  const size_t end = std::min(line.find_first_of(" \t,"), line.size());
  TraceRequest request;
  request.key = HashOf(line.substr(0, end));
  const absl::string_view rest =
      absl::StripLeadingAsciiWhitespace(absl::StripPrefix(
          absl::StripLeadingAsciiWhitespace(line.substr(end)), ","));
  if (rest.empty()) return request;
  if (!absl::SimpleAtoi(rest, &request.size)) {
    return Bad(absl::StrCat("line ", number, ": \"", rest.substr(0, 40),
                            "\" is not a size in bytes below 4 GiB"));
  }
  request.size = std::max<uint32_t>(request.size, 1);
  return request;
}

absl::StatusOr<std::vector<TraceRequest>> ReadKeys(absl::string_view text) {
  std::vector<TraceRequest> trace;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const absl::string_view line =
        absl::StripAsciiWhitespace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    if (absl::StrContains(line, '\0')) {
      return Bad(absl::StrCat("line ", number, ": not text"));
    }
    absl::StatusOr<TraceRequest> request = ReadLine(line, number);
    if (!request.ok()) return request.status();
    trace.push_back(*request);
  }
  return trace;
}

// Fixed records; `read(record)` for each.
template <typename Read>
absl::StatusOr<std::vector<TraceRequest>> ReadRecords(absl::string_view bytes,
                                                      size_t size,
                                                      const Read& read) {
  if (bytes.size() % size != 0) {
    return Bad(absl::StrCat("byte ", bytes.size() / size * size,
                            ": the last record is cut off; all have ", size,
                            " bytes"));
  }
  std::vector<TraceRequest> trace;
  trace.reserve(bytes.size() / size);
  for (; !bytes.empty(); bytes.remove_prefix(size)) {
    trace.push_back(read(bytes.substr(0, size)));
  }
  return trace;
}

TraceRequest ReadOracleRecord(absl::string_view record) {
  uint32_t size = 0;
  for (size_t i = 0; i < sizeof(size); ++i) {
    size |=
        static_cast<uint32_t>(static_cast<uint8_t>(record[kOracleSizeAt + i]))
        << (8 * i);
  }
  return {HashOf(record.substr(kOracleKeyAt, 8)), std::max<uint32_t>(size, 1)};
}

}  // namespace

std::optional<TraceFormat> TraceFormatOf(absl::string_view name) {
  if (name == "keys") return TraceFormat::kKeys;
  if (name == "oracle") return TraceFormat::kOracle;
  if (name == "int32") return TraceFormat::kInt32;
  return std::nullopt;
}

TraceFormat GuessTraceFormat(absl::string_view file_name,
                             absl::string_view bytes) {
  if (absl::StrContains(file_name, "oracleGeneral"))
    return TraceFormat::kOracle;
  const absl::string_view start = bytes.substr(0, kGuessed);
  const bool text = std::none_of(start.begin(), start.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n' &&
           c != '\t' && c != '\r';
  });
  if (text) return TraceFormat::kKeys;
  return bytes.size() % kOracleRecord == 0 && bytes.size() >= kOracleRecord &&
                 !absl::EndsWith(file_name, ".trace")
             ? TraceFormat::kOracle
             : TraceFormat::kInt32;
}

absl::StatusOr<std::vector<TraceRequest>> ReadTrace(absl::string_view bytes,
                                                    TraceFormat format) {
  const auto read = [&]() -> absl::StatusOr<std::vector<TraceRequest>> {
    switch (format) {
      case TraceFormat::kKeys:
        return ReadKeys(bytes);
      case TraceFormat::kOracle:
        return ReadRecords(bytes, kOracleRecord, ReadOracleRecord);
      case TraceFormat::kInt32:
        return ReadRecords(bytes, 4, [](absl::string_view record) {
          return TraceRequest{HashOf(record), 1};
        });
    }
    return Bad("an unknown format");
  };
  absl::StatusOr<std::vector<TraceRequest>> trace = read();
  if (trace.ok() && trace->empty()) return Bad("no request in it");
  return trace;
}

}  // namespace outrigger::cache
