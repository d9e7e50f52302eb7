// What a load has seen, and how it is written down.
#ifndef OUTRIGGER_BENCH_LOAD_RECORDING_H_
#define OUTRIGGER_BENCH_LOAD_RECORDING_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/load/histogram.h"

namespace outrigger::bench {

// One call that has ended. Times are of the loader's monotonic clock, in
// nanoseconds since the measured part began.
struct CallRecord {
  // When it was due to be sent; latency is counted from here.
  int64_t intended = 0;
  int64_t sent = 0;
  int64_t received = 0;
  int target = 0;
  // The RPC failed; then the rest is 0.
  bool failed = false;
  int allowed = 0;
  int denied = 0;
  int degraded = 0;
  size_t response_bytes = 0;
};

// Not thread-safe.
class Recording {
 public:
  struct Options {
    // Lengths of the parts of the measured time; each has latencies of its own.
    std::vector<double> phase_seconds;
    // Width of the bins of the time line. At least 1.
    int64_t bin_nanos = 100'000'000;
    // Keep when each admitted question was sent and answered, by bins.
    bool admissions = false;
    int targets = 1;
  };
  explicit Recording(const Options& options);

  void Add(const CallRecord& call);
  // An RPC's error, counted by its text.
  void AddError(const std::string& text) { ++errors_[text]; }

  // The members of a JSON object, without its braces.
  std::string ToJson() const;

 private:
  struct Tally {
    uint64_t calls = 0, errors = 0, allowed = 0, denied = 0, degraded = 0;
    int64_t slowest = 0;  // ns
    void Add(const CallRecord& call);
    std::string ToJson() const;
  };
  struct Phase {
    int64_t ends = 0;  // ns since the start
    Tally tally;
    Histogram latency;
    // How late the loader itself sent.
    Histogram lag;
  };

  Phase& PhaseAt(int64_t intended);

  const Options options_;
  std::vector<Phase> phases_;
  std::vector<Tally> bins_;  // by the time of the answer
  std::vector<Tally> targets_;
  std::map<std::string, uint64_t> errors_;
  // Admitted questions by (bin of sending, bin of the answer).
  std::map<std::pair<int64_t, int64_t>, uint64_t> admissions_;
  Tally total_;
  uint64_t response_bytes_ = 0;
  int64_t first_sent_ = -1;
  int64_t last_received_ = 0;
};

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_RECORDING_H_
