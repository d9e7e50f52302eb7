#include "otlp/send/endpoint.h"

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::otlp {
namespace {

constexpr uint16_t kGrpcPort = 4317;

absl::Status Wrong(absl::string_view endpoint) {
  return absl::InvalidArgumentError(absl::StrCat(
      "telemetry: '", endpoint,
      "' is not an endpoint like http://127.0.0.1:4317 or host:port"));
}

// Splits "host", "host:port" or "[ipv6]:port".
bool ReadAuthority(absl::string_view text, Endpoint& endpoint) {
  absl::string_view port;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos) return false;
    endpoint.host = std::string(text.substr(0, end));
    port = text.substr(end + 1);
    if (!port.empty() && !absl::ConsumePrefix(&port, ":")) return false;
  } else {
    const size_t colon = text.find(':');
    endpoint.host = std::string(text.substr(0, colon));
    if (colon != absl::string_view::npos) port = text.substr(colon + 1);
  }
  if (endpoint.host.empty()) return false;
  if (port.empty()) return true;
  int number = 0;
  if (!absl::SimpleAtoi(port, &number) || number < 1 || number > 65535) {
    return false;
  }
  endpoint.port = static_cast<uint16_t>(number);
  return true;
}

std::string Bracketed(const std::string& host) {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]") : host;
}

// Fills in what follows from host, port and protocol.
void Complete(Protocol protocol, Endpoint& endpoint) {
  if (endpoint.port == 0) {
    const uint16_t usual = endpoint.tls ? 443 : 80;
    endpoint.port = protocol == Protocol::kGrpc ? kGrpcPort : usual;
  }
  endpoint.grpc_target =
      absl::StrCat("dns:///", Bracketed(endpoint.host), ":", endpoint.port);
}

// Targets whose rest only gRPC understands.
bool IsGrpcName(absl::string_view text) {
  for (const char* scheme : {"dns:", "unix:", "ipv4:", "ipv6:", "passthrough:",
                             "unix-abstract:", "xds:", "vsock:"}) {
    // "dns:4317" is a host of that name.
    if (absl::StartsWith(text, scheme) &&
        text.find_first_of("/.[", std::strlen(scheme)) !=
            absl::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string Endpoint::Authority() const {
  const bool usual = port == (tls ? 443 : 80);
  return usual ? Bracketed(host) : absl::StrCat(Bracketed(host), ":", port);
}

absl::StatusOr<Endpoint> ParseEndpoint(const Destination& destination) {
  absl::string_view text = destination.endpoint;
  Endpoint endpoint{.path = "/"};
  if (IsGrpcName(text)) {
    if (destination.protocol != Protocol::kGrpc) return Wrong(text);
    endpoint.tls = !destination.insecure && !absl::StartsWith(text, "unix");
    endpoint.grpc_target = std::string(text);
    return endpoint;
  }
  if (absl::ConsumePrefix(&text, "https://")) {
    endpoint.tls = true;
  } else if (!absl::ConsumePrefix(&text, "http://")) {
    if (absl::StrContains(text, "://")) return Wrong(destination.endpoint);
    endpoint.tls = !destination.insecure;
  }
  const size_t slash = text.find('/');
  if (slash != absl::string_view::npos) {
    endpoint.path = std::string(text.substr(slash));
    text = text.substr(0, slash);
  }
  if (!ReadAuthority(text, endpoint)) return Wrong(destination.endpoint);
  Complete(destination.protocol, endpoint);
  return endpoint;
}

}  // namespace outrigger::otlp
