// What the exporter is told. config/otel/variables.h makes it from the section
// `telemetry` and the OTEL_* variables.
#ifndef OUTRIGGER_OTLP_OPTIONS_H_
#define OUTRIGGER_OTLP_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace outrigger::otlp {

enum class Signal : uint8_t { kTraces, kMetrics, kLogs };

// Where a signal goes.
enum class Target : uint8_t {
  kNone,
  kOtlp,
  // Each request as a line of JSON on standard output, for a look at it.
  kConsole,
};

enum class Protocol : uint8_t { kGrpc, kHttpProtobuf };
enum class Compression : uint8_t { kNone, kGzip };

// How one signal is sent.
struct Destination {
  Target target = Target::kNone;
  Protocol protocol = Protocol::kHttpProtobuf;
  // Nobody chose the protocol: if it is kHttpProtobuf and the peer answers with
  // something that is not HTTP/1, the exporter goes over to gRPC, once.
  bool protocol_guessed = false;
  // "http://host[:port][/path]" or "https://…"; for gRPC also a target of its
  // own: "host:port", "dns:///host:port", "unix:/path". The path counts for
  // HTTP alone, and is the whole one ("/v1/traces" included). Without a port:
  // 80 or 443 over HTTP, 4317 over gRPC.
  std::string endpoint;
  // For an endpoint without a scheme: no TLS. A scheme decides by itself, and a
  // Unix socket is never TLS.
  bool insecure = false;
  // Sent with each request. Names are in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  // Longest time of one attempt, > 0.
  Duration timeout = std::chrono::seconds(10);
  Compression compression = Compression::kNone;
  // PEM. What the server's certificate is checked against; empty: what the
  // machine trusts.
  std::string ca_file;
  // PEM. What we show the server. Both or none.
  std::string cert_file;
  std::string key_file;

  bool operator==(const Destination&) const = default;
};

// A bounded queue whose content leaves in batches.
struct Batching {
  // The longest that something waits for its batch to fill; > 0.
  Duration schedule_delay = std::chrono::seconds(5);
  // The longest time for a batch from its first attempt to its last; > 0. What
  // is left of it then is dropped.
  Duration export_timeout = std::chrono::seconds(30);
  // >= max_batch. What comes while the queue is full is dropped.
  size_t max_queue = 2048;
  // >= 1.
  size_t max_batch = 512;

  bool operator==(const Batching&) const = default;
};

enum class Temporality : uint8_t {
  kCumulative,
  // Counters and histograms count since the last export; the others do not.
  kDelta,
  // As kDelta, but what observers count stays cumulative, so that nothing must
  // be remembered for it.
  kLowMemory,
};

// Bounds of what a span or a log event holds; what is beyond them is left out,
// and, but for the length of values, counted.
struct ItemLimits {
  static constexpr uint32_t kUnlimited = UINT32_MAX;
  uint32_t attributes = 128;
  // In bytes; a longer text is cut between characters.
  uint32_t value_length = kUnlimited;

  bool operator==(const ItemLimits&) const = default;
};

struct SpanLimits : ItemLimits {
  uint32_t events = 128;
  uint32_t links = 128;
  uint32_t event_attributes = 128;

  bool operator==(const SpanLimits&) const = default;
};

// How often and how long something that failed is tried again.
struct Backoff {
  // The first pause; later ones double up to `most`. Each is made longer by a
  // random part of up to its half. What a collector asks for comes first.
  Duration first = std::chrono::seconds(1);
  Duration most = std::chrono::seconds(10);

  bool operator==(const Backoff&) const = default;
};

// A value.
struct Options {
  Destination traces;
  Destination metrics;
  Destination logs;

  Batching spans;
  Batching log_records{.schedule_delay = std::chrono::seconds(1)};

  // From one reading of the metrics to the next, > 0.
  Duration metrics_interval = std::chrono::seconds(60);
  // As Batching::export_timeout.
  Duration metrics_export_timeout = std::chrono::seconds(30);
  Temporality temporality = Temporality::kCumulative;
  // Histograms are sent with the traces that slow values came from.
  bool exemplars = true;

  SpanLimits span_limits;
  ItemLimits log_limits;
  Backoff backoff;

  // The resource's attributes, "service.name" among them. The exporter adds
  // those that only the process knows, unless they are here:
  // service.instance.id (random), telemetry.sdk.*, process.pid, host.name.
  std::vector<std::pair<std::string, std::string>> resource;

  const Destination& Of(Signal signal) const {
    switch (signal) {
      case Signal::kTraces:
        return traces;
      case Signal::kMetrics:
        return metrics;
      case Signal::kLogs:
        return logs;
    }
    return traces;
  }

  bool operator==(const Options&) const = default;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_OPTIONS_H_
