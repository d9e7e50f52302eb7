#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "config/config_testing.h"

namespace outrigger::config {
namespace {

using otlp::Compression;
using otlp::Destination;
using otlp::Protocol;
using otlp::Target;
using otlp::Temporality;
using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Sampler;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

OpenTelemetry Otel(const Environment& environment,
                   absl::string_view text = "") {
  const Config config = Good(text, environment);
  EXPECT_THAT(config.warnings, IsEmpty());
  return config.otel;
}

// The only warning.
std::string Warning(const Environment& environment) {
  const Config config = Good("", environment);
  EXPECT_EQ(config.warnings.size(), 1u);
  return config.warnings.empty() ? "" : config.warnings[0];
}

std::string ResourceOf(const OpenTelemetry& otel, const std::string& name) {
  for (const auto& [key, value] : otel.otlp.resource) {
    if (key == name) return value;
  }
  return "";
}

TEST(Otel, NothingIsSentUnlessSomebodySaysWhere) {
  const OpenTelemetry otel = Otel({});
  EXPECT_EQ(otel.otlp.traces.target, Target::kNone);
  EXPECT_EQ(otel.otlp.metrics.target, Target::kNone);
  EXPECT_EQ(otel.otlp.logs.target, Target::kNone);
  EXPECT_EQ(otel.sampler, (Sampler{.ratio = 0.01, .parent_based = true}));
  EXPECT_TRUE(otel.trace_context);
  EXPECT_TRUE(otel.baggage);
}

TEST(Otel, TheSpecificationsDefaults) {
  const otlp::Options otlp =
      Otel({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}}).otlp;
  EXPECT_EQ(otlp.spans.schedule_delay, seconds(5));
  EXPECT_EQ(otlp.spans.export_timeout, seconds(30));
  EXPECT_EQ(otlp.spans.max_queue, 2048u);
  EXPECT_EQ(otlp.spans.max_batch, 512u);
  EXPECT_EQ(otlp.log_records.schedule_delay, seconds(1));
  EXPECT_EQ(otlp.metrics_interval, seconds(60));
  EXPECT_EQ(otlp.metrics_export_timeout, seconds(30));
  EXPECT_EQ(otlp.temporality, Temporality::kCumulative);
  EXPECT_EQ(otlp.traces.timeout, seconds(10));
  EXPECT_EQ(otlp.traces.compression, Compression::kNone);
  EXPECT_TRUE(otlp.exemplars);
  EXPECT_EQ(otlp.span_limits.attributes, 128u);
}

TEST(Otel, TheProtocolFollowsFromTheEndpointIfNobodyStatesIt) {
  const struct {
    const char* endpoint;
    Protocol protocol;
    bool guessed;
    const char* traces;
  } cases[] = {
      {"http://c:4317", Protocol::kGrpc, false, "http://c:4317/v1/traces"},
      {"http://c:4318", Protocol::kHttpProtobuf, false,
       "http://c:4318/v1/traces"},
      {"http://c:4318/", Protocol::kHttpProtobuf, false,
       "http://c:4318/v1/traces"},
      {"https://c/base/", Protocol::kHttpProtobuf, true,
       "https://c/base/v1/traces"},
      {"http://c:9999", Protocol::kHttpProtobuf, true,
       "http://c:9999/v1/traces"},
      {"c:9999", Protocol::kGrpc, false, "c:9999"},
      {"unix:/run/otel.sock", Protocol::kGrpc, false, "unix:/run/otel.sock"},
      {"dns:///c:4317", Protocol::kGrpc, false, "dns:///c:4317"},
  };
  for (const auto& c : cases) {
    const Destination traces =
        Otel({{"OTEL_EXPORTER_OTLP_ENDPOINT", c.endpoint}}).otlp.traces;
    EXPECT_EQ(traces.target, Target::kOtlp) << c.endpoint;
    EXPECT_EQ(traces.protocol, c.protocol) << c.endpoint;
    EXPECT_EQ(traces.protocol_guessed, c.guessed) << c.endpoint;
    EXPECT_EQ(traces.endpoint, c.traces);
  }
}

TEST(Otel, AStatedProtocolIsNotGuessed) {
  const otlp::Options otlp =
      Otel({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"},
            {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
            {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc"}})
          .otlp;
  EXPECT_EQ(otlp.traces.protocol, Protocol::kHttpProtobuf);
  EXPECT_FALSE(otlp.traces.protocol_guessed);
  EXPECT_EQ(otlp.logs.protocol, Protocol::kGrpc);
  EXPECT_THAT(Warning({{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}}),
              HasSubstr("'http/json' is not one of grpc, http/protobuf"));
}

TEST(Otel, ASignalsOwnVariablesWin) {
  const otlp::Options otlp =
      Otel({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
            {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t:1234/mine"},
            {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"},
            {"OTEL_EXPORTER_OTLP_TIMEOUT", "2000"},
            {"OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "100"},
            {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
            {"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none"},
            {"OTEL_EXPORTER_OTLP_HEADERS", "a=1,B=two%20words"},
            {"OTEL_EXPORTER_OTLP_LOGS_HEADERS", "c=3"},
            {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca"},
            {"OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "/own-ca"},
            {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/crt"},
            {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key"},
            {"OTEL_EXPORTER_OTLP_TRACES_INSECURE", "true"}})
          .otlp;
  EXPECT_EQ(otlp.traces.endpoint, "http://t:1234/mine");
  EXPECT_EQ(otlp.metrics.endpoint, "http://c:4318/v1/metrics");
  EXPECT_EQ(otlp.logs.endpoint, "http://c:4318/v1/logs");
  EXPECT_EQ(otlp.traces.timeout, seconds(2));
  EXPECT_EQ(otlp.logs.timeout, milliseconds(100));
  EXPECT_EQ(otlp.traces.compression, Compression::kGzip);
  EXPECT_EQ(otlp.metrics.compression, Compression::kNone);
  EXPECT_THAT(otlp.traces.headers,
              ElementsAre(Pair("a", "1"), Pair("b", "two words")));
  EXPECT_THAT(otlp.logs.headers, ElementsAre(Pair("c", "3")));
  EXPECT_EQ(otlp.traces.ca_file, "/ca");
  EXPECT_EQ(otlp.logs.ca_file, "/own-ca");
  EXPECT_EQ(otlp.traces.cert_file, "/crt");
  EXPECT_EQ(otlp.traces.key_file, "/key");
  EXPECT_TRUE(otlp.traces.insecure);
  EXPECT_FALSE(otlp.logs.insecure);
}

TEST(Otel, AnExporterMayBeChosenWithoutAnEndpoint) {
  const otlp::Options otlp = Otel({{"OTEL_TRACES_EXPORTER", "otlp"},
                                   {"OTEL_METRICS_EXPORTER", "prometheus"},
                                   {"OTEL_LOGS_EXPORTER", "console"}})
                                 .otlp;
  EXPECT_EQ(otlp.traces.target, Target::kOtlp);
  EXPECT_EQ(otlp.traces.endpoint, "http://localhost:4318/v1/traces");
  EXPECT_EQ(otlp.metrics.target, Target::kNone);
  EXPECT_EQ(otlp.logs.target, Target::kConsole);
  EXPECT_EQ(Otel({{"OTEL_TRACES_EXPORTER", "otlp"},
                  {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}})
                .otlp.traces.endpoint,
            "http://localhost:4317/v1/traces");
}

TEST(Otel, AnExporterMayBeTurnedOff) {
  const Environment off = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                           {"OTEL_TRACES_EXPORTER", "none"}};
  EXPECT_EQ(Otel(off).otlp.traces.target, Target::kNone);
  EXPECT_EQ(Otel(off).otlp.logs.target, Target::kOtlp);
  EXPECT_THAT(Warning({{"OTEL_TRACES_EXPORTER", "zipkin"}}),
              HasSubstr("'zipkin' is not known"));
}

TEST(Otel, TheSdkMayBeDisabled) {
  Environment environment = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                             {"OTEL_SDK_DISABLED", "True"}};
  EXPECT_FALSE(Good("", environment).telemetry.enabled);
  EXPECT_EQ(Otel(environment).otlp.traces.target, Target::kNone);
  environment["OTEL_SDK_DISABLED"] = "1";
  EXPECT_THAT(Warning(environment), HasSubstr("'1' is not one of true, false"));
  environment["OTEL_SDK_DISABLED"] = "";
  EXPECT_EQ(Otel(environment).otlp.traces.target, Target::kOtlp);
}

TEST(Otel, Samplers) {
  const struct {
    const char* name;
    const char* argument;
    Sampler sampler;
  } cases[] = {
      {"always_on", "0.5", {1, false}},
      {"always_off", "", {0, false}},
      {"traceidratio", "0.25", {0.25, false}},
      {"traceidratio", "", {1, false}},
      {"parentbased_always_on", "", {1, true}},
      {"parentbased_always_off", "", {0, true}},
      {"parentbased_traceidratio", "0.5", {0.5, true}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Otel({{"OTEL_TRACES_SAMPLER", c.name},
                    {"OTEL_TRACES_SAMPLER_ARG", c.argument}})
                  .sampler,
              c.sampler)
        << c.name;
  }
  EXPECT_THAT(Warning({{"OTEL_TRACES_SAMPLER", "traceidratio"},
                       {"OTEL_TRACES_SAMPLER_ARG", "2"}}),
              HasSubstr("'2' is not a number from 0 to 1"));
  EXPECT_THAT(Warning({{"OTEL_TRACES_SAMPLER", "jaeger_remote"}}),
              HasSubstr("OTEL_TRACES_SAMPLER: warning: 'jaeger_remote'"));
}

TEST(Otel, Propagators) {
  const OpenTelemetry one = Otel({{"OTEL_PROPAGATORS", "tracecontext"}});
  EXPECT_TRUE(one.trace_context);
  EXPECT_FALSE(one.baggage);
  const OpenTelemetry none = Otel({{"OTEL_PROPAGATORS", "none"}});
  EXPECT_FALSE(none.trace_context);
  EXPECT_THAT(Warning({{"OTEL_PROPAGATORS", "tracecontext,b3"}}),
              HasSubstr("'b3' is not one of"));
}

TEST(Otel, Batches) {
  const otlp::Options otlp = Otel({{"OTEL_BSP_SCHEDULE_DELAY", "10"},
                                   {"OTEL_BSP_EXPORT_TIMEOUT", "20"},
                                   {"OTEL_BSP_MAX_QUEUE_SIZE", "30"},
                                   {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5"},
                                   {"OTEL_BLRP_MAX_QUEUE_SIZE", "7"}})
                                 .otlp;
  EXPECT_EQ(otlp.spans.schedule_delay, milliseconds(10));
  EXPECT_EQ(otlp.spans.export_timeout, milliseconds(20));
  EXPECT_EQ(otlp.spans.max_queue, 30u);
  EXPECT_EQ(otlp.spans.max_batch, 5u);
  EXPECT_EQ(otlp.log_records.max_queue, 7u);
  EXPECT_EQ(otlp.log_records.max_batch, 7u);
  EXPECT_THAT(Warning({{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5000"}}),
              HasSubstr("2048 is used"));
  EXPECT_THAT(Warning({{"OTEL_BSP_MAX_QUEUE_SIZE", "-1"}}),
              HasSubstr("'-1' is not a whole number from 1"));
}

TEST(Otel, Metrics) {
  const Environment environment = {
      {"OTEL_METRIC_EXPORT_INTERVAL", "1500"},
      {"OTEL_METRIC_EXPORT_TIMEOUT", "700"},
      {"OTEL_METRICS_EXEMPLAR_FILTER", "always_off"},
      {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "DELTA"},
      {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
       "base2_exponential_bucket_histogram"}};
  const otlp::Options otlp = Otel(environment).otlp;
  EXPECT_EQ(otlp.metrics_interval, milliseconds(1500));
  EXPECT_EQ(otlp.metrics_export_timeout, milliseconds(700));
  EXPECT_EQ(otlp.temporality, Temporality::kDelta);
  EXPECT_FALSE(otlp.exemplars);
  EXPECT_EQ(Good("", environment).telemetry.histograms,
            telemetry::Aggregation::kExponential);
  EXPECT_THAT(
      Warning({{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "d"}}),
      HasSubstr("'d' is not one of cumulative, delta, lowmemory"));
}

TEST(Otel, Limits) {
  const otlp::Options otlp = Otel({{"OTEL_ATTRIBUTE_COUNT_LIMIT", "9"},
                                   {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "8"},
                                   {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "7"},
                                   {"OTEL_SPAN_EVENT_COUNT_LIMIT", "6"},
                                   {"OTEL_SPAN_LINK_COUNT_LIMIT", "5"}})
                                 .otlp;
  EXPECT_EQ(otlp.span_limits.attributes, 7u);
  EXPECT_EQ(otlp.span_limits.value_length, 8u);
  EXPECT_EQ(otlp.span_limits.events, 6u);
  EXPECT_EQ(otlp.span_limits.links, 5u);
  EXPECT_EQ(otlp.span_limits.event_attributes, 9u);
  EXPECT_EQ(otlp.log_limits.attributes, 9u);
}

TEST(Otel, TheResource) {
  const OpenTelemetry otel =
      Otel({{"OTEL_RESOURCE_ATTRIBUTES",
             "service.name=shop, service.namespace=eu%2Cwest,k8s.pod.name=x"},
            {"POD_NAME", "y"},
            {"POD_NAMESPACE", "z"}},
           "telemetry: {service_name: weak}");
  EXPECT_EQ(ResourceOf(otel, "service.name"), "shop");
  EXPECT_EQ(ResourceOf(otel, "service.namespace"), "eu,west");
  EXPECT_EQ(ResourceOf(otel, "k8s.pod.name"), "x");
  EXPECT_EQ(ResourceOf(otel, "k8s.namespace.name"), "z");
  EXPECT_EQ(ResourceOf(Otel({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=a"},
                             {"OTEL_SERVICE_NAME", "b"}}),
                       "service.name"),
            "b");
  EXPECT_THAT(Warning({{"OTEL_RESOURCE_ATTRIBUTES", "a=%zz"}}),
              HasSubstr("is not name=value pairs"));
}

TEST(Telemetry, EveryOptionOfTheFile) {
  const Telemetry t = Good(
                          "telemetry:\n"
                          "  enabled: false\n"
                          "  otlp: collector:4317\n"
                          "  headers: {Api-Key: secret, x: y}\n"
                          "  compression: gzip\n"
                          "  ca_file: /ca\n"
                          "  cert_file: /crt\n"
                          "  key_file: /key\n"
                          "  metrics_interval: 5s\n"
                          "  temporality: lowmemory\n"
                          "  histograms: exponential\n"
                          "  cardinality_limit: 7\n"
                          "  notable_traces_per_second: 3\n"
                          "  baggage_attributes: [tenant]\n"
                          "  log_format: json\n")
                          .telemetry;
  EXPECT_FALSE(t.enabled);
  EXPECT_EQ(t.otlp, "collector:4317");
  EXPECT_THAT(t.headers,
              ElementsAre(Pair("api-key", "secret"), Pair("x", "y")));
  EXPECT_EQ(t.compression, Compression::kGzip);
  EXPECT_EQ(t.ca_file, "/ca");
  EXPECT_EQ(t.cert_file, "/crt");
  EXPECT_EQ(t.key_file, "/key");
  EXPECT_EQ(t.metrics_interval, seconds(5));
  EXPECT_EQ(t.temporality, Temporality::kLowMemory);
  EXPECT_EQ(t.histograms, telemetry::Aggregation::kExponential);
  EXPECT_EQ(t.cardinality_limit, 7);
  EXPECT_EQ(t.notable_traces_per_second, 3);
  EXPECT_THAT(t.baggage_attributes, ElementsAre("tenant"));
  EXPECT_EQ(t.log_format, telemetry::LogFormat::kJson);
}

TEST(Telemetry, HeadersMayBeAListAndAreNeverShown) {
  EXPECT_THAT(Good("telemetry: {headers: ['a=b=c', 'D=e']}").telemetry.headers,
              ElementsAre(Pair("a", "b=c"), Pair("d", "e")));
  EXPECT_THAT(
      Good("", {{"OUTRIGGER_TELEMETRY_HEADERS", "a=1,b=2"}}).telemetry.headers,
      ElementsAre(Pair("a", "1"), Pair("b", "2")));
  const auto complaints =
      Complaints("telemetry: {headers: ['secret', 'bad name=secret']}");
  ASSERT_EQ(complaints.size(), 2u);
  for (const std::string& line : complaints) {
    EXPECT_THAT(line, ::testing::Not(HasSubstr("secret")));
  }
}

TEST(Telemetry, ACertificateNeedsItsKey) {
  EXPECT_THAT(Complaints("telemetry: {cert_file: /x}"),
              ElementsAre(HasSubstr("needs key_file, too")));
}

}  // namespace
}  // namespace outrigger::config
