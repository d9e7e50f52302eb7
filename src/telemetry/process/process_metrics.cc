#include "telemetry/process/process_metrics.h"

#include <chrono>

#include "telemetry/metrics.h"
#include "telemetry/process/kernel_file.h"

namespace outrigger::telemetry {

ProcessMetrics::ProcessMetrics(Registry& registry, const Clock& clock,
                               const Roots& roots)
    : clock_(clock),
      procfs_(roots.proc),
      cgroup_(roots.cgroup, KernelFile(roots.proc + "/self/cgroup").Read()),
      started_wall_(clock.WallNow()),
      started_(clock.Now()) {
  const auto usage = procfs_.ReadUsage();
  const auto machine = procfs_.ReadMachineUptime();
  if (usage.has_value() && machine.value_or(0) > usage->started_s) {
    const auto age = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(*machine - usage->started_s));
    started_wall_ -= age;
    started_ -= age;
  }
  observation_ =
      registry.Observe([this](Observations& seen) { Observe(seen); });
}

void ProcessMetrics::Observe(Observations& seen) {
  ObserveProcess(seen);
  ObserveCgroup(seen);
}

void ProcessMetrics::ObserveProcess(Observations& seen) {
  if (const auto usage = procfs_.ReadUsage(); usage.has_value()) {
    seen.Add(kProcessCpuTime, user_, usage->user_s);
    seen.Add(kProcessCpuTime, system_, usage->system_s);
    seen.Add(kProcessMemoryUsage, {}, usage->resident_bytes);
    seen.Add(kProcessMemoryVirtual, {}, usage->virtual_bytes);
    seen.Add(kProcessThreadCount, {}, usage->threads);
    seen.Add(kProcessPagingFaults, major_, usage->major_faults);
    seen.Add(kProcessPagingFaults, minor_, usage->minor_faults);
  }
  const auto descriptors = procfs_.CountFileDescriptors();
  if (descriptors.has_value()) {
    seen.Add(kProcessFileDescriptors, {}, *descriptors);
  }
  const ContextSwitches switches = ReadContextSwitches();
  seen.Add(kProcessContextSwitches, voluntary_, switches.voluntary);
  seen.Add(kProcessContextSwitches, involuntary_, switches.involuntary);
  seen.Add(kProcessUptime, {}, ToSeconds(clock_.Now() - started_));
  seen.Add(kProcessStartTime, {}, ToSeconds(started_wall_.time_since_epoch()));
}

void ProcessMetrics::ObserveCgroup(Observations& seen) {
  const auto add = [&seen](const MetricInfo& info,
                           const std::optional<double>& value) {
    if (value.has_value()) seen.Add(info, {}, *value);
  };
  const CgroupUsage usage = cgroup_.Read();
  add(kCgroupCpuPeriods, usage.periods);
  add(kCgroupCpuThrottledPeriods, usage.throttled_periods);
  add(kCgroupCpuThrottledTime, usage.throttled_s);
  add(kCgroupCpuLimit, usage.cpu_limit);
  add(kCgroupMemoryUsage, usage.memory_bytes);
  add(kCgroupMemoryLimit, usage.memory_limit_bytes);
  add(kCgroupOomKills, usage.oom_kills);
}

}  // namespace outrigger::telemetry
