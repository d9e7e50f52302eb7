#include "analyser/report.h"
#include "analyser/report/write.h"

namespace outrigger::analyser {
namespace {

void WriteTotals(const Seen& seen, JsonWriter& json) {
  json.BeginObject("totals");
  for (size_t i = 0; i < kSeriesCount; ++i) {
    const auto series = static_cast<Series>(i);
    WriteRing(NameOf(series), seen.totals(series), json);
  }
  json.EndObject();
}

}  // namespace

std::string WriteMetrics(const Program& program, const Seen& seen,
                         const Health& health) {
  JsonWriter json;
  json.BeginObject()
      .Field("now", UnixSeconds(seen.step().wall))
      .Field("step_s", 1);
  WriteKnown("uptime_s", seen.uptime_s(), json);
  json.Field("version", program.version)
      .Field("service", program.service)
      .Field("degraded", seen.now().degraded_s > 0);
  WriteKnown("pods", seen.pods(), json);
  WriteTotals(seen, json);
  WriteLimits(seen, json);
  WriteParts(seen, json);
  WriteOperations(seen, json);
  WriteFindings(health, json);
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace outrigger::analyser
