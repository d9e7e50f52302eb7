// `outrigger cache simulate`, as people call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace outrigger::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran RunSimulate(std::vector<const char*> words) {
  words.insert(words.begin(), {"outrigger", "cache", "simulate"});
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.code = RunCommand(static_cast<int>(words.size()), words.data(), {},
                        {CacheSimulateCommand()});
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

const char kWeb07[] = OUTRIGGER_TRACES "/web07.trace";
const char kCloudPhysics[] =
    OUTRIGGER_TRACES "/cloudPhysicsIO.oracleGeneral.bin";

TEST(SimulateCommandTest, PrintsATableOfPoliciesAndSizes) {
  const Ran ran =
      RunSimulate({kWeb07, "--policy", "lru,s3fifo", "--entries", "500,1000"});
  EXPECT_EQ(ran.code, kOk) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("76118 requests for 20484 keys"),
                             HasSubstr("45.58%"), HasSubstr("50.03%")));
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 3 + 4);
}

TEST(SimulateCommandTest, TakesSizesInBytesAndPrintsJson) {
  const Ran ran = RunSimulate(
      {kCloudPhysics, "--policy=s3fifo", "--bytes=128MiB,268435456", "--json"});
  EXPECT_EQ(ran.code, kOk) << ran.err;
  EXPECT_THAT(
      ran.out,
      AllOf(HasSubstr("\"policy\":\"s3fifo\",\"bytes\":134217728,"
                      "\"requests\":113872,\"misses\":89307"),
            HasSubstr("\"bytes\":268435456"), HasSubstr("\"misses\":82387")));
}

TEST(SimulateCommandTest, WithoutAPolicyItTriesAll) {
  const Ran ran = RunSimulate({kWeb07, "--entries", "500"});
  for (const char* policy : {"lru", "lfu", "ttl", "s3fifo", "tinylfu"}) {
    EXPECT_THAT(ran.out, HasSubstr(policy));
  }
}

TEST(SimulateCommandTest, SaysWhatIsWrong) {
  const auto expect = [](std::vector<const char*> words, int code,
                         const std::string& message) {
    const Ran ran = RunSimulate(std::move(words));
    EXPECT_EQ(ran.code, code) << message;
    EXPECT_THAT(ran.err, HasSubstr(message));
    EXPECT_EQ(ran.out, "");
  };
  expect({"--entries", "5"}, kError, "name one trace");
  expect({kWeb07}, kError, "either --entries or --bytes");
  expect({kWeb07, "--entries", "5", "--bytes", "5"}, kError, "either");
  expect({kWeb07, "--entries", "5,"}, kError, "--entries");
  expect({kWeb07, "--entries", "0"}, kError, "--entries");
  expect({kWeb07, "--bytes", "5 apples"}, kError, "--bytes");
  expect({kWeb07, "--entries", "5", "--policy", "tinylru"}, kError, "tinylru");
  expect({kWeb07, "--entries", "5", "--format", "csv"}, kError, "csv");
  expect({"/nowhere/trace", "--entries", "5"}, kNo, "/nowhere/trace");
  expect({kWeb07, "--entries", "5", "--format", "oracle"}, kNo, "byte 304464");
}

}  // namespace
}  // namespace outrigger::cli
