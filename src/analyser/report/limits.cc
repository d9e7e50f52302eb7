#include <algorithm>

#include "analyser/report/write.h"

namespace outrigger::analyser {
namespace {

constexpr float Decisions::*kRates[] = {&Decisions::allowed, &Decisions::denied,
                                        &Decisions::shadow_denied,
                                        &Decisions::degraded};
constexpr const char* kRateNames[] = {"admitted_rate", "denied_rate",
                                      "shadow_denied_rate", "degraded_rate"};
constexpr size_t kRateCount = 4;

void WriteRates(const Decisions& rates, JsonWriter& json) {
  for (size_t i = 0; i < kRateCount; ++i) {
    json.Field(kRateNames[i], rates.*kRates[i]);
  }
}

void WriteLimit(absl::string_view name, const LimitHistory& limit,
                JsonWriter& json) {
  const Decisions rates = limit.rates();
  json.BeginObject().Field("name", name);
  WriteRates(rates, json);
  WriteKnown("local_share", ShareSums{rates.local, rates.all()}.share(), json);
  WriteKnown("used", limit.used(), json);
  json.BeginObject("history").BeginArray("admitted");
  for (size_t i = 0; i < limit.points(); ++i) json.Value(limit.allowed_at(i));
  json.EndArray().BeginArray("denied");
  for (size_t i = 0; i < limit.points(); ++i) json.Value(limit.denied_at(i));
  json.EndArray().EndObject().EndObject();
}

}  // namespace

void WriteLimits(const Seen& seen, JsonWriter& json) {
  const Limits& limits = seen.limits();
  const auto sorted = limits.each().Sorted([](const LimitHistory& limit) {
    return static_cast<double>(limit.rates().all());
  });
  const size_t shown = std::min(sorted.size(), kMostLimitsShown);
  Decisions rest = limits.all().rates();
  json.BeginArray("limits");
  for (size_t i = 0; i < shown; ++i) {
    WriteLimit(sorted[i].first, *sorted[i].second, json);
    const Decisions rates = sorted[i].second->rates();
    for (float Decisions::*rate : kRates) {
      // Rounding must not make it negative.
      rest.*rate = std::max(0.0F, rest.*rate - rates.*rate);
    }
  }
  if (shown == sorted.size() && limits.left_out() == 0) rest = Decisions();
  json.EndArray()
      .BeginObject("limits_left_out")
      .Field("count", sorted.size() - shown + limits.left_out());
  WriteRates(rest, json);
  json.EndObject();
}

}  // namespace outrigger::analyser
