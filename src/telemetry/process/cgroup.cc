#include "telemetry/process/cgroup.h"

#include <unistd.h>

#include <initializer_list>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outrigger::telemetry {
namespace {

// Version 1 says "no limit" with the largest number of whole pages.
constexpr double kNoMemoryLimit = 0x1p60;

// The group's path in the hierarchy of `controller`; the empty name: version 2.
std::optional<std::string> GroupOf(absl::string_view memberships,
                                   absl::string_view controller) {
  for (absl::string_view line : absl::StrSplit(memberships, '\n')) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    for (absl::string_view name : absl::StrSplit(parts[1], ',')) {
      if (name == controller) return std::string(parts[2]);
    }
  }
  return std::nullopt;
}

// The first folder that has `file`; empty if none has.
std::string FolderWith(absl::string_view file,
                       std::initializer_list<std::string> folders) {
  for (const std::string& folder : folders) {
    if (access(absl::StrCat(folder, "/", file).c_str(), R_OK) == 0) {
      return folder;
    }
  }
  return "";
}

std::optional<double> MemoryLimit(absl::string_view text) {
  const auto limit = FirstNumber(text);  // unset for "max"
  return limit.value_or(kNoMemoryLimit) < kNoMemoryLimit ? limit : std::nullopt;
}

std::optional<double> Scaled(std::optional<double> value, double unit) {
  if (value.has_value()) *value *= unit;
  return value;
}

}  // namespace

// Version 1 keeps quota and period in files of their own.
struct Cgroup::Files {
  bool v2;
  KernelFile cpu_stat;
  KernelFile cpu_limit;
  KernelFile cpu_period;
  KernelFile memory_usage;
  KernelFile memory_limit;
  KernelFile memory_events;
};

std::unique_ptr<Cgroup::Files> Cgroup::FindV2(const std::string& root,
                                              absl::string_view memberships) {
  const auto group = GroupOf(memberships, "");
  if (!group.has_value()) return nullptr;
  const std::string own = absl::StrCat(root, *group);
  // Both are absent in the machine's own root group.
  const std::string cpu = FolderWith("cpu.max", {own, root});
  const std::string memory = FolderWith("memory.current", {own, root});
  if (cpu.empty() && memory.empty()) return nullptr;
  return std::unique_ptr<Files>(new Files{
      true, KernelFile(cpu + "/cpu.stat"), KernelFile(cpu + "/cpu.max"),
      KernelFile(""), KernelFile(memory + "/memory.current"),
      KernelFile(memory + "/memory.max"),
      KernelFile(memory + "/memory.events")});
}

std::unique_ptr<Cgroup::Files> Cgroup::FindV1(const std::string& root,
                                              absl::string_view memberships) {
  const auto cpu_group = GroupOf(memberships, "cpu");
  const auto memory_group = GroupOf(memberships, "memory");
  const std::string cpu_root = root + "/cpu";
  const std::string memory_root = root + "/memory";
  const std::string cpu = FolderWith(
      "cpu.cfs_quota_us", {cpu_root + cpu_group.value_or(""), cpu_root});
  const std::string memory =
      FolderWith("memory.usage_in_bytes",
                 {memory_root + memory_group.value_or(""), memory_root});
  if (cpu.empty() && memory.empty()) return nullptr;
  return std::unique_ptr<Files>(
      new Files{false, KernelFile(cpu + "/cpu.stat"),
                KernelFile(cpu + "/cpu.cfs_quota_us"),
                KernelFile(cpu + "/cpu.cfs_period_us"),
                KernelFile(memory + "/memory.usage_in_bytes"),
                KernelFile(memory + "/memory.limit_in_bytes"),
                KernelFile(memory + "/memory.oom_control")});
}

Cgroup::Cgroup(const std::string& root, absl::string_view memberships)
    : files_(FindV2(root, memberships)) {
  if (files_ == nullptr) files_ = FindV1(root, memberships);
}

Cgroup::~Cgroup() = default;

CgroupUsage Cgroup::Read() {
  CgroupUsage usage;
  if (files_ == nullptr) return usage;
  const absl::string_view stat = files_->cpu_stat.Read();
  usage.periods = NumberAfter(stat, "nr_periods");
  usage.throttled_periods = NumberAfter(stat, "nr_throttled");
  usage.throttled_s = files_->v2
                          ? Scaled(NumberAfter(stat, "throttled_usec"), 1e-6)
                          : Scaled(NumberAfter(stat, "throttled_time"), 1e-9);
  const absl::string_view limit = files_->cpu_limit.Read();
  const auto quota = FirstNumber(limit);  // "max", or -1: no limit
  const auto period = files_->v2
                          ? FirstNumber(limit.substr(limit.find(' ') + 1))
                          : FirstNumber(files_->cpu_period.Read());
  if (quota.value_or(-1) > 0 && period.value_or(0) > 0) {
    usage.cpu_limit = *quota / *period;
  }
  usage.memory_bytes = FirstNumber(files_->memory_usage.Read());
  usage.memory_limit_bytes = MemoryLimit(files_->memory_limit.Read());
  usage.oom_kills = NumberAfter(files_->memory_events.Read(), "oom_kill");
  return usage;
}

}  // namespace outrigger::telemetry
