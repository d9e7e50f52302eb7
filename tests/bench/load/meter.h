// Clocks, and what was used between the two ends of a measured part.
#ifndef OUTRIGGER_BENCH_LOAD_METER_H_
#define OUTRIGGER_BENCH_LOAD_METER_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace outrigger::bench {

inline constexpr int64_t kSecond = 1'000'000'000;

// Nanoseconds of the monotonic clock.
int64_t Now();
// Sleeps until Now() has reached `nanos`.
void WaitUntil(int64_t nanos);

// Reads CPU times when the measured part begins and when it ends. Not
// thread-safe.
class Meter {
 public:
  struct Options {
    double warmup_seconds = 0.5;
    // Of the measured part.
    double seconds = 5;
    // Processes whose CPU time is read; all their threads.
    std::vector<pid_t> cpu_pids;
  };

  // The warm-up begins now.
  explicit Meter(Options options);

  // When the measured part begins and, at the latest, ends; see Now().
  int64_t from() const { return from_; }
  int64_t until() const { return until_; }

  // Says what time it is and how many calls have ended so far. The first time
  // in the measured part prints "measuring" to standard error. `over`: the part
  // ends here although there is time left.
  void Watch(int64_t now, uint64_t ended, bool over = false);

  // Whether both ends were seen.
  bool complete() const { return begin_.has_value() && end_.has_value(); }

  // The members of a JSON object, without its braces: wall_ns, ended, cpu_ns,
  // client_cpu_ns. REQUIRES: complete().
  std::string ToJson() const;

 private:
  struct Mark {
    int64_t at = 0;
    uint64_t ended = 0;
    std::vector<int64_t> cpu;
    int64_t own_cpu = 0;
  };
  Mark TakeMark(uint64_t ended) const;

  const Options options_;
  const int64_t from_;
  const int64_t until_;
  std::optional<Mark> begin_, end_;
};

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_METER_H_
