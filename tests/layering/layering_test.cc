// Rules of the house that a compiler does not check: who includes whom, who
// reads clocks, and how large files and folders are.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/layering/rooms.h"

namespace outrigger {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = fs::path(OUTRIGGER_SOURCE_DIR) / "src";

struct Line {
  fs::path file;
  int number;
  std::string text;
};

std::string Where(const Line& line) {
  return line.file.string() + ":" + std::to_string(line.number) + ": " +
         line.text;
}

std::vector<fs::path> Files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".h" || extension == ".cc") files.push_back(entry.path());
  }
  return files;
}

std::vector<Line> Lines(const fs::path& file) {
  std::vector<Line> lines;
  std::ifstream in(file);
  std::string text;
  for (int number = 1; std::getline(in, text); ++number) {
    lines.push_back({file, number, text});
  }
  return lines;
}

// Why the include is against the table; empty if it is not.
std::string Objection(const Room& room, bool quoted, const std::string& path) {
  const std::string top = path.substr(0, path.find('/'));
  if (quoted) {
    for (const Room& other : Rooms()) {
      if (other.folder != top) continue;
      return top == room.folder || room.may_include.count(top) != 0
                 ? ""
                 : room.folder + " may not include " + top;
    }
  }
  if (top == "absl") return "";
  for (const std::string& prefix : room.third_party) {
    if (path.rfind(prefix, 0) == 0) return "";
  }
  const bool standard =
      path.find('/') == std::string::npos || path.rfind("sys/", 0) == 0 ||
      path.rfind("netinet/", 0) == 0 || path.rfind("arpa/", 0) == 0;
  const bool known_third_party = path == "xxhash.h" || path == "zstd.h";
  if (!quoted && standard && !known_third_party) return "";
  return room.folder + " may not include third-party " + path;
}

TEST(Layering, EveryIncludeIsAllowed) {
  const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  int seen = 0;
  for (const Room& room : Rooms()) {
    ASSERT_TRUE(fs::exists(kSource / room.folder)) << room.folder;
    for (const fs::path& file : Files(kSource / room.folder)) {
      for (const Line& line : Lines(file)) {
        std::smatch match;
        if (!std::regex_search(line.text, match, include)) continue;
        ++seen;
        EXPECT_EQ(Objection(room, match[1] == "\"", match[2]), "")
            << Where(line);
      }
    }
  }
  EXPECT_GT(seen, 100);
}

TEST(Layering, EveryFolderIsARoom) {
  std::set<std::string> known;
  for (const Room& room : Rooms()) known.insert(room.folder);
  for (const auto& entry : fs::directory_iterator(kSource)) {
    if (!entry.is_directory()) continue;
    EXPECT_EQ(known.count(entry.path().filename()), 1u) << entry.path();
  }
}

TEST(Layering, TheCheckItselfFindsOffences) {
  const Room& limit = Rooms()[1];
  EXPECT_NE(Objection(limit, true, "redis/options.h"), "");
  EXPECT_NE(Objection(limit, false, "grpcpp/grpcpp.h"), "");
  EXPECT_NE(Objection(limit, false, "xxhash.h"), "");
  EXPECT_EQ(Objection(limit, true, "base/clock.h"), "");
  EXPECT_EQ(Objection(limit, false, "vector"), "");
}

TEST(Layering, OnlyBaseReadsClocksOrSleeps) {
  const std::regex clock(
      R"(system_clock|steady_clock|high_resolution_clock|absl::Now|absl::GetCurrentTime|clock_gettime|gettimeofday|std::time\(|sleep_for|sleep_until|usleep|nanosleep|absl::SleepFor|\bsleep\()");
  EXPECT_TRUE(std::regex_search("std::chrono::steady_clock::now()", clock));
  for (const fs::path& file : Files(kSource)) {
    if (fs::relative(file, kSource).begin()->string() == "base") continue;
    for (const Line& line : Lines(file)) {
      EXPECT_FALSE(std::regex_search(line.text, clock)) << Where(line);
    }
  }
}

TEST(Layering, TestsNeverSleep) {
  const std::regex sleep(
      R"(sleep_for|sleep_until|usleep\(|nanosleep\(|absl::SleepFor|\bsleep\()");
  const fs::path tests = fs::path(OUTRIGGER_SOURCE_DIR) / "tests";
  for (const fs::path& file : Files(tests)) {
    const std::string room = fs::relative(file, tests).begin()->string();
    if (room == "bench" || room == "layering") continue;
    for (const Line& line : Lines(file)) {
      EXPECT_FALSE(std::regex_search(line.text, sleep)) << Where(line);
    }
  }
}

TEST(Layering, FilesStaySmall) {
  for (const fs::path& file : Files(kSource)) {
    EXPECT_LE(Lines(file).size(), 500u) << file;
  }
}

TEST(Layering, HeadersAreGuardedByTheirPath) {
  for (const fs::path& file : Files(kSource)) {
    if (file.extension() != ".h") continue;
    std::string guard =
        "OUTRIGGER_" + fs::relative(file, kSource).string() + "_";
    for (char& c : guard)
      c = c == '/' || c == '.' ? '_' : static_cast<char>(toupper(c));
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    EXPECT_NE(text.str().find("#ifndef " + guard), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace outrigger
