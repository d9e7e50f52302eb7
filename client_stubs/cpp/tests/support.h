// What the tests share: the real sidecar that they run beside.
#ifndef OUTRIGGER_CLIENT_TESTS_SUPPORT_H_
#define OUTRIGGER_CLIENT_TESTS_SUPPORT_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/session.h"
#include "core/target.h"
#include "outrigger/client.h"

namespace outrigger::client {

// A client with patience: this machine may be busy.
inline Options Patient() {
  Options options;
  options.timeout = absl::Seconds(20);
  return options;
}

inline Client Connected(Options options = Patient()) {
  absl::StatusOr<Client> client = Client::Connect(std::move(options));
  EXPECT_TRUE(client.ok()) << client.status();
  return *std::move(client);
}

// A client of a socket that nobody listens on.
inline Options WithoutSidecar() {
  Options options = Patient();
  options.target = "unix:/nowhere/outrigger.sock";
  return options;
}

// Never the same twice, so that no test meets what another left.
inline std::string Unique(const std::string& what) {
  static std::atomic<int> count{0};
  return absl::StrCat(what, "-", getpid(), "-", count++);
}

// Whether `condition` holds within 20 s.
template <class Condition>
bool Eventually(Condition condition) {
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

// A client from within.
class OpenSession {
 public:
  explicit OpenSession(Options options = Patient())
      : session_(std::make_shared<internal::Session>(
            options,
            internal::Channel::To(*internal::ResolveTarget(options.target)))) {}
  ~OpenSession() { session_->Close(); }

  internal::Session* operator->() { return session_.get(); }
  const std::shared_ptr<internal::Session>& get() const { return session_; }

 private:
  std::shared_ptr<internal::Session> session_;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_CLIENT_TESTS_SUPPORT_H_
