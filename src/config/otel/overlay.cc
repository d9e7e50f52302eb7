#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "config/otel/reader.h"
#include "config/otel/variables.h"

namespace outrigger::config {
namespace {

constexpr int64_t kLeastIntervalMillis = 10;

// Variables whose text is the option's.
struct Alias {
  const char* variable;
  const char* path;
};
constexpr Alias kAliases[] = {
    {"OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp"},
    {"OTEL_EXPORTER_OTLP_CERTIFICATE", "telemetry.ca_file"},
    {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "telemetry.cert_file"},
    {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "telemetry.key_file"},
};

// Variables of which each word is one of the option's.
struct Words {
  const char* variable;
  const char* path;
  std::vector<std::pair<std::string, std::string>> words;
};
const std::vector<Words>& AllWords() {
  static const auto* const all = new std::vector<Words>{
      {"OTEL_EXPORTER_OTLP_COMPRESSION",
       "telemetry.compression",
       {{"none", "none"}, {"gzip", "gzip"}}},
      {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
       "telemetry.temporality",
       {{"cumulative", "cumulative"},
        {"delta", "delta"},
        {"lowmemory", "lowmemory"}}},
      {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
       "telemetry.histograms",
       {{"explicit_bucket_histogram", "explicit"},
        {"base2_exponential_bucket_histogram", "exponential"}}},
      {"OTEL_SDK_DISABLED",
       "telemetry.enabled",
       {{"true", "false"}, {"false", "true"}}},
  };
  return *all;
}

void PutText(const std::string& variable, const char* path,
             const std::string& text, Node& root) {
  Put(root, path, Node::Scalar(text, Place{.variable = variable}));
}

void OverlayServiceName(OtelReader& reader, Node& root) {
  constexpr char kPath[] = "telemetry.service_name";
  const auto name = reader.Text("OTEL_SERVICE_NAME");
  if (name.has_value()) {
    PutText("OTEL_SERVICE_NAME", kPath, *name, root);
    return;
  }
  constexpr char kAttributes[] = "OTEL_RESOURCE_ATTRIBUTES";
  // A malformed one is reported by ReadOtel.
  const auto attributes =
      ParseNamedTexts(reader.Text(kAttributes).value_or(""));
  if (!attributes.has_value()) return;
  for (const auto& [key, value] : *attributes) {
    if (key == "service.name" && !value.empty()) {
      PutText(kAttributes, kPath, value, root);
    }
  }
}

void OverlayHeaders(OtelReader& reader, Node& root) {
  constexpr char kVariable[] = "OTEL_EXPORTER_OTLP_HEADERS";
  const auto text = reader.Text(kVariable);
  if (!text.has_value()) return;
  const auto headers = ParseNamedTexts(*text);
  if (!headers.has_value()) {
    reader.Warn(kVariable, "is not name=value pairs with commas; ignored");
    return;
  }
  std::vector<std::string> entries;
  for (const auto& [name, value] : *headers) {
    entries.push_back(absl::StrCat(name, "=", value));
  }
  Put(root, "telemetry.headers",
      Node::List(entries, Place{.variable = kVariable}));
}

}  // namespace

void OverlayOtel(const Environment& environment, Node& root,
                 Problems& problems) {
  OtelReader reader(environment, problems);
  OverlayServiceName(reader, root);
  OverlayHeaders(reader, root);
  for (const Alias& alias : kAliases) {
    const auto text = reader.Text(alias.variable);
    if (text.has_value()) PutText(alias.variable, alias.path, *text, root);
  }
  for (const Words& variable : AllWords()) {
    const auto word = reader.Word(variable.variable, variable.words);
    if (word.has_value()) {
      PutText(variable.variable, variable.path, *word, root);
    }
  }
  constexpr char kInterval[] = "OTEL_METRIC_EXPORT_INTERVAL";
  const auto interval = reader.Millis(kInterval, kLeastIntervalMillis);
  if (interval.has_value()) {
    const auto millis =
        std::chrono::duration_cast<std::chrono::milliseconds>(*interval);
    PutText(kInterval, "telemetry.metrics_interval",
            absl::StrCat(millis.count(), "ms"), root);
  }
}

}  // namespace outrigger::config
