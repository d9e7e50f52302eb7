#include "telemetry/process/procfs.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>

#include "absl/strings/str_cat.h"

namespace outrigger::telemetry {
namespace {

// proc(5): the fields of stat after the command's name, of which the first is
// the state, number 3.
constexpr size_t kFirstField = 3;
constexpr size_t kMinorFaults = 10;
constexpr size_t kMajorFaults = 12;
constexpr size_t kUserTicks = 14;
constexpr size_t kSystemTicks = 15;
constexpr size_t kThreads = 20;
constexpr size_t kStartTicks = 22;
constexpr size_t kVirtualBytes = 23;
constexpr size_t kResidentPages = 24;
constexpr size_t kFields = 25;

// linux/magic.h: the type of the file system at /proc.
constexpr auto kProcfsType = 0x9FA0;

std::optional<double> CountEntries(const std::string& folder) {
  DIR* const open = opendir(folder.c_str());
  if (open == nullptr) return std::nullopt;
  double entries = 0;
  while (const dirent* entry = readdir(open)) {
    if (entry->d_name[0] != '.') ++entries;
  }
  closedir(open);
  return entries;
}

}  // namespace

ContextSwitches ReadContextSwitches() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {static_cast<double>(usage.ru_nvcsw),
          static_cast<double>(usage.ru_nivcsw)};
}

Procfs::Procfs(const std::string& root)
    : descriptors_(absl::StrCat(root, "/self/fd")),
      stat_(absl::StrCat(root, "/self/stat")),
      uptime_(absl::StrCat(root, "/uptime")) {}

std::optional<ProcessUsage> Procfs::ReadUsage() {
  absl::string_view text = stat_.Read();
  // The name stands in brackets and may have brackets and spaces itself.
  const size_t name_end = text.rfind(')');
  if (name_end == absl::string_view::npos) return std::nullopt;
  text.remove_prefix(name_end + 1);
  std::array<double, kFields> field{};
  for (size_t i = kFirstField; i < kFields; ++i) {
    const size_t start = text.find(' ');
    if (start == absl::string_view::npos) return std::nullopt;
    text.remove_prefix(start + 1);
    const auto number = FirstNumber(text);
    if (!number.has_value() && i != kFirstField) return std::nullopt;
    field[i] = number.value_or(0);
  }
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  return ProcessUsage{
      .user_s = field[kUserTicks] / ticks_per_second,
      .system_s = field[kSystemTicks] / ticks_per_second,
      .minor_faults = field[kMinorFaults],
      .major_faults = field[kMajorFaults],
      .threads = field[kThreads],
      .virtual_bytes = field[kVirtualBytes],
      .resident_bytes =
          field[kResidentPages] * static_cast<double>(sysconf(_SC_PAGESIZE)),
      .started_s = field[kStartTicks] / ticks_per_second};
}

std::optional<double> Procfs::CountFileDescriptors() {
  struct statfs system {};
  struct stat folder {};
  if (statfs(descriptors_.c_str(), &system) != 0 ||
      stat(descriptors_.c_str(), &folder) != 0) {
    return std::nullopt;
  }
  const bool real = system.f_type == kProcfsType;
  if (real && folder.st_size > 0) return static_cast<double>(folder.st_size);
  if (counted_.value_or(0) > kMostCounted &&
      ++calls_since_counted_ < kCountEvery) {
    return counted_;
  }
  calls_since_counted_ = 0;
  counted_ = CountEntries(descriptors_);
  // One was open only to count.
  if (real && counted_.has_value()) *counted_ -= 1;
  return counted_;
}

std::optional<double> Procfs::ReadMachineUptime() {
  return FirstNumber(uptime_.Read());
}

}  // namespace outrigger::telemetry
