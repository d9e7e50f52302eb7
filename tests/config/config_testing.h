// Short ways to ask what a text and an environment mean.
#ifndef OUTRIGGER_TESTS_CONFIG_CONFIG_TESTING_H_
#define OUTRIGGER_TESTS_CONFIG_CONFIG_TESTING_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/load.h"

namespace outrigger::config {

// All problems, as `outrigger check` prints them for a file named f.
inline std::vector<std::string> Complaints(
    absl::string_view text, const Environment& environment = {}) {
  std::vector<std::string> lines;
  for (const Problem& problem : Check(text, "f", environment)) {
    lines.push_back(Format(problem, "f"));
  }
  return lines;
}

// The configuration; fails the test, and is the default one, if it is wrong.
inline Config Good(absl::string_view text,
                   const Environment& environment = {}) {
  absl::StatusOr<Config> config = ParseText(text, "f", environment);
  EXPECT_TRUE(config.ok()) << text << "\n" << config.status().message();
  return config.ok() ? *std::move(config) : Config{};
}

}  // namespace outrigger::config

#endif  // OUTRIGGER_TESTS_CONFIG_CONFIG_TESTING_H_
