#include "config/telemetry_table.h"

#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/otel/reader.h"
#include "config/text/codec.h"

namespace outrigger::config {
namespace {

constexpr size_t kLongestText = 1024;
constexpr size_t kMostEntries = 64;

// A URL, or what gRPC takes for a target; what is wrong within is found when
// the exporter starts.
bool LooksLikeCollector(absl::string_view text) {
  if (text.empty() || text.size() > kLongestText ||
      text.find_first_of(" \t\r\n") != absl::string_view::npos) {
    return false;
  }
  const size_t scheme = text.find("://");
  if (scheme == absl::string_view::npos) {
    return absl::StrContains(text, ':');
  }
  const absl::string_view name = text.substr(0, scheme);
  return (name == "http" || name == "https" || name == "dns" ||
          name == "unix") &&
         scheme + 3 < text.size();
}

Codec<std::string> Collector() {
  return {.parse = [](absl::string_view text) -> absl::StatusOr<std::string> {
            if (!LooksLikeCollector(text)) {
              return absl::InvalidArgumentError(absl::StrCat(
                  Quote(text),
                  " is not off, nor a URL like http://127.0.0.1:4317 or "
                  "https://…, nor host:port"));
            }
            return std::string(text);
          },
          .format = [](const std::string& value) { return value; }};
}

// Adds a header. Says nothing of its value, which may be a key.
void AddHeader(const Place& place, const std::string& path,
               absl::string_view name, absl::string_view value,
               Telemetry& telemetry, Problems& problems) {
  const std::string lower = absl::AsciiStrToLower(name);
  if (!IsHeaderName(lower)) {
    problems.Error(place, path,
                   absl::StrCat(Quote(name), " is not a header's name"));
    return;
  }
  for (const char c : value) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      problems.Error(
          place, path,
          absl::StrCat("the value of ", lower, " has control characters"));
      return;
    }
  }
  telemetry.headers.emplace_back(lower, value);
}

void ReadHeaders(const Node& node, const std::string& path,
                 Telemetry& telemetry, Problems& problems) {
  telemetry.headers.clear();
  if (node.children.size() > kMostEntries) {
    problems.Error(node.place, path,
                   absl::StrCat("has more than ", kMostEntries, " entries"));
    return;
  }
  if (node.kind == Node::Kind::kMap) {
    for (const Node& child : node.children) {
      if (ScalarText(child, path, problems) == nullptr) continue;
      AddHeader(child.key_place, path, child.key, child.text, telemetry,
                problems);
    }
    return;
  }
  std::vector<std::string> texts;
  if (!ListTexts(node, path, texts, problems)) return;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string at = absl::StrCat(path, "[", i, "]");
    const size_t equals = texts[i].find('=');
    if (equals == std::string::npos) {
      problems.Error(node.children[i].place, at, "is not name=value");
      continue;
    }
    const absl::string_view text = texts[i];
    AddHeader(node.children[i].place, at, text.substr(0, equals),
              text.substr(equals + 1), telemetry, problems);
  }
}

Field<Telemetry> HeadersField() {
  Field<Telemetry> field;
  field.info = {
      .path = "headers", .form = FieldInfo::Form::kList, .secret = true};
  field.read = ReadHeaders;
  field.write = [](const Telemetry& telemetry) {
    if (telemetry.headers.empty()) return Node{};
    std::vector<std::string> texts;
    for (const auto& [name, value] : telemetry.headers) {
      texts.push_back(absl::StrCat(name, "=", value));
    }
    return Node::List(texts);
  };
  return field;
}

Field<Telemetry> BaggageField() {
  Field<Telemetry> field;
  field.info = {.path = "baggage_attributes", .form = FieldInfo::Form::kList};
  field.read = [](const Node& node, const std::string& path,
                  Telemetry& telemetry, Problems& problems) {
    std::vector<std::string> names;
    if (!ListTexts(node, path, names, problems)) return;
    if (names.size() > kMostEntries) {
      problems.Error(node.place, path,
                     absl::StrCat("has more than ", kMostEntries, " entries"));
      return;
    }
    telemetry.baggage_attributes = std::move(names);
  };
  field.write = [](const Telemetry& telemetry) {
    return telemetry.baggage_attributes.empty()
               ? Node{}
               : Node::List(telemetry.baggage_attributes);
  };
  return field;
}

