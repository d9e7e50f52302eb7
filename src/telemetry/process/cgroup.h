// The limits of the container that the process runs in, and how often it ran
// into them: cgroups of version 2 and version 1.
#ifndef OUTRIGGER_TELEMETRY_PROCESS_CGROUP_H_
#define OUTRIGGER_TELEMETRY_PROCESS_CGROUP_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "telemetry/process/kernel_file.h"

namespace outrigger::telemetry {

// What is not known, or not limited, is unset.
struct CgroupUsage {
  // Periods (100 ms, mostly) in which processor time was limited.
  std::optional<double> periods;
  std::optional<double> throttled_periods;
  std::optional<double> throttled_s;
  // Processors.
  std::optional<double> cpu_limit;
  std::optional<double> memory_bytes;
  std::optional<double> memory_limit_bytes;
  std::optional<double> oom_kills;
};

// Not thread-safe.
class Cgroup {
 public:
  // `root` is "/sys/fs/cgroup" and `memberships` the content of
  // /proc/self/cgroup, but for tests. Looks once for the folders, in the
  // process's own group first, and then at the root, where a container finds
  // its group.
  Cgroup(const std::string& root, absl::string_view memberships);
  ~Cgroup();

  CgroupUsage Read();

 private:
  struct Files;
  static std::unique_ptr<Files> FindV2(const std::string& root,
                                       absl::string_view memberships);
  static std::unique_ptr<Files> FindV1(const std::string& root,
                                       absl::string_view memberships);

  std::unique_ptr<Files> files_;  // null: no cgroup
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_PROCESS_CGROUP_H_
