// CPU profiles: taken, bounded, and in a form that pprof reads.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "admin/admin_testing.h"
#include "admin/profile/sampler.h"
#include "admin/profile/symbols.h"
#include "support/wait_for.h"

namespace outrigger::admin {

// Not in the anonymous namespace: its name is looked for.
__attribute__((noinline)) uint64_t BurnProcessorTime(std::atomic<bool>& stop) {
  uint64_t x = 1;
  while (!stop.load(std::memory_order_relaxed)) {
    for (int i = 0; i < 1000; ++i) x = x * 6364136223846793005 + 1;
  }
  return x;
}

namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A thread that is busy while it lives.
class Busy {
 public:
  Busy() : thread_([this] { sum_ = BurnProcessorTime(stop_); }) {}
  ~Busy() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> sum_{0};
  std::thread thread_;
};

std::vector<Route> ProfileRoutes(Around& around) {
  Views views;
  views.clock = &around.clock;
  views.registry = &around.registry;
  return Routes(views);
}

TEST(Profile, HasTheNamesOfOurFunctions) {
  Around around;
  const auto server = StartServer(around, ProfileRoutes(around));
  const Busy busy;
  Answer answer = Get(server->port(), "/debug/pprof/profile?seconds=1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers["content-type"], "application/octet-stream");
  const std::string profile = Gunzip(answer.body);
  EXPECT_THAT(profile, HasSubstr("outrigger::admin::BurnProcessorTime("));
  EXPECT_THAT(profile, HasSubstr("nanoseconds"));
}

TEST(Profile, IsTakenOneAtATime) {
  Around around;
  const auto server = StartServer(around, ProfileRoutes(around));
  const std::string path = "/debug/pprof/profile?seconds=60";
  {
    HttpClient first(server->port());
    first.Send(RequestText("GET", path));
    EXPECT_TRUE(WaitFor([&] {
      HttpClient second(server->port());
      second.Send(RequestText("GET", "/debug/pprof/profile?seconds=1"));
      return second.Read().status == 409;
    }));
    EXPECT_GE(around.Refused("profiles"), 1);
  }
  // The first client has gone, and its profile with it.
  EXPECT_TRUE(WaitFor([] {
    const auto sampler = Sampler::Start();
    return sampler != nullptr;
  }));
}

TEST(Profile, RefusesTimesThatMakeNoSense) {
  Around around;
  const auto server = StartServer(around, ProfileRoutes(around));
  for (const char* seconds : {"0", "61", "-1", "x", "", "1.5"}) {
    EXPECT_EQ(Get(server->port(),
                  std::string("/debug/pprof/profile?seconds=") + seconds)
                  .status,
              400)
        << seconds;
  }
  EXPECT_THAT(Get(server->port(), "/debug/pprof/").body,
              HasSubstr("go tool pprof"));
}

TEST(Sampler, SeesStacksAndStops) {
  auto sampler = Sampler::Start();
  ASSERT_NE(sampler, nullptr);
  EXPECT_EQ(Sampler::Start(), nullptr);
  std::vector<Stack> stacks;
  uint64_t dropped = 0;
  {
    const Busy busy;
    // A clock of the test's own: some time of a processor.
    const clock_t enough = std::clock() + CLOCKS_PER_SEC / 2;
    EXPECT_TRUE(WaitFor([enough] { return std::clock() >= enough; }));
    stacks = sampler->Stop(dropped);
  }
  EXPECT_EQ(dropped, 0u);
  EXPECT_GE(stacks.size(), 5u);
  Symbols symbols;
  int seen = 0;
  for (const Stack& stack : stacks) {
    ASSERT_FALSE(stack.empty());
    EXPECT_LE(stack.size(), Sampler::kMostFrames);
    for (const uintptr_t address : stack) {
      seen += symbols.NameOf(address).find("BurnProcessorTime") !=
              std::string::npos;
    }
  }
  EXPECT_GT(seen, 0);
  sampler.reset();
  EXPECT_NE(Sampler::Start(), nullptr);
}

TEST(Symbols, NameWhatTheyKnow) {
  Symbols symbols;
  EXPECT_THAT(symbols.NameOf(reinterpret_cast<uintptr_t>(&BurnProcessorTime)),
              StartsWith("outrigger::admin::BurnProcessorTime("));
  EXPECT_EQ(symbols.NameOf(1), "[unknown]");
  EXPECT_EQ(symbols.MappingOf(1), -1);
}

}  // namespace
}  // namespace outrigger::admin
