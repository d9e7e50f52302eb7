// A limiter's connection to the store, as bad as networks are.
#ifndef OUTRIGGER_TESTS_SIMULATION_LINK_H_
#define OUTRIGGER_TESTS_SIMULATION_LINK_H_

#include <memory>
#include <string>
#include <utility>

#include "store/limit_store.h"
#include "tests/simulation/bad_line.h"

namespace outrigger::simulation {

class Link final : public store::LimitStore {
 public:
  using OnTaken = absl::AnyInvocable<void(const store::TakeRequest&) const>;

  // `on_taken` runs when the store has taken tokens, although the answer may
  // get lost. All that is passed must outlive the world's events.
  Link(World& world, store::LimitStore& store, const Weather& weather,
       const OnTaken& on_taken)
      : line_(world, weather), store_(store), on_taken_(on_taken) {}

  BadLine& line() { return line_; }

  // Whether an answer to Take is being delivered right now: what it admits was
  // admitted when the store took the tokens.
  bool delivers_take() const { return *delivers_take_; }

  void Take(store::TakeRequest request,
            Callback<store::TakeReply> done) override {
    line_.Send<store::TakeReply>(
        true,
        [&store = store_, &on_taken = on_taken_,
         request](Callback<store::TakeReply> reply) {
          store.Take(request, [&](absl::StatusOr<store::TakeReply> taken) {
            if (taken->allowed) on_taken(request);
            reply(std::move(taken));
          });
        },
        [delivers = delivers_take_, done = std::move(done)](
            absl::StatusOr<store::TakeReply> reply) mutable {
          *delivers = reply.ok();
          done(std::move(reply));
          *delivers = false;
        });
  }
  void Lease(store::LeaseRequest request,
             Callback<store::LeaseReply> done) override {
    const bool repeatable = request.accounts.empty();
    line_.Send<store::LeaseReply>(
        repeatable,
        [&store = store_, request](Callback<store::LeaseReply> reply) {
          store.Lease(request, std::move(reply));
        },
        std::move(done));
  }
  void Refund(store::BucketRef bucket, double cost,
              absl::AnyInvocable<void(absl::Status)> done) override {
    line_.Send<bool>(
        false,
        [&store = store_, bucket, cost](Callback<bool> reply) {
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
    line_.Send<double>(
        false,
        [&store = store_, request](Callback<double> reply) {
          store.Adjust(request, std::move(reply));
        },
        std::move(done));
  }
  void Heartbeat(const std::string& pod, Callback<uint32_t> done) override {
    line_.Send<uint32_t>(
        true,
        [&store = store_, pod](Callback<uint32_t> reply) {
          store.Heartbeat(pod, std::move(reply));
        },
        std::move(done));
  }
  void Leave(const std::string& pod) override {
    if (!line_.partitioned()) store_.Leave(pod);
  }
  uint64_t commands_sent() const override { return line_.sent(); }
  bool reachable() const override { return line_.reachable(); }

 private:
  BadLine line_;
  store::LimitStore& store_;
  const OnTaken& on_taken_;
  const std::shared_ptr<bool> delivers_take_ = std::make_shared<bool>(false);
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_LINK_H_
