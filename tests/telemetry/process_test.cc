// The metrics of the process and its container: from made files, and from this
// very process.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "support/fake_clock.h"
#include "support/made_folder.h"
#include "telemetry/process/process_metrics.h"
#include "telemetry/registry.h"

namespace outrigger::telemetry {
namespace {

using ::testing::DoubleEq;
using ::testing::Optional;

const double kTicks = static_cast<double>(sysconf(_SC_CLK_TCK));
const double kPage = static_cast<double>(sysconf(_SC_PAGESIZE));

// A name with all that makes it hard to read.
std::string Stat(double user_ticks) {
  return "42 (a b) c) S 1 2 3 4 5 6 1001 8 11 10 " +
         std::to_string(static_cast<int>(user_ticks)) +
         " 250 0 0 20 0 7 0 12000 4096000 321 18446744073709551615 1 1\n";
}

// All points of a Collect as "name{value,…}".
std::map<std::string, double> Collected(const Registry& registry) {
  std::map<std::string, double> values;
  for (const Metric& metric : registry.Collect()) {
    for (const Point& point : metric.points) {
      std::string name = metric.info->name;
      for (const auto& [key, value] : *point.attributes) name += " " + value;
      values[name] = NumberOf(point);
    }
  }
  return values;
}

TEST(Procfs, ReadsWhatTheKernelWrites) {
  MadeFolder folder;
  folder.Write("self/stat", Stat(300));
  Procfs procfs(folder.path());
  const auto usage = procfs.ReadUsage();
  ASSERT_TRUE(usage.has_value());
  EXPECT_DOUBLE_EQ(usage->user_s, 300 / kTicks);
  EXPECT_DOUBLE_EQ(usage->system_s, 250 / kTicks);
  EXPECT_DOUBLE_EQ(usage->minor_faults, 1001);
  EXPECT_DOUBLE_EQ(usage->major_faults, 11);
  EXPECT_DOUBLE_EQ(usage->threads, 7);
  EXPECT_DOUBLE_EQ(usage->virtual_bytes, 4096000);
  EXPECT_DOUBLE_EQ(usage->resident_bytes, 321 * kPage);
  EXPECT_DOUBLE_EQ(usage->started_s, 12000 / kTicks);
}

TEST(Procfs, SaysNothingWhereNothingIs) {
  MadeFolder folder;
  Procfs procfs(folder.path());
  EXPECT_FALSE(procfs.ReadUsage().has_value());
  EXPECT_FALSE(procfs.CountFileDescriptors().has_value());
  EXPECT_FALSE(procfs.ReadMachineUptime().has_value());
  for (const char* bad : {"", "42", "42 (x)", "42 (x) S 1 2", "42 (x) S a b"}) {
    folder.Write("self/stat", bad);
    EXPECT_FALSE(procfs.ReadUsage().has_value()) << bad;
  }
  folder.Write("self/stat", Stat(1));  // it is there now
  EXPECT_TRUE(procfs.ReadUsage().has_value());
}

TEST(Procfs, CountsManyDescriptorsSeldom) {
  MadeFolder folder;
  const auto open = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      folder.Write("self/fd/" + std::to_string(i), "");
    }
  };
  Procfs procfs(folder.path());
  open(0, 3);
  EXPECT_THAT(procfs.CountFileDescriptors(), Optional(DoubleEq(3)));
  const int many = static_cast<int>(Procfs::kMostCounted) + 1;
  open(3, many);
  EXPECT_THAT(procfs.CountFileDescriptors(), Optional(DoubleEq(many)));
  open(many, many + 1);
  for (int i = 1; i < Procfs::kCountEvery; ++i) {
    EXPECT_THAT(procfs.CountFileDescriptors(), Optional(DoubleEq(many)));
  }
  EXPECT_THAT(procfs.CountFileDescriptors(), Optional(DoubleEq(many + 1)));
}

TEST(Cgroup, ReadsVersion2InTheOwnGroup) {
  MadeFolder root;
  root.Write("kube/pod/cpu.max", "150000 100000\n");
  root.Write("kube/pod/cpu.stat",
             "usage_usec 5\nnr_periods 40\nnr_throttled 4\n"
             "throttled_usec 2500000\nnr_bursts 0\n");
  root.Write("kube/pod/memory.current", "1048576\n");
  root.Write("kube/pod/memory.max", "4194304\n");
  root.Write("kube/pod/memory.events", "low 0\noom 3\noom_kill 2\n");
  CgroupUsage usage = Cgroup(root.path(), "0::/kube/pod\n").Read();
  EXPECT_THAT(usage.periods, Optional(DoubleEq(40)));
  EXPECT_THAT(usage.throttled_periods, Optional(DoubleEq(4)));
  EXPECT_THAT(usage.throttled_s, Optional(DoubleEq(2.5)));
  EXPECT_THAT(usage.cpu_limit, Optional(DoubleEq(1.5)));
  EXPECT_THAT(usage.memory_bytes, Optional(DoubleEq(1048576)));
  EXPECT_THAT(usage.memory_limit_bytes, Optional(DoubleEq(4194304)));
  EXPECT_THAT(usage.oom_kills, Optional(DoubleEq(2)));
}

