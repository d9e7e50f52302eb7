// A pod's connection to the store, as bad as networks are.
#ifndef OUTRIGGER_TESTS_SIMULATION_LINK_H_
#define OUTRIGGER_TESTS_SIMULATION_LINK_H_

#include <memory>
#include <string>
#include <utility>

#include "store/limit_store.h"
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

// Like redis::LimitStore: a deadline for each command, and after one that was
// missed nothing is tried until a probe came through. Simulated time.
class Link final : public store::LimitStore {
 public:
  using OnTaken = absl::AnyInvocable<void(const store::TakeRequest&) const>;

  // `on_taken` runs when the store has taken tokens, although the answer may
  // get lost. All that is passed must outlive the world's events.
  Link(World& world, store::LimitStore& store, const Weather& weather,
       const OnTaken& on_taken)
      : state_(
            std::make_shared<State>(State{world, store, weather, on_taken})) {}
  // What is under way is done by the store all the same; nobody hears of it.
  ~Link() override { state_->closed = true; }

  void Partition(bool cut) { state_->partitioned = cut; }
  // A paused pod hears nothing until then; the store goes on.
  void PauseUntil(int64_t until_us) { state_->paused_until_us = until_us; }

  // Whether an answer to Take is being delivered right now: what it admits was
  // admitted when the store took the tokens.
  bool delivers_take() const { return state_->delivers_take; }

  void Take(store::TakeRequest request,
            Callback<store::TakeReply> done) override {
    const Shared state = state_;
    Send<store::TakeReply>(
        true,
        [state, request](store::LimitStore& store,
                         Callback<store::TakeReply> reply) {
          store.Take(request, [&](absl::StatusOr<store::TakeReply> taken) {
            if (taken->allowed) state->on_taken(request);
            reply(std::move(taken));
          });
        },
        [state, done = std::move(done)](
            absl::StatusOr<store::TakeReply> reply) mutable {
          state->delivers_take = reply.ok();
          done(std::move(reply));
          state->delivers_take = false;
        });
  }
  void Lease(store::LeaseRequest request,
             Callback<store::LeaseReply> done) override {
    const bool repeatable = request.accounts.empty();
    Send<store::LeaseReply>(
        repeatable,
        [request](store::LimitStore& store, Callback<store::LeaseReply> reply) {
          store.Lease(request, std::move(reply));
        },
        std::move(done));
  }
  void Refund(store::BucketRef bucket, double cost,
              absl::AnyInvocable<void(absl::Status)> done) override {
    Send<bool>(
        false,
        [bucket, cost](store::LimitStore& store, Callback<bool> reply) {
          store.Refund(bucket, cost,
                       [reply = std::move(reply)](absl::Status status) mutable {
                         reply(true);
                       });
        },
        [done = std::move(done)](absl::StatusOr<bool> result) mutable {
          done(result.status());
        });
  }
  void Adjust(store::AdjustRequest request, Callback<double> done) override {
    Send<double>(
        false,
        [request](store::LimitStore& store, Callback<double> reply) {
          store.Adjust(request, std::move(reply));
        },
        std::move(done));
  }
  void Heartbeat(const std::string& pod, Callback<uint32_t> done) override {
    Send<uint32_t>(
        true,
        [pod](store::LimitStore& store, Callback<uint32_t> reply) {
          store.Heartbeat(pod, std::move(reply));
        },
        std::move(done));
  }
  void Leave(const std::string& pod) override {
    if (!state_->partitioned) state_->store.Leave(pod);
  }
  uint64_t commands_sent() const override { return state_->sent; }
  bool reachable() const override { return state_->reachable; }

 private:
  static constexpr int64_t kTimeoutUs = 50'000;
  static constexpr int64_t kProbeEveryUs = 100'000;

  struct State {
    World& world;
    store::LimitStore& store;
    const Weather& weather;
    const OnTaken& on_taken;
    bool delivers_take = false;
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
        operation(state->store, [state, pending](absl::StatusOr<T> reply) {
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

#endif  // OUTRIGGER_TESTS_SIMULATION_LINK_H_
