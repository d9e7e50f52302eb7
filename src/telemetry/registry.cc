#include "telemetry/registry.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace outrigger::telemetry {
namespace {

const Attributes& OverflowAttributes() {
  static const auto* const overflow =
      new Attributes{{kOverflowAttribute, "true"}};
  return *overflow;
}

// What observers see, ordered like the rest.
class Observed final : public Observations {
 public:
  explicit Observed(size_t cardinality_limit) : limit_(cardinality_limit) {}

  void Add(const MetricInfo& info, const Attributes& attributes,
           double value) override {
    Seen& seen = metrics_[info.name];
    seen.info = &info;
    // The last place is for the overflow.
    if (attributes.empty() || seen.values.size() + 1 < limit_) {
      seen.values[attributes] += value;
    } else {
      seen.values[OverflowAttributes()] += value;
    }
  }

  void MoveTo(Snapshot& snapshot) {
    for (auto& [name, seen] : metrics_) {
      Metric& metric = snapshot.emplace_back();
      metric.info = seen.info;
      for (auto& [attributes, value] : seen.values) {
        metric.points.push_back(
            {std::make_shared<const Attributes>(attributes), value});
      }
    }
  }

 private:
  struct Seen {
    const MetricInfo* info = nullptr;
    std::map<Attributes, double> values;
  };
  const size_t limit_;
  std::map<absl::string_view, Seen> metrics_;
};

struct ReadInstrument {
  decltype(Point::value) operator()(
      const std::unique_ptr<Counter>& counter) const {
    return static_cast<int64_t>(counter->Value());
  }
  decltype(Point::value) operator()(
      const std::unique_ptr<UpDownCounter>& counter) const {
    return counter->Value();
  }
  decltype(Point::value) operator()(
      const std::unique_ptr<Histogram>& histogram) const {
    return histogram->Read();
  }
};

}  // namespace

const Metric* Find(const Snapshot& snapshot, absl::string_view name) {
  for (const Metric& metric : snapshot) {
    if (name == metric.info->name) return &metric;
  }
  return nullptr;
}

absl::string_view AttributeOf(const Point& point, absl::string_view name) {
  for (const auto& [key, value] : *point.attributes) {
    if (key == name) return value;
  }
  return {};
}

double NumberOf(const Point& point) {
  if (const auto* whole = std::get_if<int64_t>(&point.value)) {
    return static_cast<double>(*whole);
  }
  if (const auto* number = std::get_if<double>(&point.value)) return *number;
  return static_cast<double>(std::get<HistogramData>(point.value).count);
}

template <typename T, typename Make>
T& Registry::Get(const MetricInfo& info, const Attributes& attributes,
                 Make make) {
  absl::MutexLock lock(&mutex_);
  Family& family = families_[info.name];
  family.info = &info;
  auto found = family.series.find(attributes);
  if (found == family.series.end()) {
    // The last place is for the overflow.
    const bool full = family.series.size() + 1 >= options_.cardinality_limit &&
                      !attributes.empty();
    const Attributes& kept = full ? OverflowAttributes() : attributes;
    found = family.series.try_emplace(kept).first;
    Series& series = found->second;
    if (series.attributes == nullptr) {
      series.attributes = std::make_shared<const Attributes>(kept);
      series.instrument = make();
    }
  }
  return *std::get<std::unique_ptr<T>>(found->second.instrument);
}

Counter& Registry::GetCounter(const MetricInfo& info,
                              const Attributes& attributes) {
  assert(info.kind == MetricKind::kCounter);
  return Get<Counter>(info, attributes,
                      [] { return std::make_unique<Counter>(); });
}

UpDownCounter& Registry::GetUpDownCounter(const MetricInfo& info,
                                          const Attributes& attributes) {
  assert(info.kind == MetricKind::kUpDownCounter);
  return Get<UpDownCounter>(info, attributes,
                            [] { return std::make_unique<UpDownCounter>(); });
}

Histogram& Registry::GetHistogram(const MetricInfo& info,
                                  const Attributes& attributes) {
  assert(info.kind == MetricKind::kHistogram);
  return Get<Histogram>(info, attributes, [this] {
    return std::make_unique<Histogram>(options_.aggregation,
                                       options_.exemplars);
  });
}

Observation& Observation::operator=(Observation&& other) noexcept {
  std::swap(registry_, other.registry_);
  std::swap(id_, other.id_);
  return *this;
}

Observation::~Observation() {
  if (registry_ != nullptr) registry_->Forget(id_);
}

Observation Registry::Observe(Observer observe) {
  absl::MutexLock lock(&observers_mutex_);
  observers_.emplace(++last_observer_, std::move(observe));
  return Observation(this, last_observer_);
}

void Registry::Forget(uint64_t observer) {
  absl::MutexLock lock(&observers_mutex_);
  observers_.erase(observer);
}

Snapshot Registry::Collect() const {
  Snapshot snapshot;
  Observed observed(options_.cardinality_limit);
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [name, family] : families_) {
      Metric& metric = snapshot.emplace_back();
      metric.info = family.info;
      metric.points.reserve(family.series.size());
      for (const auto& [attributes, series] : family.series) {
        metric.points.push_back(
            {series.attributes,
             std::visit(ReadInstrument(), series.instrument)});
      }
    }
  }
  {
    absl::MutexLock lock(&observers_mutex_);
    for (const auto& [id, observe] : observers_) observe(observed);
  }
  observed.MoveTo(snapshot);
  std::sort(snapshot.begin(), snapshot.end(),
            [](const Metric& a, const Metric& b) {
              return absl::string_view(a.info->name) < b.info->name;
            });
  return snapshot;
}

}  // namespace outrigger::telemetry