Table<Telemetry> ExportFields() {
  using otlp::Compression;
  using otlp::Temporality;
  const auto file = [](std::string path, auto at) {
    return Scalar<Telemetry, std::string>(std::move(path), at,
                                          Text(kLongestText));
  };
  return {
      Scalar<Telemetry, bool>(
          "enabled", [](auto& t) -> auto& { return t.enabled; }, Flag()),
      Scalar<Telemetry, std::string>(
          "service_name", [](auto& t) -> auto& { return t.service_name; },
          Text(255)),
      Scalar<Telemetry, std::string>(
          "otlp", [](auto& t) -> auto& { return t.otlp; }, OrOff(Collector())),
      HeadersField(),
      Scalar<Telemetry, Compression>(
          "compression", [](auto& t) -> auto& { return t.compression; },
          Choice<Compression>(
              {{"none", Compression::kNone}, {"gzip", Compression::kGzip}})),
      file(
          "ca_file", [](auto& t) -> auto& { return t.ca_file; }),
      file(
          "cert_file", [](auto& t) -> auto& { return t.cert_file; }),
      file(
          "key_file", [](auto& t) -> auto& { return t.key_file; }),
      Scalar<Telemetry, Duration>(
          "metrics_interval",
          [](auto& t) -> auto& { return t.metrics_interval; },
          Time(std::chrono::milliseconds(10), std::chrono::hours(24))),
      Scalar<Telemetry, Temporality>(
          "temporality", [](auto& t) -> auto& { return t.temporality; },
          Choice<Temporality>({{"cumulative", Temporality::kCumulative},
                               {"delta", Temporality::kDelta},
                               {"lowmemory", Temporality::kLowMemory}})),
  };
}

Table<Telemetry> MakeTable() {
  using telemetry::Aggregation;
  using telemetry::LogFormat;
  using telemetry::LogLevel;
  Table<Telemetry> table = ExportFields();
  table.push_back(Scalar<Telemetry, Aggregation>(
      "histograms", [](auto& t) -> auto& { return t.histograms; },
      Choice<Aggregation>({{"explicit", Aggregation::kExplicit},
                           {"exponential", Aggregation::kExponential}})));
  table.push_back(Scalar<Telemetry, int64_t>(
      "cardinality_limit", [](auto& t) -> auto& { return t.cardinality_limit; },
      Whole(1, 1'000'000)));
  table.push_back(Scalar<Telemetry, double>(
      "traces_ratio", [](auto& t) -> auto& { return t.traces_ratio; },
      Number(0, 1)));
  table.push_back(Scalar<Telemetry, int64_t>(
      "notable_traces_per_second",
      [](auto& t) -> auto& { return t.notable_traces_per_second; },
      Whole(0, 100'000)));
  table.push_back(BaggageField());
  table.push_back(Scalar<Telemetry, LogLevel>(
      "log_level", [](auto& t) -> auto& { return t.log_level; },
      Choice<LogLevel>({{"debug", LogLevel::kDebug},
                        {"info", LogLevel::kInfo},
                        {"warning", LogLevel::kWarning},
                        {"error", LogLevel::kError}})));
  table.push_back(Scalar<Telemetry, LogFormat>(
      "log_format", [](auto& t) -> auto& { return t.log_format; },
      Choice<LogFormat>({{"auto", LogFormat::kAuto},
                         {"json", LogFormat::kJson},
                         {"text", LogFormat::kText}})));
  return table;
}

}  // namespace

const Table<Telemetry>& TelemetryTable() {
  static const auto* const table = new Table<Telemetry>(MakeTable());
  return *table;
}

}  // namespace outrigger::config
