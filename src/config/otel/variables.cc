#include "config/otel/variables.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "config/otel/destinations.h"
#include "config/otel/reader.h"

namespace outrigger::config {
namespace {

using otlp::ItemLimits;
using telemetry::Sampler;

constexpr int64_t kMostQueued = 1'000'000;

Sampler ReadSampler(double default_ratio, OtelReader& reader) {
  enum class Rule { kOn, kOff, kRatio };
  struct Chosen {
    Rule rule;
    bool parent_based;
  };
  const auto chosen =
      reader.Word<Chosen>("OTEL_TRACES_SAMPLER",
                          {{"always_on", {Rule::kOn, false}},
                           {"always_off", {Rule::kOff, false}},
                           {"traceidratio", {Rule::kRatio, false}},
                           {"parentbased_always_on", {Rule::kOn, true}},
                           {"parentbased_always_off", {Rule::kOff, true}},
                           {"parentbased_traceidratio", {Rule::kRatio, true}}});
  if (!chosen.has_value()) {
    return {.ratio = default_ratio, .parent_based = true};
  }
  Sampler sampler{.ratio = chosen->rule == Rule::kOff ? 0.0 : 1.0,
                  .parent_based = chosen->parent_based};
  constexpr char kArgument[] = "OTEL_TRACES_SAMPLER_ARG";
  const auto argument = reader.Text(kArgument);
  if (chosen->rule != Rule::kRatio || !argument.has_value()) return sampler;
  double ratio = 0;
  if (absl::SimpleAtod(*argument, &ratio) && ratio >= 0 && ratio <= 1) {
    sampler.ratio = ratio;
  } else {
    reader.Warn(kArgument, absl::StrCat(Quote(*argument),
                                        " is not a number from 0 to 1; 1 is "
                                        "used"));
  }
  return sampler;
}

void ReadPropagators(OtelReader& reader, OpenTelemetry& otel) {
  constexpr char kVariable[] = "OTEL_PROPAGATORS";
  const auto text = reader.Text(kVariable);
  if (!text.has_value()) return;
  otel.trace_context = otel.baggage = false;
  for (absl::string_view word : absl::StrSplit(*text, ',')) {
    word = absl::StripAsciiWhitespace(word);
    if (word == "tracecontext") {
      otel.trace_context = true;
    } else if (word == "baggage") {
      otel.baggage = true;
    } else if (word != "none") {
      reader.Warn(kVariable, absl::StrCat(Quote(word),
                                          " is not one of tracecontext, "
                                          "baggage, none; ignored"));
    }
  }
}

// `prefix`: OTEL_BSP or OTEL_BLRP.
void ReadBatching(const std::string& prefix, OtelReader& reader,
                  otlp::Batching& batching) {
  batching.schedule_delay = reader.Millis(prefix + "_SCHEDULE_DELAY", 1)
                                .value_or(batching.schedule_delay);
  batching.export_timeout = reader.Millis(prefix + "_EXPORT_TIMEOUT", 1)
                                .value_or(batching.export_timeout);
  const auto queue = reader.Whole(prefix + "_MAX_QUEUE_SIZE", 1, kMostQueued);
  if (queue.has_value()) batching.max_queue = static_cast<size_t>(*queue);
  const std::string variable = prefix + "_MAX_EXPORT_BATCH_SIZE";
  const auto batch = reader.Whole(variable, 1, kMostQueued);
  if (batch.has_value()) batching.max_batch = static_cast<size_t>(*batch);
  if (batching.max_batch <= batching.max_queue) return;
  if (batch.has_value()) {
    reader.Warn(variable, absl::StrCat("is more than the queue holds; ",
                                       batching.max_queue, " is used"));
  }
  batching.max_batch = batching.max_queue;
}

// Of several variables the first that is set.
void ReadLimit(const std::vector<std::string>& variables, OtelReader& reader,
               uint32_t& limit) {
  for (const std::string& variable : variables) {
    const auto value = reader.Whole(variable, 0, ItemLimits::kUnlimited - 1);
    if (!value.has_value()) continue;
    limit = static_cast<uint32_t>(*value);
    return;
  }
}

void ReadLimits(OtelReader& reader, otlp::Options& options) {
  constexpr char kCount[] = "OTEL_ATTRIBUTE_COUNT_LIMIT";
  constexpr char kLength[] = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";
  otlp::SpanLimits& spans = options.span_limits;
  ReadLimit({"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", kCount}, reader,
            spans.attributes);
  ReadLimit({"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", kLength}, reader,
            spans.value_length);
  ReadLimit({"OTEL_SPAN_EVENT_COUNT_LIMIT"}, reader, spans.events);
  ReadLimit({"OTEL_SPAN_LINK_COUNT_LIMIT"}, reader, spans.links);
  ReadLimit({"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", kCount}, reader,
            spans.event_attributes);
  ReadLimit({"OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", kCount}, reader,
            options.log_limits.attributes);
  ReadLimit({"OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", kLength}, reader,
            options.log_limits.value_length);
}

NamedTexts ReadResource(const Telemetry& telemetry, OtelReader& reader) {
  std::map<std::string, std::string> all;
  constexpr char kVariable[] = "OTEL_RESOURCE_ATTRIBUTES";
  const auto given = ParseNamedTexts(reader.Text(kVariable).value_or(""));
  if (given.has_value()) {
    for (const auto& [key, value] : *given) all[key] = value;
  } else {
    reader.Warn(kVariable, "is not name=value pairs with commas; ignored");
  }
  const std::pair<const char*, const char*> pod[] = {
      {"POD_NAME", "k8s.pod.name"},
      {"POD_NAMESPACE", "k8s.namespace.name"},
      {"POD_UID", "k8s.pod.uid"},
      {"NODE_NAME", "k8s.node.name"}};
  for (const auto& [variable, key] : pod) {
    const auto value = reader.Text(variable);
    if (value.has_value()) all.try_emplace(key, *value);
  }
  all["service.name"] = telemetry.service_name;
  return NamedTexts(all.begin(), all.end());
}

void ReadExemplars(OtelReader& reader, otlp::Options& options) {
  constexpr char kVariable[] = "OTEL_METRICS_EXEMPLAR_FILTER";
  enum class Filter { kOn, kOff, kTraceBased };
  const auto filter =
      reader
          .Word<Filter>(kVariable, {{"always_on", Filter::kOn},
                                    {"always_off", Filter::kOff},
                                    {"trace_based", Filter::kTraceBased}})
          .value_or(Filter::kTraceBased);
  options.exemplars = filter != Filter::kOff;
  if (filter == Filter::kOn) {
    reader.Warn(kVariable,
                "always_on is taken as trace_based: only calls that are traced "
                "leave exemplars");
  }
}

}  // namespace

OpenTelemetry ReadOtel(const Telemetry& telemetry,
                       const Environment& environment, Problems& problems) {
  OtelReader reader(environment, problems);
  OpenTelemetry otel;
  otlp::Options& options = otel.otlp;
  options.traces = ReadDestination(otlp::Signal::kTraces, telemetry, reader);
  options.metrics = ReadDestination(otlp::Signal::kMetrics, telemetry, reader);
  options.logs = ReadDestination(otlp::Signal::kLogs, telemetry, reader);
  ReadBatching("OTEL_BSP", reader, options.spans);
  ReadBatching("OTEL_BLRP", reader, options.log_records);
  options.metrics_interval = telemetry.metrics_interval;
  options.metrics_export_timeout =
      reader.Millis("OTEL_METRIC_EXPORT_TIMEOUT", 1)
          .value_or(options.metrics_export_timeout);
  options.temporality = telemetry.temporality;
  ReadExemplars(reader, options);
  ReadLimits(reader, options);
  options.resource = ReadResource(telemetry, reader);
  otel.sampler = ReadSampler(telemetry.traces_ratio, reader);
  ReadPropagators(reader, otel);
  return otel;
}

}  // namespace outrigger::config
