// `outrigger breaker …` and `outrigger pool …`, as a user or a script sees
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "server/program.h"
#include "support/wait_for.h"

namespace outrigger {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kConfig[] =
    "breakers:\n"
    "- {name: payments, consecutive_failures: 3, open_for: 1h}\n"
    "- {name: api, per_method: true}\n"
    "pools:\n"
    "- name: db\n"
    "  max_connections: 1\n"
    "  endpoints: [{address: '10.0.0.1:5432', role: primary, zone: a}]\n";

// The number after `before`.
std::string NumberAfter(const std::string& text, const std::string& before) {
  const size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const size_t start = at + before.size();
  return text.substr(start,
                     text.find_first_not_of("0123456789", start) - start);
}

TEST(BreakerCommandsTest, AcquireReportAndList) {
  Sidecar sidecar(kConfig);
  Outcome outcome = sidecar.Run({"breaker", "acquire", "payments"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, StartsWith("allowed: closed, permit "));
  const std::string permit = NumberAfter(outcome.out, "permit ");
  outcome = sidecar.Run(
      {"breaker", "report", "payments", "failure", "--permit", permit});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "counted\n");
  outcome = sidecar.Run(
      {"breaker", "report", "payments", "failure", "--permit", permit});
  EXPECT_EQ(outcome.exit_code, 1) << "twice";
  EXPECT_EQ(sidecar
                .Run({"breaker", "report", "payments", "failure", "--count",
                      "2", "--duration", "20ms"})
                .exit_code,
            0);
  ASSERT_TRUE(WaitFor([&] {
    return sidecar.Run({"breaker", "acquire", "payments"}).exit_code == 1;
  }));
  outcome = sidecar.Run({"breaker", "acquire", "payments"});
  EXPECT_THAT(outcome.out,
              AllOf(StartsWith("denied: open, "), HasSubstr("retry after ")));
  outcome = sidecar.Run({"breaker", "list"});
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("payments     open"), HasSubstr("probes in "),
                    HasSubstr("api          closed")));
  EXPECT_THAT(sidecar.Run({"top", "--once"}).out,
              AllOf(HasSubstr("BREAKER"), HasSubstr("payments"),
                    HasSubstr("POOL"), Not(HasSubstr("\napi"))));
}

TEST(BreakerCommandsTest, ForceAndReset) {
  Sidecar sidecar(kConfig);
  EXPECT_EQ(sidecar.Run({"breaker", "force", "payments", "open"}).out,
            "done\n");
  EXPECT_THAT(sidecar.Run({"breaker", "list", "payments", "--json"}).out,
              HasSubstr("\"state\":\"FORCED_OPEN\""));
  EXPECT_EQ(sidecar.Run({"breaker", "acquire", "payments"}).exit_code, 1);
  EXPECT_EQ(sidecar.Run({"breaker", "force", "payments", "release"}).exit_code,
            0);
  EXPECT_EQ(sidecar.Run({"breaker", "acquire", "payments"}).exit_code, 0);
  EXPECT_EQ(sidecar.Run({"breaker", "reset", "payments"}).exit_code, 0);
  Outcome outcome = sidecar.Run({"breaker", "force", "payments", "ajar"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("ajar is not one of open, closed"));
  outcome = sidecar.Run({"breaker", "reset", "nowhere"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("nowhere"));
}

TEST(PoolCommandsTest, AcquireStatusAndRelease) {
  Sidecar sidecar(kConfig);
  Outcome outcome = sidecar.Run({"pool", "acquire", "db", "--role", "primary"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(StartsWith("acquired: lease "),
                                 HasSubstr("10.0.0.1:5432 (primary, zone a)"),
                                 HasSubstr("expires in ")));
  const std::string lease = NumberAfter(outcome.out, "lease ");
  outcome = sidecar.Run({"pool", "acquire", "db", "--max-wait", "0"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, StartsWith("none: timeout, try again"));
  outcome = sidecar.Run({"pool", "status"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("10.0.0.1:5432"),
                                 HasSubstr("lease " + lease + " held for ")));
  EXPECT_THAT(sidecar.Run({"pool", "status", "db", "--json"}).out,
              HasSubstr("\"in_use\":1"));
  EXPECT_EQ(sidecar.Run({"pool", "release", lease}).out, "released\n");
  EXPECT_EQ(sidecar.Run({"pool", "release", lease}).exit_code, 1);
  outcome = sidecar.Run({"pool", "release", "x"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("x is not a lease's number"));
  EXPECT_EQ(sidecar.Run({"pool", "acquire", "db", "--role", "king"}).exit_code,
            2);
}

TEST(DecidingTest, BreakersAndPoolsFollowTheFile) {
  Sidecar sidecar(kConfig);
  ASSERT_EQ(sidecar.Run({"breaker", "force", "payments", "open"}).exit_code, 0);
  sidecar.WriteConfig(
      "breakers: [{name: payments, open_for: 2h}, {name: new}]\n"
      "pools: [{name: db, max_connections: 3}]\n");
  ASSERT_TRUE(WaitFor([&] {
    return sidecar.Run({"breaker", "list", "new"}).exit_code == 0;
  }));
  EXPECT_EQ(sidecar.Run({"breaker", "acquire", "payments"}).exit_code, 1)
      << "it keeps its state";
  ASSERT_TRUE(WaitFor([&] {
    return sidecar.Run({"pool", "acquire", "db"}).exit_code == 0 &&
           sidecar.Run({"pool", "status", "db", "--json"})
                   .out.find("\"max_connections\":3") != std::string::npos;
  }));
  sidecar.process().Signal(SIGTERM);
  EXPECT_EQ(sidecar.process().ExitCode(), 0);
}

}  // namespace
}  // namespace outrigger
