#include <utility>
#include <vector>

#include "analyser/report/write.h"

namespace outrigger::analyser {
namespace {

// "error_rate" and the latencies; null if there were none.
void WriteLatencies(const OperationSums& sums, JsonWriter& json) {
  const double count = sums.latencies.count();
  const auto known = [&](double value) {
    return count > 0 ? std::optional(value) : std::nullopt;
  };
  WriteKnown("error_rate", ShareSums{double(sums.errors), count}.share(), json);
  WriteKnown("mean_s", known(MeanSeconds(sums.latencies)), json);
  WriteKnown("p50_s", known(QuantileSeconds(sums.latencies, 0.5)), json);
  WriteKnown("p95_s", known(QuantileSeconds(sums.latencies, 0.95)), json);
  WriteKnown("p99_s", known(QuantileSeconds(sums.latencies, 0.99)), json);
}

double PerSecond(double count, const Seen& seen) {
  const double seconds = seen.Window().seconds;
  return seconds > 0 ? count / seconds : 0;
}

void WriteList(const char* name, const Operations& operations, const Seen& seen,
               JsonWriter& json) {
  const auto sorted = operations.each().Sorted([&](const Operation& each) {
    return static_cast<double>(each.Window(seen.step()).latencies.count());
  });
  json.BeginArray(name);
  for (const auto& [method, operation] : sorted) {
    const OperationSums sums = operation->Window(seen.step());
    json.BeginObject()
        .Field("method", method)
        .Field("rate", PerSecond(sums.latencies.count(), seen));
    WriteLatencies(sums, json);
    WriteKnown("baseline_mean_s", operation->usual_mean_s(), json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteRedis(const Seen& seen, JsonWriter& json) {
  json.Key("redis");
  if (!seen.has_redis()) {
    json.Null();
    return;
  }
  const OperationSums sums = seen.redis().Window(seen.step());
  const WholeSums& whole = seen.Window();
  json.BeginObject().Field("rate", PerSecond(sums.latencies.count(), seen));
  WriteKnown("in_flight", seen.redis_in_flight(), json);
  WriteLatencies(sums, json);
  json.BeginObject("errors");
  for (const auto& [kind, rate] : seen.redis_errors()) {
    json.Field(kind, rate.mean());
  }
  json.EndObject()
      .Field("reconnects", whole.redis_reconnects)
      .Field("noscript", whole.redis_noscript)
      .Field("redirects", whole.redis_redirects);
  WriteList("operations", seen.redis(), seen, json);
  json.EndObject();
}

}  // namespace

void WriteOperations(const Seen& seen, JsonWriter& json) {
  WriteRedis(seen, json);
  WriteList("methods", seen.methods(), seen, json);
}

}  // namespace outrigger::analyser
