// One pod's breaker store over a real Redis, and what it hears.
#ifndef OUTRIGGER_TESTS_REDIS_BREAKER_POD_H_
#define OUTRIGGER_TESTS_REDIS_BREAKER_POD_H_

#include <gtest/gtest.h>

#include "redis/breaker/breaker_store.h"
#include "redis/pod_options.h"
#include "support/breaker_calls.h"
#include "support/heard_breakers.h"
#include "support/wait_for.h"

namespace outrigger::redis {

class BreakerPod {
 public:
  explicit BreakerPod(const Options& options, bool listens = true)
      : store_(options, clock_, random_, registry_) {
    EXPECT_EQ(Validate(options), absl::OkStatus());
    if (listens) store_.Listen(&heard);
  }

  BreakerStore& store() { return store_; }
  // Waits until changes are heard of, or are not.
  bool Hears() {
    return WaitFor([this] { return heard.hears(); });
  }
  bool IsDeaf() {
    return WaitFor([this] { return !heard.hears(); });
  }
  // Waits until it has heard of a change of `key`.
  bool HearsOf(const store::BreakerKey& key) {
    return WaitFor([&] { return heard.changes(key) > 0; });
  }
  // What is read, asked again until there is an answer.
  store::BreakerReply AnswerOf(const store::BreakerKey& key) {
    absl::StatusOr<store::BreakerReply> reply;
    EXPECT_TRUE(WaitFor([&] {
      reply = call.Read(key);
      return reply.ok();
    }));
    return reply.ok() ? *reply : store::BreakerReply{};
  }

  HeardBreakers heard;

 private:
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  BreakerStore store_;

 public:
  BreakerCaller call{store_};
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_TESTS_REDIS_BREAKER_POD_H_
