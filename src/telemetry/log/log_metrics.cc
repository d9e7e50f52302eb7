#include "telemetry/log/log_metrics.h"

#include <array>
#include <atomic>
#include <cstdint>

#include "telemetry/metrics.h"

namespace outrigger::telemetry {
namespace {

std::array<std::atomic<uint64_t>, kLogLevels> events{};
std::atomic<uint64_t> held_back{0};

}  // namespace

void CountLogEvent(LogLevel level) { ++events[static_cast<size_t>(level)]; }
void CountHeldBackLogEvent() { ++held_back; }

Observation ObserveLog(Registry& registry) {
  return registry.Observe([](Observations& seen) {
    for (size_t i = 0; i < kLogLevels; ++i) {
      seen.Add(kLogEvents, {{"level", NameOf(static_cast<LogLevel>(i))}},
               static_cast<double>(events[i].load()));
    }
    seen.Add(kLogHeldBack, {}, static_cast<double>(held_back.load()));
  });
}

}  // namespace outrigger::telemetry
