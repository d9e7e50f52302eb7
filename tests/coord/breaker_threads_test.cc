// One pod's breakers under several threads at once: for the thread sanitizer,
// and that every question is answered once.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/timer_thread.h"
#include "coord/breaker/breakers.h"
#include "store/memory_breaker_store.h"
#include "tests/support/wait_for.h"

namespace outrigger {
namespace {

using coord::BreakerState;
using coord::CallResult;
using std::chrono::milliseconds;

constexpr int kThreads = 4;
constexpr int kOperations = 5000;

// Each thread acquires, reports, watches, forces, resets and cancels at random.
class Crowd {
 public:
  Crowd()
      : timers_(clock_),
        store_(clock_),
        breakers_({}, {Options("a", false), Options("b", true)}, clock_,
                  timers_, random_, registry_, store_) {}
  ~Crowd() { timers_.Stop(); }

  coord::Breakers& breakers() { return breakers_; }
  int64_t asked() const { return asked_.load(); }
  int64_t answered() const { return answered_.load(); }
  int64_t probes() const { return probes_.load(); }

  void Run(uint64_t seed) {
    PseudoRandomSource random(seed);
    for (int i = 0; i < kOperations; ++i) Operate(random);
  }

 private:
  static breaker::BreakerOptions Options(std::string name, bool per_method) {
    breaker::BreakerOptions options;
    options.name = std::move(name);
    options.open_for = milliseconds(1);
    options.open_max = milliseconds(2);
    options.probe_timeout = milliseconds(10);
    options.recover_for = milliseconds(5);
    options.per_method = per_method;
    options.max_methods = 3;
    return options;
  }

  void Operate(RandomSource& random) {
    const std::string name = random.Next() % 2 == 0 ? "a" : "b";
    switch (random.Next() % 64) {
      case 0:
        return ByHand(name, random);
      case 1:
        return store_.Flush();
      case 2:
        return Watch(name);
      case 3:
        (void)breakers_.List("");
        return;
      case 4:
        breakers_.Update({Options("a", false), Options("b", true)});
        return;
      case 5:
        (void)registry_.Collect();
        return;
      default:
        return Call(name, random, 0);
    }
  }

  void ByHand(const std::string& name, RandomSource& random) {
    ++asked_;
    const auto done = [this](const absl::StatusOr<bool>&) { ++answered_; };
    switch (random.Next() % 8) {
      case 0:
        return breakers_.Force(name, "", BreakerState::kForcedOpen, done);
      case 1:
        return breakers_.Force(name, "m1", BreakerState::kMetricsOnly, done);
      case 2:
        return breakers_.Reset(name, "", done);
      default:
        return breakers_.Force(name, "", BreakerState::kClosed, done);
    }
  }

  void Call(const std::string& name, RandomSource& random, uint64_t session) {
    const std::string method = absl::StrCat("m", random.Next() % 5);
    coord::PermitQuery query;
    query.breaker = name;
    query.method = method;
    query.session = session;
    const auto result = static_cast<CallResult>(1 + random.Next() % 3);
    ++asked_;
    coord::PermitAnswer answer;
    absl::Status error;
    if (breakers_.AcquireNow(query, &answer, &error)) {
      EXPECT_TRUE(error.ok());
      return Finish(name, method, answer, result);
    }
    const auto ticket = breakers_.AcquireLater(
        query, [=, this](const absl::StatusOr<coord::PermitAnswer>& later) {
          if (later.ok()) return Finish(name, method, *later, result);
          ++answered_;
        });
    if (random.Next() % 4 == 0) breakers_.Cancel(ticket);
  }

  void Finish(const std::string& name, const std::string& method,
              const coord::PermitAnswer& answer, CallResult result) {
    ++answered_;
    probes_ += answer.probe ? 1 : 0;
    if (!answer.allowed) return;
    coord::CallOutcome outcome;
    outcome.breaker = name;
    outcome.method = method;
    outcome.permit = answer.permit;
    outcome.generation = answer.generation;
    outcome.result = result;
    EXPECT_TRUE(breakers_.Report({outcome}).ok());
  }

  void Watch(const std::string& name) {
    PseudoRandomSource random(1);
    std::atomic<int> heard{0};
    const auto ticket = breakers_.Watch(
        {name}, [&heard](const coord::WatchedBreaker&) { ++heard; });
    ASSERT_TRUE(ticket.ok());
    Call(name, random, *ticket);
    breakers_.Unwatch(*ticket);
    EXPECT_GT(heard, 0);
  }

  SystemClock clock_;
  TimerThread timers_;
  PseudoRandomSource random_{1};
  telemetry::Registry registry_;
  store::MemoryBreakerStore store_;
  coord::Breakers breakers_;
  std::atomic<int64_t> asked_{0};
  std::atomic<int64_t> answered_{0};
  std::atomic<int64_t> probes_{0};
};

TEST(BreakerThreads, EveryQuestionIsAnsweredOnce) {
  Crowd crowd;
  std::vector<std::thread> threads;
  for (uint64_t t = 1; t <= kThreads; ++t) {
    threads.emplace_back([&crowd, t] { crowd.Run(t); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(WaitFor([&crowd] { return crowd.asked() == crowd.answered(); }))
      << crowd.asked() << " and " << crowd.answered();
  EXPECT_GT(crowd.probes(), 0);
  std::atomic<bool> drained{false};
  crowd.breakers().Drain([&drained] { drained = true; });
  EXPECT_TRUE(WaitFor([&drained] { return drained.load(); }));
  const auto views = crowd.breakers().List("");
  for (const coord::BreakerView& view : *views) {
    EXPECT_EQ(view.probes_out, 0u) << view.key.name << view.key.method;
  }
}

}  // namespace
}  // namespace outrigger
