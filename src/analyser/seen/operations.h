// How long operations took lately, each by itself: RPC methods, Redis commands.
#ifndef OUTRIGGER_ANALYSER_SEEN_OPERATIONS_H_
#define OUTRIGGER_ANALYSER_SEEN_OPERATIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "analyser/history/baseline.h"
#include "analyser/history/change.h"
#include "analyser/history/latencies.h"
#include "analyser/history/sliding.h"
#include "analyser/seen/named_table.h"
#include "telemetry/snapshot.h"

namespace outrigger::analyser {

// What a time holds. A value.
struct OperationSums {
  Latencies latencies;
  uint32_t errors = 0;

  OperationSums& operator+=(const OperationSums& other) {
    latencies += other.latencies;
    errors += other.errors;
    return *this;
  }
};

class Operation {
 public:
  // Minutes of which the means are kept, and those that must be known before
  // there is a usual mean.
  static constexpr size_t kMinutes = 60;
  static constexpr size_t kLeastMinutes = 10;

  void Note(const OperationSums& sums, const Step& step) {
    window_.Add(step.slot, sums);
  }
  // The mean of the window, which becomes part of what is usual; unset if there
  // were too few calls to tell.
  void Learn(std::optional<double> mean_s, const Step& step);

  OperationSums Window(const Step& step) const {
    return window_.Sum(step.slot);
  }
  // The median of the minutes' means; unset: not known yet.
  const std::optional<double>& usual_mean_s() const { return usual_mean_s_; }

 private:
  Sliding<OperationSums> window_;
  MinuteMean minute_;
  Ring<float, kMinutes> means_;
  std::optional<double> usual_mean_s_;
};

// All operations of a kind. At most kMost are known each by itself; all count
// together.
class Operations {
 public:
  static constexpr size_t kMost = 48;

  // Gathers a step's points, then End.
  void Note(absl::string_view name, const telemetry::HistogramData& data,
            bool failed);
  void End(const Step& step);

  const NamedTable<Operation, kMost>& each() const { return each_; }
  NamedTable<Operation, kMost>& each() { return each_; }
  // Of all together: the latest step, and the window.
  const OperationSums& now() const { return now_; }
  OperationSums Window(const Step& step) const {
    return window_.Sum(step.slot);
  }
  // Series that are in none of them.
  size_t left_out() const { return left_out_; }

 private:
  struct Cumulative {
    CumulativeLatencies latencies;
    uint64_t errors = 0;
  };
  struct Source {
    Cumulative before;
    Cumulative now;
  };

  NamedTable<Operation, kMost> each_;
  std::map<std::string, Source, std::less<>> sources_;  // at most kMost
  OperationSums now_;
  Sliding<OperationSums> window_;
  size_t turned_away_ = 0;  // in this step
  size_t left_out_ = 0;
};

// Calls and stream messages, by method. A stream's messages count, not the
// stream, which may last for days.
void NoteCalls(const telemetry::Snapshot& snapshot, Operations& methods);

// Redis' commands, by command and script.
void NoteRedis(const telemetry::Snapshot& snapshot, Operations& commands);

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_SEEN_OPERATIONS_H_
