// One pod's pool store over a real Redis, and what it hears.
#ifndef OUTRIGGER_TESTS_REDIS_POOL_POD_H_
#define OUTRIGGER_TESTS_REDIS_POOL_POD_H_

#include <gtest/gtest.h>

#include <string>

#include "redis/pod_options.h"
#include "redis/pool/pool_store.h"
#include "support/called_pod.h"
#include "support/pool_caller.h"
#include "support/wait_for.h"

namespace outrigger::redis {

// In the pool "orders-db".
class PoolPod {
 public:
  PoolPod(const Options& options, const std::string& name, uint32_t cap = 10)
      : store_(options, clock_, random_, registry_),
        call(store_, "orders-db", name) {
    EXPECT_EQ(Validate(options), absl::OkStatus());
    store_.Listen(name, &called);
    call.request.cap = call.request.overflow_above = cap;
  }

  PoolStore& store() { return store_; }
  // Waits until it can be called.
  bool Hears() {
    return WaitFor([this] { return called.back() > 0; });
  }
  // Slots, or -1: no answer.
  int Need(uint32_t need) {
    const auto answer = call.Need(need);
    return answer.ok() ? static_cast<int>(answer->slots) : -1;
  }

  // The same, asked again until there is an answer.
  store::PoolReply AnswerTo(uint32_t need) {
    PoolCaller::Answer answer;
    EXPECT_TRUE(WaitFor([&] {
      answer = call.Need(need);
      return answer.ok();
    }));
    return answer.ok() ? *answer : store::PoolReply{};
  }

  CalledPod called;

 private:
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  PoolStore store_;

 public:
  PoolCaller call;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_TESTS_REDIS_POOL_POD_H_
