#include "config/otel/destinations.h"

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace outrigger::config {
namespace {

using otlp::Destination;
using otlp::Protocol;
using otlp::Signal;
using otlp::Target;

struct Names {
  const char* exporter;
  const char* path;
};

Names Of(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return {"OTEL_TRACES_EXPORTER", "/v1/traces"};
    case Signal::kMetrics:
      return {"OTEL_METRICS_EXPORTER", "/v1/metrics"};
    case Signal::kLogs:
      return {"OTEL_LOGS_EXPORTER", "/v1/logs"};
  }
  return {"", ""};
}

// Of several the first that we have; unset if there is none.
std::optional<Target> ReadTarget(Signal signal, OtelReader& reader) {
  const std::string variable = Of(signal).exporter;
  const std::optional<std::string> text = reader.Text(variable);
  if (!text.has_value()) return std::nullopt;
  std::optional<Target> target;
  for (absl::string_view word : absl::StrSplit(*text, ',')) {
    word = absl::StripAsciiWhitespace(word);
    if (word == "otlp") {
      target = Target::kOtlp;
      break;
    }
    if (word == "console" || word == "logging") {
      target = Target::kConsole;
    } else if (word == "none" ||
               (word == "prometheus" && signal == Signal::kMetrics)) {
      if (!target.has_value()) target = Target::kNone;
    } else {
      reader.Warn(variable,
                  absl::StrCat(Quote(word), " is not known; ignored"));
    }
  }
  return target;
}

bool HasHttpScheme(absl::string_view endpoint) {
  return absl::StartsWith(endpoint, "http://") ||
         absl::StartsWith(endpoint, "https://");
}

// "4317" of "http://host:4317/path"; empty if it stands nowhere.
absl::string_view PortOf(absl::string_view endpoint) {
  if (!absl::ConsumePrefix(&endpoint, "http://")) {
    absl::ConsumePrefix(&endpoint, "https://");
  }
  endpoint = endpoint.substr(0, endpoint.find('/'));
  const size_t colon = endpoint.rfind(':');
  return colon == absl::string_view::npos ? absl::string_view()
                                          : endpoint.substr(colon + 1);
}

std::optional<Protocol> StatedProtocol(Signal signal, OtelReader& reader) {
  const std::vector<std::pair<std::string, Protocol>> words = {
      {"grpc", Protocol::kGrpc}, {"http/protobuf", Protocol::kHttpProtobuf}};
  const std::string own = OwnVariable(signal, "PROTOCOL");
  if (reader.Text(own).has_value()) return reader.Word(own, words);
  return reader.Word("OTEL_EXPORTER_OTLP_PROTOCOL", words);
}

void ChooseProtocol(std::optional<Protocol> stated, Destination& destination) {
  if (stated.has_value()) {
    destination.protocol = *stated;
    return;
  }
  const absl::string_view port = PortOf(destination.endpoint);
  const bool grpc = port == "4317" || !HasHttpScheme(destination.endpoint);
  destination.protocol = grpc ? Protocol::kGrpc : Protocol::kHttpProtobuf;
  destination.protocol_guessed = !grpc && port != "4318";
}

// Text that the signal's own variable may replace.
void Replace(Signal signal, const char* what, std::string& value,
             OtelReader& reader) {
  const auto own = reader.Text(OwnVariable(signal, what));
  if (own.has_value()) value = *own;
}

NamedTexts ReadHeaders(Signal signal, const NamedTexts& general,
                       OtelReader& reader) {
  const std::string variable = OwnVariable(signal, "HEADERS");
  const auto text = reader.Text(variable);
  if (!text.has_value()) return general;
  auto own = ParseNamedTexts(*text);
  if (!own.has_value()) {
    reader.Warn(variable, "is not name=value pairs with commas; ignored");
    return general;
  }
  for (auto& [name, value] : *own) absl::AsciiStrToLower(&name);
  return *own;
}

void ReadDetails(Signal signal, const Telemetry& telemetry, OtelReader& reader,
                 Destination& destination) {
  destination.insecure =
      reader.Flag(OwnVariable(signal, "INSECURE"))
          .value_or(reader.Flag("OTEL_EXPORTER_OTLP_INSECURE").value_or(false));
  destination.headers = ReadHeaders(signal, telemetry.headers, reader);
  const auto general = reader.Millis("OTEL_EXPORTER_OTLP_TIMEOUT", 1);
  destination.timeout = reader.Millis(OwnVariable(signal, "TIMEOUT"), 1)
                            .value_or(general.value_or(destination.timeout));
  destination.compression =
      reader
          .Word<otlp::Compression>(OwnVariable(signal, "COMPRESSION"),
                                   {{"none", otlp::Compression::kNone},
                                    {"gzip", otlp::Compression::kGzip}})
          .value_or(telemetry.compression);
  destination.ca_file = telemetry.ca_file;
  destination.cert_file = telemetry.cert_file;
  destination.key_file = telemetry.key_file;
  Replace(signal, "CERTIFICATE", destination.ca_file, reader);
  Replace(signal, "CLIENT_CERTIFICATE", destination.cert_file, reader);
  Replace(signal, "CLIENT_KEY", destination.key_file, reader);
}

}  // namespace

Destination ReadDestination(Signal signal, const Telemetry& telemetry,
                            OtelReader& reader) {
  Destination destination;
  const auto target = ReadTarget(signal, reader);
  const auto stated = StatedProtocol(signal, reader);
  const auto own = reader.Text(OwnVariable(signal, "ENDPOINT"));
  destination.endpoint = own.value_or(telemetry.otlp);
  destination.target = target.value_or(
      destination.endpoint.empty() ? Target::kNone : Target::kOtlp);
  if (!telemetry.enabled) destination.target = Target::kNone;
  if (destination.target != Target::kOtlp) {
    destination.endpoint.clear();
    return destination;
  }
  if (destination.endpoint.empty()) {
    destination.endpoint = stated == Protocol::kGrpc ? "http://localhost:4317"
                                                     : "http://localhost:4318";
  }
  ChooseProtocol(stated, destination);
  // The signal's own endpoint is used as it is.
  if (!own.has_value() && HasHttpScheme(destination.endpoint)) {
    destination.endpoint = absl::StrCat(
        absl::StripSuffix(destination.endpoint, "/"), Of(signal).path);
  }
  ReadDetails(signal, telemetry, reader, destination);
  return destination;
}

}  // namespace outrigger::config
