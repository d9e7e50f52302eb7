#include "otlp/encode/logs.h"

#include <google/protobuf/arena.h>

#include <map>

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "otlp/encode/attributes.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::otlp {
namespace {

namespace logs = opentelemetry::proto::logs::v1;
using opentelemetry::proto::collector::logs::v1::ExportLogsServiceRequest;
using telemetry::LogLevel;

constexpr uint32_t kSampledFlag = 1;

struct Severity {
  logs::SeverityNumber number;
  const char* text;
};

Severity SeverityOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return {logs::SEVERITY_NUMBER_DEBUG, "DEBUG"};
    case LogLevel::kInfo:
      return {logs::SEVERITY_NUMBER_INFO, "INFO"};
    case LogLevel::kWarning:
      return {logs::SEVERITY_NUMBER_WARN, "WARN"};
    case LogLevel::kError:
      return {logs::SEVERITY_NUMBER_ERROR, "ERROR"};
  }
  return {logs::SEVERITY_NUMBER_UNSPECIFIED, ""};
}

void FillAttributes(const telemetry::LogRecord& record,
                    const ItemLimits& limits, logs::LogRecord& out) {
  std::map<absl::string_view, absl::string_view> attributes;
  for (const auto& [name, value] : record.fields) attributes[name] = value;
  attributes["outrigger.part"] = record.part;
  uint32_t left_out = 0;
  for (const auto& [name, value] : attributes) {
    if (static_cast<uint32_t>(out.attributes_size()) >= limits.attributes) {
      ++left_out;
      continue;
    }
    AddText(Clean(name, ItemLimits::kUnlimited),
            Clean(value, limits.value_length), *out.mutable_attributes());
  }
  out.set_dropped_attributes_count(left_out);
}

void Fill(const telemetry::LogRecord& record, const ItemLimits& limits,
          logs::LogRecord& out) {
  out.set_time_unix_nano(UnixNanos(record.time));
  out.set_observed_time_unix_nano(UnixNanos(record.time));
  const Severity severity = SeverityOf(record.level);
  out.set_severity_number(severity.number);
  out.set_severity_text(severity.text);
  out.mutable_body()->set_string_value(
      Clean(record.message, limits.value_length));
  FillAttributes(record, limits, out);
  if (record.span.valid()) {
    out.set_trace_id(Bytes(record.span.trace_id));
    out.set_span_id(telemetry::SpanIdBytes(record.span.span_id));
    out.set_flags(record.span.sampled ? kSampledFlag : 0);
  }
}

}  // namespace

std::string EncodeLogs(const Origin& origin, const ItemLimits& limits,
                       absl::Span<const telemetry::LogRecord> records) {
  google::protobuf::Arena arena;
  auto* request =
      google::protobuf::Arena::CreateMessage<ExportLogsServiceRequest>(&arena);
  auto* resource_logs = request->add_resource_logs();
  *resource_logs->mutable_resource() = origin.resource;
  auto* scope_logs = resource_logs->add_scope_logs();
  *scope_logs->mutable_scope() = origin.scope;
  for (const telemetry::LogRecord& record : records) {
    Fill(record, limits, *scope_logs->add_log_records());
  }
  return request->SerializeAsString();
}

}  // namespace outrigger::otlp
