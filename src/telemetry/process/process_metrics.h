// The metrics of the process and of its container.
#ifndef OUTRIGGER_TELEMETRY_PROCESS_PROCESS_METRICS_H_
#define OUTRIGGER_TELEMETRY_PROCESS_PROCESS_METRICS_H_

#include <string>

#include "base/clock.h"
#include "telemetry/process/cgroup.h"
#include "telemetry/process/procfs.h"
#include "telemetry/registry.h"

namespace outrigger::telemetry {

// While it lives, every Collect of the registry reads them, with about a dozen
// system calls.
class ProcessMetrics {
 public:
  // Where the kernel's files are; elsewhere in tests.
  struct Roots {
    std::string proc = "/proc";
    std::string cgroup = "/sys/fs/cgroup";
  };

  // Both must outlive it.
  ProcessMetrics(Registry& registry, const Clock& clock)
      : ProcessMetrics(registry, clock, Roots()) {}
  ProcessMetrics(Registry& registry, const Clock& clock, const Roots& roots);

 private:
  // These run while the registry is locked, so by one thread at a time.
  void Observe(Observations& seen);
  void ObserveProcess(Observations& seen);
  void ObserveCgroup(Observations& seen);

  const Clock& clock_;
  Procfs procfs_;
  Cgroup cgroup_;
  WallTime started_wall_{};
  MonotonicTime started_{};
  const Attributes user_{{"cpu.mode", "user"}};
  const Attributes system_{{"cpu.mode", "system"}};
  const Attributes major_{{"system.paging.fault.type", "major"}};
  const Attributes minor_{{"system.paging.fault.type", "minor"}};
  const Attributes voluntary_{{"process.context_switch.type", "voluntary"}};
  const Attributes involuntary_{{"process.context_switch.type", "involuntary"}};
  Observation observation_;  // last: it uses all above
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_PROCESS_PROCESS_METRICS_H_
