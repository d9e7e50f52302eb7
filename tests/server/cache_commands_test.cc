// `outrigger cache …`, as a user or a script sees it.
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

constexpr char kProfiles[] = "cache: {namespaces: [{name: profiles}]}\n";

TEST(CacheCommandsTest, SetGetAndDelete) {
  Sidecar sidecar(kProfiles);
  Outcome outcome = sidecar.Run({"cache", "get", "profiles", "ann"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, AllOf(StartsWith("miss"), Not(HasSubstr("token"))));
  outcome = sidecar.Run({"cache", "set", "profiles", "ann", "Ann", "--ttl",
                         "1m", "--tag", "org:a"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, StartsWith("stored: version "));
  outcome = sidecar.Run({"cache", "get", "profiles", "ann"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out,
              AllOf(StartsWith("hit: version "), HasSubstr(", coherent"),
                    HasSubstr("\nAnn\n")));
  outcome = sidecar.Run({"cache", "get", "profiles", "ann", "--json"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("\"status\":\"HIT\""),
                                 HasSubstr("\"value\":\"QW5u\"")));
  EXPECT_EQ(sidecar.Run({"cache", "delete", "profiles", "ann"}).out,
            "deleted\n");
  outcome = sidecar.Run({"cache", "delete", "profiles", "ann"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "there was none\n");
}

// The hexadecimal token that `get --fill` prints.
std::string TokenIn(const std::string& text) {
  const std::string before = "--token ";
  const size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const size_t start = at + before.size();
  return text.substr(start, text.find('\n', start) - start);
}

TEST(CacheCommandsTest, ALoadIsStoredWithItsTokenUnlessSomethingCameFirst) {
  Sidecar sidecar(kProfiles);
  const std::string token =
      TokenIn(sidecar.Run({"cache", "get", "profiles", "ann", "--fill"}).out);
  ASSERT_NE(token, "");
  EXPECT_EQ(
      sidecar.Run({"cache", "set", "profiles", "ann", "Ann", "--token", token})
          .exit_code,
      0);
  const Outcome late =
      sidecar.Run({"cache", "set", "profiles", "ann", "Old", "--token", token});
  EXPECT_EQ(late.exit_code, 1);
  EXPECT_THAT(late.out, StartsWith("refused: the key was written or"));
  const Outcome first =
      sidecar.Run({"cache", "set", "profiles", "ann", "Bob", "--if-absent"});
  EXPECT_EQ(first.exit_code, 1);
  EXPECT_THAT(first.out, StartsWith("refused: there is a value, of version "));
}

TEST(CacheCommandsTest, InvalidateByTagAndGlob) {
  Sidecar sidecar(kProfiles);
  sidecar.Run({"cache", "set", "profiles", "ann", "Ann", "--tag", "org:b",
               "--tag", "org:a"});
  sidecar.Run({"cache", "set", "profiles", "bob", "Bob"});
  EXPECT_EQ(
      sidecar.Run({"cache", "invalidate", "profiles", "--tag", "org:b"}).out,
      "invalidated\n");
  EXPECT_EQ(sidecar.Run({"cache", "get", "profiles", "ann"}).exit_code, 1);
  sidecar.Run({"cache", "invalidate", "profiles", "--glob", "b*", "--soft"});
  EXPECT_THAT(sidecar.Run({"cache", "get", "profiles", "bob"}).out,
              StartsWith("stale: "));
  EXPECT_EQ(sidecar.Run({"cache", "invalidate", "profiles", "bob", "x"}).out,
            "1 invalidated\n");
  EXPECT_EQ(sidecar.Run({"cache", "warm", "profiles", "x"}).out,
            "0 loaded into this pod\n");
}

TEST(CacheCommandsTest, StatusAndTopCountWhatWasAnswered) {
  Sidecar sidecar(kProfiles);
  EXPECT_THAT(sidecar.Run({"top", "--once"}).out, Not(HasSubstr("CACHE")));
  sidecar.Run({"cache", "set", "profiles", "ann", "Ann"});
  sidecar.Run({"cache", "get", "profiles", "ann"});
  EXPECT_THAT(sidecar.Run({"cache", "status"}).out,
              AllOf(HasSubstr("NAMESPACE"), HasSubstr("profiles     s3fifo"),
                    HasSubstr("100.0%")));
  EXPECT_THAT(sidecar.Run({"top", "--once"}).out,
              AllOf(HasSubstr("CACHE"), HasSubstr("profiles")));
  EXPECT_THAT(sidecar.Run({"top", "--json"}).out,
              AllOf(HasSubstr("\"limits\":[]"),
                    HasSubstr("\"caches\":{\"namespaces\":[{\"name\":"),
                    HasSubstr("\"hits\":\"1\"")));
}

TEST(CacheCommandsTest, WatchPrintsWhatChanges) {
  Sidecar sidecar(kProfiles);
  const std::string folder = MakeFolder();
  {
    Process watch({OUTRIGGER_PROGRAM, "cache", "watch", "profiles", "--target",
                   sidecar.target()},
                  folder, {});
    // Written again until it is heard of: nobody knows when it listens.
    EXPECT_TRUE(WaitFor([&] {
      sidecar.Run({"cache", "set", "profiles", "ann", "Ann"});
      return watch.Out().find("written ann version ") != std::string::npos;
    })) << watch.Err();
    sidecar.process().Signal(SIGTERM);
    EXPECT_EQ(sidecar.process().ExitCode(), 0);
    EXPECT_EQ(watch.ExitCode(), 0) << watch.Err();
  }
  RemoveFolder(folder);
}

TEST(CacheCommandsTest, ErrorsSayWhatIsWrong) {
  Sidecar sidecar(kProfiles);
  const Outcome nowhere = sidecar.Run({"cache", "get", "nowhere", "ann"});
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_THAT(nowhere.err, HasSubstr("namespace: "));
  const Outcome behind =
      sidecar.Run({"cache", "set", "profiles", "a", "b", "--write-behind"});
  EXPECT_EQ(behind.exit_code, 2);
  EXPECT_THAT(behind.err, HasSubstr("write_behind: true"));
  const Outcome watch = sidecar.Run({"cache", "watch", "nowhere"});
  EXPECT_EQ(watch.exit_code, 2);
}

}  // namespace
}  // namespace outrigger
