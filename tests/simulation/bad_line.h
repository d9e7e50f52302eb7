// The way between a pod and the store, as bad as networks are.
#ifndef OUTRIGGER_TESTS_SIMULATION_BAD_LINE_H_
#define OUTRIGGER_TESTS_SIMULATION_BAD_LINE_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "tests/simulation/world.h"

namespace outrigger::simulation {

// What messages suffer.
struct Weather {
  double mean_delay_us = 300;
  // Share of messages that take 20 to 200 ms instead.
  double late = 0.005;
  double lost = 0.005;
  // Share of messages that arrive twice. Only those that the real client may
  // send again do: a message that gives tokens back or reports them is never
  // repeated (store::LimitStore), and TCP delivers each once.
  double twice = 0.005;
};

// Like a Redis client: a deadline for each command, and after one that was
// missed nothing is tried until a probe came through. Simulated time.
class BadLine {
 public:
  template <typename T>
  using Callback = absl::AnyInvocable<void(absl::StatusOr<T>)>;

  // All that is passed must outlive the world's events.
  BadLine(World& world, const Weather& weather)
      : state_(std::make_shared<State>(State{world, weather})) {}
  // What is under way is done by the store all the same; nobody hears of it.
  ~BadLine() { state_->closed = true; }

  void Partition(bool cut) { state_->partitioned = cut; }
  // A paused pod hears nothing until then; the store goes on.
  void PauseUntil(int64_t until_us) { state_->paused_until_us = until_us; }

  bool partitioned() const { return state_->partitioned; }
  bool reachable() const { return state_->reachable; }
  uint64_t sent() const { return state_->sent; }

  // `operation(Callback<T>)` runs at the store, and gives the answer. A
  // repeatable one may run twice.
  template <typename T, typename Operation>
  void Send(bool repeatable, Operation operation, Callback<T> done) {
    const Shared state = state_;
    if (!state->reachable) return done(absl::UnavailableError("known lost"));
    ++state->sent;
    auto pending = std::make_shared<Pending<T>>();
    pending->done = std::move(done);
    World& world = state->world;
    world.At(world.now_us() + kTimeoutUs, [state, pending] {
      AfterPause(state, [state, pending] {
        if (state->closed || pending->finished) return;
        if (std::exchange(state->reachable, false)) Probe(state);
        pending->Finish(absl::DeadlineExceededError("no answer in time"));
      });
    });
    const int copies = repeatable && world.Chance(state->weather.twice) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      if (state->Drops()) continue;
      world.At(world.now_us() + state->Delay(), [state, pending, operation] {
        operation([state, pending](absl::StatusOr<T> reply) {
          if (state->Drops()) return;
          World& world = state->world;
          world.At(world.now_us() + state->Delay(),
                   [state, pending, reply = std::move(reply)] {
                     AfterPause(state, [state, pending, reply] {
                       if (!state->closed) pending->Finish(reply);
                     });
                   });
        });
      });
    }
  }

  // News from the store; `work` does not run if it gets lost.
  void Tell(std::function<void()> work) {
    const Shared state = state_;
    if (state->Drops()) return;
    state->world.At(state->world.now_us() + state->Delay(), [state, work] {
      AfterPause(state, [state, work] {
        if (!state->closed) work();
      });
    });
  }

 private:
  static constexpr int64_t kTimeoutUs = 50'000;
  static constexpr int64_t kProbeEveryUs = 100'000;

  struct State {
    World& world;
    const Weather& weather;
    bool closed = false;
    bool partitioned = false;
    bool reachable = true;
    int64_t paused_until_us = 0;
    uint64_t sent = 0;

    int64_t Delay() {
      return world.Chance(weather.late)
                 ? 20'000 + static_cast<int64_t>(world.Uniform() * 180'000)
                 : world.Exponential(weather.mean_delay_us);
    }
    bool Drops() { return partitioned || world.Chance(weather.lost); }
  };
  using Shared = std::shared_ptr<State>;

  template <typename T>
  struct Pending {
    Callback<T> done;
    bool finished = false;
    void Finish(absl::StatusOr<T> result) {
      if (std::exchange(finished, true)) return;
      done(std::move(result));
    }
  };

  static void AfterPause(const Shared& state, absl::AnyInvocable<void()> work) {
    if (state->paused_until_us <= state->world.now_us()) return work();
    state->world.At(state->paused_until_us, std::move(work));
  }

  static void Probe(const Shared& state) {
    World& world = state->world;
    world.At(world.now_us() + kProbeEveryUs, [state] {
      if (state->closed) return;
      if (state->partitioned ||
          state->paused_until_us > state->world.now_us()) {
        return Probe(state);
      }
      state->reachable = true;
    });
  }

  const Shared state_;
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_BAD_LINE_H_
