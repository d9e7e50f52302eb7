#include "analyser/report/write.h"

namespace outrigger::analyser {
namespace {

void WriteCaches(const Seen& seen, JsonWriter& json) {
  json.BeginArray("caches");
  for (const auto& [name, cache] :
       seen.parts().caches().Sorted([](const Cache& c) { return c.rate(); })) {
    json.BeginObject()
        .Field("name", name)
        .Field("rate", cache->rate())
        .BeginObject("results");
    for (size_t i = 0; i < kCacheResultCount; ++i) {
      json.Field(kCacheResults[i], cache->rates[i].mean());
    }
    json.EndObject();
    WriteKnown("hit_rate", cache->hits.Sum(seen.step().slot).share(), json);
    json.BeginObject("history");
    WriteRing("hit_rate", cache->hit_rates, json);
    json.EndObject().EndObject();
  }
  json.EndArray();
}

void WriteBreakers(const Seen& seen, JsonWriter& json) {
  const int64_t slot = seen.step().slot;
  const auto sorted =
      seen.parts().breakers().Sorted([&](const Breaker& breaker) {
        return breaker.state + breaker.transitions.Sum(slot);
      });
  json.BeginArray("breakers");
  for (const auto& [name, breaker] : sorted) {
    json.BeginObject()
        .Field("name", name)
        .Field("state", kBreakerStates[breaker->state])
        .Field("rejected_rate", breaker->rejected.mean())
        .Field("transitions", breaker->transitions.Sum(slot))
        .BeginArray("history");
    for (size_t i = 0; i < breaker->changes.size(); ++i) {
      const Breaker::Change& change = breaker->changes[i];
      json.BeginObject()
          .Field("at", change.at)
          .Field("state", kBreakerStates[change.state])
          .EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

void WritePools(const Seen& seen, JsonWriter& json) {
  json.BeginArray("pools");
  for (const auto& [name, pool] :
       seen.parts().pools().Sorted([](const Pool& p) { return p.leases(); })) {
    json.BeginObject()
        .Field("name", name)
        .Field("leases", pool->leases())
        .Field("used_here", pool->used);
    WriteKnown("limit", pool->limit, json);
    WriteKnown("used_share",
               ShareSums{pool->leases(), pool->limit.value_or(0)}.share(),
               json);
    json.Field("waiting", pool->waiting)
        .Field("timeout_rate", pool->timeouts.mean())
        .BeginObject("history");
    WriteRing("leases", pool->lease_history, json);
    json.EndObject().EndObject();
  }
  json.EndArray();
}

}  // namespace

void WriteParts(const Seen& seen, JsonWriter& json) {
  WriteCaches(seen, json);
  WriteBreakers(seen, json);
  WritePools(seen, json);
}

}  // namespace outrigger::analyser
