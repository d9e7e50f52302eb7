// One pod's link to a shared store, which can be cut, and counts.
#ifndef OUTRIGGER_TESTS_SUPPORT_LOSSY_STORE_H_
#define OUTRIGGER_TESTS_SUPPORT_LOSSY_STORE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "store/limit_store.h"

namespace outrigger {

// Passes operations on, or fails them while cut. Not thread-safe. With
// `hold_answers`, operations are done but their answers wait for Release().
class LossyStore final : public store::LimitStore {
 public:
  explicit LossyStore(store::LimitStore& shared) : shared_(shared) {}

  // From now on nothing is reached. `known`: the pod knows it already.
  void Cut(bool known) {
    cut_ = true;
    reachable_ = !known;
  }
  void Mend() {
    cut_ = false;
    reachable_ = true;
  }
  void HoldAnswers() { holding_ = true; }
  void Release() {
    holding_ = false;
    std::vector<absl::AnyInvocable<void()>> held = std::move(held_);
    held_.clear();
    for (auto& answer : held) answer();
  }
  int takes() const { return takes_; }
  int leases() const { return leases_; }

  void Take(store::TakeRequest request,
            Callback<store::TakeReply> done) override {
    ++takes_;
    if (cut_) return done(Lost());
    shared_.Take(std::move(request), Held(std::move(done)));
  }
  void Lease(store::LeaseRequest request,
             Callback<store::LeaseReply> done) override {
    ++leases_;
    if (cut_) return done(Lost());
    shared_.Lease(std::move(request), Held(std::move(done)));
  }
  void Refund(store::BucketRef bucket, double cost,
              absl::AnyInvocable<void(absl::Status)> done) override {
    if (cut_) return done(Lost());
    shared_.Refund(std::move(bucket), cost, std::move(done));
  }
  void Adjust(store::AdjustRequest request, Callback<double> done) override {
    if (cut_) return done(Lost());
    shared_.Adjust(std::move(request), std::move(done));
  }
  void Heartbeat(const std::string& pod, Callback<uint32_t> done) override {
    if (cut_) return done(Lost());
    shared_.Heartbeat(pod, std::move(done));
  }
  void Leave(const std::string& pod) override {
    if (!cut_) shared_.Leave(pod);
  }
  uint64_t commands_sent() const override { return takes_ + leases_; }
  bool reachable() const override { return reachable_; }

 private:
  static absl::Status Lost() {
    return absl::UnavailableError("the link is cut");
  }

  template <typename T>
  Callback<T> Held(Callback<T> done) {
    if (!holding_) return done;
    return [this, done = std::move(done)](absl::StatusOr<T> reply) mutable {
      held_.push_back(
          [done = std::move(done), reply = std::move(reply)]() mutable {
            done(std::move(reply));
          });
    };
  }

  store::LimitStore& shared_;
  bool cut_ = false;
  bool reachable_ = true;
  bool holding_ = false;
  int takes_ = 0;
  int leases_ = 0;
  std::vector<absl::AnyInvocable<void()>> held_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_LOSSY_STORE_H_
