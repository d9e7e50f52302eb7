// Owns all instruments: makes them, and reads them all at once.
//
// An instrument is made once, at start or at a configuration's reload, with its
// attributes bound; a hot path then only bumps it, with no lock and no
// allocation. Names, units and descriptions stand once, in telemetry/metrics.h.
#ifndef OUTRIGGER_TELEMETRY_REGISTRY_H_
#define OUTRIGGER_TELEMETRY_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "telemetry/instruments/counter.h"
#include "telemetry/instruments/histogram.h"
#include "telemetry/metrics.h"
#include "telemetry/snapshot.h"

namespace outrigger::telemetry {

// Where an observer puts what it sees.
class Observations {
 public:
  virtual ~Observations() = default;
  // `info` is static. What several add for the same metric and attributes is
  // summed up.
  virtual void Add(const MetricInfo& info, const Attributes& attributes,
                   double value) = 0;
};

class Registry;

// While it lives, an observer is asked. Movable; empty once moved from. Ending
// it waits for a Collect that runs. The registry must outlive it.
class Observation {
 public:
  Observation() = default;
  Observation(Observation&& other) noexcept { *this = std::move(other); }
  Observation& operator=(Observation&& other) noexcept;
  ~Observation();

 private:
  friend class Registry;
  Observation(Registry* registry, uint64_t id) : registry_(registry), id_(id) {}

  Registry* registry_ = nullptr;
  uint64_t id_ = 0;
};

// Thread-safe.
class Registry {
 public:
  struct Options {
    // How histograms divide their values.
    Aggregation aggregation = Aggregation::kExplicit;
    // Series of one metric. Those beyond become one, with kOverflowAttribute.
    size_t cardinality_limit = 10'000;
    // Keep the traces of measured values (exemplars).
    bool exemplars = true;
    // False: nobody will look, so parts may leave out what costs them time. All
    // instruments work all the same.
    bool enabled = true;
  };

  Registry() : Registry(Options()) {}
  explicit Registry(Options options) : options_(options) {}

  // The instrument of these attributes; made at the first call. Lives as long
  // as the registry. REQUIRES: info.kind fits; `info` is static.
  Counter& GetCounter(const MetricInfo& info, const Attributes& attributes = {})
      ABSL_LOCKS_EXCLUDED(mutex_);
  UpDownCounter& GetUpDownCounter(const MetricInfo& info,
                                  const Attributes& attributes = {})
      ABSL_LOCKS_EXCLUDED(mutex_);
  Histogram& GetHistogram(const MetricInfo& info,
                          const Attributes& attributes = {})
      ABSL_LOCKS_EXCLUDED(mutex_);

  // `observe` runs at every Collect, on the thread that collects; it must not
  // call Collect or Observe. What it uses must outlive what is returned.
  using Observer = std::function<void(Observations&)>;
  [[nodiscard]] Observation Observe(Observer observe)
      ABSL_LOCKS_EXCLUDED(observers_mutex_);

  // All values now.
  Snapshot Collect() const ABSL_LOCKS_EXCLUDED(mutex_, observers_mutex_);

  const Options& options() const { return options_; }
  bool enabled() const { return options_.enabled; }

 private:
  using Instrument =
      std::variant<std::unique_ptr<Counter>, std::unique_ptr<UpDownCounter>,
                   std::unique_ptr<Histogram>>;
  struct Series {
    std::shared_ptr<const Attributes> attributes;
    Instrument instrument;
  };
  struct Family {
    const MetricInfo* info = nullptr;
    std::map<Attributes, Series> series;
  };

  template <typename T, typename Make>
  T& Get(const MetricInfo& info, const Attributes& attributes, Make make)
      ABSL_LOCKS_EXCLUDED(mutex_);

  friend class Observation;
  void Forget(uint64_t observer) ABSL_LOCKS_EXCLUDED(observers_mutex_);

  const Options options_;
  mutable absl::Mutex mutex_;
  std::map<absl::string_view, Family> families_ ABSL_GUARDED_BY(mutex_);

  // Apart, since observers lock what, elsewhere, makes instruments while
  // locked.
  mutable absl::Mutex observers_mutex_;
  uint64_t last_observer_ ABSL_GUARDED_BY(observers_mutex_) = 0;
  std::map<uint64_t, Observer> observers_ ABSL_GUARDED_BY(observers_mutex_);
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_REGISTRY_H_
