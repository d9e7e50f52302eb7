// The registry's metrics, read and sent at an interval.
#ifndef OUTRIGGER_OTLP_RUN_METRIC_SOURCE_H_
#define OUTRIGGER_OTLP_RUN_METRIC_SOURCE_H_

#include <functional>
#include <vector>

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "otlp/encode/origin.h"
#include "otlp/encode/readings.h"
#include "otlp/options.h"
#include "otlp/run/delivery.h"
#include "otlp/run/meters.h"
#include "otlp/run/source.h"
#include "telemetry/registry.h"

namespace outrigger::otlp {

// While a reading is on its way there is no other, so that nothing piles up: a
// later one says what the missed ones would have said. On the loop's thread.
class MetricSource final : public Source {
 public:
  // Points in one request; further ones go into more.
  static constexpr size_t kMaxPoints = 4096;

  // All must outlive the source, but for the thread of `loop`.
  MetricSource(const Options& options, const Origin& origin,
               const telemetry::Registry& registry, const Clock& clock,
               Delivery& delivery, Meters& meters, Loop& loop);

  void Start() override;
  void Flush(MonotonicTime last, std::function<void()> done) override;

 private:
  void Pump();
  void EndFlush();
  std::vector<Request> Encode(const Reading& reading);

  const Duration interval_;
  const bool exemplars_;
  const Origin& origin_;
  const telemetry::Registry& registry_;
  const Clock& clock_;
  Delivery& delivery_;
  Meters& meters_;
  Reader reader_;
  bool due_ = false;
  std::vector<std::function<void()>> flushed_;  // those who wait for a Flush
  Timer schedule_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_RUN_METRIC_SOURCE_H_
