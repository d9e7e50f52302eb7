#include "otlp/run/metric_source.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "otlp/encode/metrics.h"
#include "otlp/run/split.h"

namespace outrigger::otlp {

MetricSource::MetricSource(const Options& options, const Origin& origin,
                           const telemetry::Registry& registry,
                           const Clock& clock, Delivery& delivery,
                           Meters& meters, Loop& loop)
    : interval_(options.metrics_interval),
      exemplars_(options.exemplars),
      origin_(origin),
      registry_(registry),
      clock_(clock),
      delivery_(delivery),
      meters_(meters),
      reader_(options.temporality, clock.WallNow()),
      schedule_(loop, [this] {
        due_ = true;
        schedule_.Set(interval_);
        Pump();
      }) {}

void MetricSource::Start() { schedule_.Set(interval_); }

void MetricSource::Flush(MonotonicTime last, std::function<void()> done) {
  flushed_.push_back(std::move(done));
  due_ = true;
  delivery_.EndBy(last);
  Pump();
}

void MetricSource::Pump() {
  if (delivery_.busy()) return;
  if (!std::exchange(due_, false)) {
    EndFlush();
    return;
  }
  const Reading reading = reader_.Read(registry_.Collect(), clock_.WallNow());
  delivery_.Deliver(Encode(reading), [this] { Pump(); });
}

void MetricSource::EndFlush() {
  if (flushed_.empty()) return;
  delivery_.EndBy(std::nullopt);
  for (auto& done : std::exchange(flushed_, {})) done();
}

std::vector<Request> MetricSource::Encode(const Reading& reading) {
  const std::vector<PointToSend> points = reading.Points(reader_.temporality());
  const auto encode = [this, &reading](absl::Span<const PointToSend> some) {
    return EncodeMetrics(origin_, reading, exemplars_, some);
  };
  std::vector<Request> requests;
  size_t too_large = 0;
  auto rest = absl::MakeConstSpan(points);
  while (!rest.empty()) {
    const auto some = rest.first(std::min(rest.size(), kMaxPoints));
    EncodeInto(some, encode, kMaxRequestBytes, requests, too_large);
    rest.remove_prefix(some.size());
  }
  meters_.Dropped("too_large", too_large);
  return requests;
}

}  // namespace outrigger::otlp
