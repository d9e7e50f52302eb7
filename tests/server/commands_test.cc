// The command line, as a user or a script sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/program.h"

namespace outrigger {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kLimits[] =
    "limits:\n"
    "- {name: per_user, key: [user], rate: 3/1h}\n"
    "- {name: upstream, key: [service], algorithm: adaptive,\n"
    "   adaptive: {initial: 100/1s, floor: 10/1s, ceiling: 200/1s,\n"
    "              increase: 10, decrease: 20}}\n";

TEST(CommandsTest, ServeSaysWhereAndWhatAndHowToTry) {
  Sidecar sidecar(kLimits);
  EXPECT_THAT(
      sidecar.process().Out(),
      AllOf(HasSubstr(sidecar.target()), HasSubstr("embedded"),
            HasSubstr("per_user: 3 per 1h"),
            HasSubstr("allow --target " + sidecar.target() + " user=42")));
}

TEST(CommandsTest, AllowSaysYesAndThenNo) {
  Sidecar sidecar(kLimits);
  Outcome outcome = sidecar.Run({"allow", "user=42", "--cost", "3"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, StartsWith("allowed by per_user: 0 left"));
  outcome = sidecar.Run({"allow", "user=42"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, StartsWith("denied by per_user: retry after"));
  outcome = sidecar.Run({"allow", "user=42", "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("\"allowed\":false"), HasSubstr("retry_after")));
  outcome = sidecar.Run({"allow", "route=/x"});
  EXPECT_EQ(outcome.out, "allowed: no limit applies\n");
  outcome = sidecar.Run({"allow", "user=43", "--detail"});
  EXPECT_THAT(outcome.out, HasSubstr("allows, 2 left of 3"));
}

TEST(CommandsTest, RefundGivesBackAndReportMovesTheRate) {
  Sidecar sidecar(kLimits);
  sidecar.Run({"allow", "user=42", "--cost", "3"});
  EXPECT_EQ(sidecar.Run({"refund", "user=42", "--cost=2"}).exit_code, 0);
  EXPECT_EQ(sidecar.Run({"allow", "user=42", "--cost", "2"}).exit_code, 0);
  const Outcome report =
      sidecar.Run({"report", "service=pay", "--result", "failure"});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.out, "the rate is now 80 a second\n");
}

TEST(CommandsTest, TopPrintsOneTable) {
  Sidecar sidecar(kLimits);
  sidecar.Run({"allow", "user=42"});
  const Outcome outcome = sidecar.Run({"top", "--once"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("LIMIT"), HasSubstr("per_user"),
                    HasSubstr("adaptive leased"), Not(HasSubstr("\x1b"))));
}

TEST(CommandsTest, ProbeTellsWhetherOneServes) {
  Sidecar sidecar(kLimits);
  EXPECT_EQ(sidecar.Run({"probe"}).exit_code, 0);
  EXPECT_EQ(sidecar.Run({"probe", "--ready"}).out, "SERVING\n");
  const Outcome none =
      RunOutrigger({"probe", "--target", sidecar.File("none.sock")});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("no sidecar answers on unix:"));
  const Outcome wrong = sidecar.Run({"probe", "--wait", "long"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--wait: "));
}

TEST(CommandsTest, TheTargetIsFoundInTheEnvironment) {
  Sidecar sidecar(kLimits);
  EXPECT_EQ(
      RunOutrigger({"probe"}, {{"OUTRIGGER_TARGET", sidecar.socket()}}).out,
      "SERVING\n");
}

TEST(CommandsTest, CheckNamesFileAndLine) {
  const std::string folder = MakeFolder();
  const std::string file = folder + "/c.yaml";
  WriteFile(file, "limits:\n- {name: a, key: [user], rte: 1/1s}\n");
  Outcome outcome = RunOutrigger({"check", file});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(StartsWith(file + ":2: "), HasSubstr("rte")));
  WriteFile(file, "limits:\n- {name: a, key: [user], rate: 1/1s}\n");
  outcome = RunOutrigger({"check", file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(RunOutrigger({"check", folder + "/none"}).exit_code, 1);
  outcome = RunOutrigger({"serve", "--config", folder + "/none"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/none"));
  RemoveFolder(folder);
}

struct Usage {
  std::vector<std::string> words;
  int exit_code;
  std::string says;
};

TEST(CommandsTest, WrongUsageIsToldWithWhatWasMeant) {
  const Usage usages[] = {
      {{}, 2, "outrigger serve"},
      {{"alow"}, 2, "did you mean allow?"},
      {{"cache"}, 2, "outrigger cache get NS KEY"},
      {{"cache", "--help"}, 0, "outrigger cache set NS KEY VALUE"},
      {{"cache", "gte"}, 2, "did you mean cache get?"},
      {{"cache", "get", "a"}, 2, "a namespace and a key"},
      {{"cache", "get", "a", "b", "--min-version", "x"},
       2,
       "x is not a number"},
      {{"cache", "set", "a", "b"}, 2, "a namespace, a key and a value"},
      {{"cache", "set", "a", "b", "c", "--absent"}, 2, "no value: --absent"},
      {{"cache", "set", "a", "b", "c", "--ttl", "5"}, 2, "--ttl: "},
      {{"cache", "set", "a", "b", "c", "--token", "xy"}, 2, "in hexadecimal"},
      {{"cache", "set", "a", "b", "c", "--if-absent", "--if-version", "3"},
       2,
       "only one of them"},
      {{"cache", "delete", "a"}, 2, "a namespace and a key"},
      {{"cache", "invalidate"}, 2, "keys, tags or a glob"},
      {{"cache", "status", "a"}, 2, "no operands"},
      {{"help", "cache", "get"}, 0, "--fill"},
      {{"cache", "simulate", "--help"}, 0, "--entries"},
      {{"allow", "--cots", "3"}, 2, "did you mean cost?"},
      {{"allow", "--cost"}, 2, "--cost needs a value"},
      {{"allow", "--cost", "x"}, 2, "x is not a number"},
      {{"allow", "user"}, 2, "name=value"},
      {{"allow", "--max-wait", "3"}, 2, "--max-wait: "},
      {{"report", "a=b"}, 2, "success, failure or throttled"},
      {{"check"}, 2, "name one file"},
      {{"serve", "x.yaml"}, 2, "--config FILE"},
      {{"version"}, 0, "outrigger 0."},
      {{"--version"}, 0, "outrigger 0."},
      {{"help"}, 0, "outrigger allow"},
      {{"help", "allow"}, 0, "--max-wait TIME"},
      {{"top", "--help"}, 0, "NO_COLOR"},
  };
  for (const Usage& usage : usages) {
    const Outcome outcome = RunOutrigger(usage.words);
    EXPECT_EQ(outcome.exit_code, usage.exit_code) << usage.says;
    EXPECT_THAT(outcome.exit_code == 0 ? outcome.out : outcome.err,
                HasSubstr(usage.says));
  }
}

}  // namespace
}  // namespace outrigger
