// What the kernel tells of this process: /proc/self.
#ifndef OUTRIGGER_TELEMETRY_PROCESS_PROCFS_H_
#define OUTRIGGER_TELEMETRY_PROCESS_PROCFS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "telemetry/process/kernel_file.h"

namespace outrigger::telemetry {

struct ProcessUsage {
  double user_s = 0;
  double system_s = 0;
  double minor_faults = 0;
  double major_faults = 0;
  double threads = 0;
  double virtual_bytes = 0;
  double resident_bytes = 0;
  // Since the machine started.
  double started_s = 0;
};

struct ContextSwitches {
  double voluntary = 0;
  double involuntary = 0;
};

// Of all threads, those that have ended included.
ContextSwitches ReadContextSwitches();

// Not thread-safe.
class Procfs {
 public:
  // `root` is "/proc", but for tests.
  explicit Procfs(const std::string& root);

  // Unset if the file is not there or is malformed.
  std::optional<ProcessUsage> ReadUsage();

  // Open file descriptors. Where the kernel does not keep the number (before
  // Linux 6.2), they are counted, and if there are more than kMostCounted, only
  // at every kCountEvery-th call, since that costs time. Unset if unknown.
  std::optional<double> CountFileDescriptors();
  static constexpr double kMostCounted = 2000;
  static constexpr int kCountEvery = 30;

  // How long the machine has been running; unset if unknown.
  std::optional<double> ReadMachineUptime();

 private:
  const std::string descriptors_;
  KernelFile stat_;
  KernelFile uptime_;
  std::optional<double> counted_;
  int calls_since_counted_ = 0;
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_PROCESS_PROCFS_H_