TEST(Cgroup, ReadsVersion2AtTheRootOfAContainer) {
  MadeFolder root;
  root.Write("cpu.max", "max 100000\n");
  root.Write("cpu.stat", "usage_usec 5\n");
  root.Write("memory.current", "7\n");
  root.Write("memory.max", "max\n");
  CgroupUsage usage = Cgroup(root.path(), "0::/../elsewhere\n").Read();
  EXPECT_FALSE(usage.cpu_limit.has_value());
  EXPECT_FALSE(usage.periods.has_value());
  EXPECT_FALSE(usage.memory_limit_bytes.has_value());
  EXPECT_THAT(usage.memory_bytes, Optional(DoubleEq(7)));
}

TEST(Cgroup, ReadsVersion1) {
  MadeFolder root;
  root.Write("cpu/docker/1/cpu.cfs_quota_us", "50000\n");
  root.Write("cpu/docker/1/cpu.cfs_period_us", "100000\n");
  root.Write("cpu/docker/1/cpu.stat",
             "nr_periods 9\nnr_throttled 8\nthrottled_time 7000000000\n");
  root.Write("memory/memory.usage_in_bytes", "512\n");
  root.Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  root.Write("memory/memory.oom_control", "under_oom 0\noom_kill 1\n");
  const char* const memberships =
      "4:memory:/docker/1\n1:cpu,cpuacct:/docker/1\n0::/\n";
  CgroupUsage usage = Cgroup(root.path(), memberships).Read();
  EXPECT_THAT(usage.throttled_periods, Optional(DoubleEq(8)));
  EXPECT_THAT(usage.throttled_s, Optional(DoubleEq(7)));
  EXPECT_THAT(usage.cpu_limit, Optional(DoubleEq(0.5)));
  EXPECT_FALSE(usage.memory_limit_bytes.has_value());
  EXPECT_THAT(usage.oom_kills, Optional(DoubleEq(1)));
  root.Write("cpu/docker/1/cpu.cfs_quota_us", "-1\n");
  EXPECT_FALSE(Cgroup(root.path(), memberships).Read().cpu_limit.has_value());
}

TEST(ProcessMetrics, FollowTheFiles) {
  MadeFolder folder;
  folder.Write("proc/self/stat", Stat(100));
  folder.Write("proc/self/cgroup", "0::/\n");
  folder.Write("proc/uptime", "500.0 900.0\n");
  folder.Write("cgroup/cpu.max", "200000 100000\n");
  FakeClock clock;
  Registry registry;
  {
    ProcessMetrics metrics(
        registry, clock, {folder.path() + "/proc", folder.path() + "/cgroup"});
    folder.Write("proc/self/stat", Stat(900));
    clock.Advance(std::chrono::seconds(5));
    auto values = Collected(registry);
    EXPECT_DOUBLE_EQ(values.at("process.cpu.time user"), 900 / kTicks);
    EXPECT_DOUBLE_EQ(values.at("process.paging.faults major"), 11);
    const double age = 500 - 12000 / kTicks;
    EXPECT_NEAR(values.at("process.uptime"), age + 5, 1e-6);
    EXPECT_NEAR(values.at("process.start_time"),
                ToSeconds(clock.WallNow().time_since_epoch()) - age - 5, 1e-3);
    EXPECT_DOUBLE_EQ(values.at("outrigger.cgroup.cpu.limit"), 2);
    EXPECT_EQ(values.count("outrigger.cgroup.memory.limit"), 0U);
  }
  EXPECT_TRUE(registry.Collect().empty());
}

TEST(ProcessMetrics, AreThoseOfThisProcess) {
  const SystemClock clock;
  Registry registry;
  ProcessMetrics metrics(registry, clock);
  registry.Collect();  // opens its own files
  const auto before = Collected(registry);
  std::vector<int> opened;
  for (int i = 0; i < 5; ++i) {
    opened.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  std::vector<char> memory(64 << 20, 'x');
  const auto after = Collected(registry);
  EXPECT_EQ(after.at("process.unix.file_descriptor.count"),
            before.at("process.unix.file_descriptor.count") + 5);
  EXPECT_GT(after.at("process.memory.usage"),
            before.at("process.memory.usage") + (60 << 20));
  EXPECT_GE(after.at("process.memory.virtual"),
            after.at("process.memory.usage"));
  EXPECT_GE(after.at("process.thread.count"), 1);
  EXPECT_GT(after.at("process.paging.faults minor"), 0);
  EXPECT_GE(after.at("process.uptime"), before.at("process.uptime"));
  EXPECT_GE(after.at("process.context_switches voluntary"), 0);
  for (int descriptor : opened) close(descriptor);
}

}  // namespace
}  // namespace outrigger::telemetry
