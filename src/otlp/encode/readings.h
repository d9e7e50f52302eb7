// What is sent of the metrics at a moment: since the start, or since the last
// time.
#ifndef OUTRIGGER_OTLP_ENCODE_READINGS_H_
#define OUTRIGGER_OTLP_ENCODE_READINGS_H_

#include <vector>

#include "base/clock.h"
#include "otlp/options.h"
#include "telemetry/snapshot.h"

namespace outrigger::otlp {

// One point to be sent. `metric` and `point` are a Reading's.
struct PointToSend {
  const telemetry::Metric* metric = nullptr;
  const telemetry::Point* point = nullptr;
  // Sums and histograms: counts since Reading::previous, not since the start.
  bool delta = false;
};

// One look at all metrics.
struct Reading {
  // Deltas already taken.
  telemetry::Snapshot metrics;
  WallTime start{};     // of what is cumulative
  WallTime previous{};  // the time of the reading before; the first: `start`
  WallTime time{};      // > previous

  // All points, a metric's own side by side. They are valid as long as the
  // reading is.
  std::vector<PointToSend> Points(Temporality temporality) const;
};

// Turns snapshots, which are cumulative, into readings. Not thread-safe.
class Reader {
 public:
  // `start`: when the process began to count.
  Reader(Temporality temporality, WallTime start)
      : temporality_(temporality), start_(start), previous_time_(start) {}

  // Deltas are those since the last call. A delta of zero is left out.
  Reading Read(telemetry::Snapshot snapshot, WallTime now);

  Temporality temporality() const { return temporality_; }

 private:
  const Temporality temporality_;
  const WallTime start_;
  WallTime previous_time_;
  telemetry::Snapshot previous_;  // of the metrics that are sent as deltas
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_ENCODE_READINGS_H_
