// A sidecar that hangs.
#ifndef OUTRIGGER_CLIENT_TESTS_HANG_H_
#define OUTRIGGER_CLIENT_TESTS_HANG_H_

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "support.h"

namespace outrigger::client {

// The sidecar hangs for as long as this is there.
class Hang {
 public:
  Hang() : pid_(std::atoi(std::getenv("OUTRIGGER_SIDECAR_PID"))) {
    kill(pid_, SIGSTOP);
    EXPECT_TRUE(Eventually([this] { return AllThreadsStopped(); }));
  }
  ~Hang() { kill(pid_, SIGCONT); }

 private:
  bool AllThreadsStopped() const {
    std::error_code error;
    for (const auto& thread : std::filesystem::directory_iterator(
             absl::StrCat("/proc/", pid_, "/task"), error)) {
      std::ifstream file(thread.path() / "stat");
      const std::string stat(std::istreambuf_iterator<char>(file), {});
      if (!stat.empty() && stat.find(") T ") == std::string::npos) return false;
    }
    return !error;
  }

  const pid_t pid_;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_CLIENT_TESTS_HANG_H_
