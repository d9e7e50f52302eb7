// Pods' links to a shared breaker store in memory: they can be cut, or hold
// commands back.
#ifndef OUTRIGGER_TESTS_SUPPORT_BREAKER_LINK_H_
#define OUTRIGGER_TESTS_SUPPORT_BREAKER_LINK_H_

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "store/memory_breaker_store.h"

namespace outrigger {

// Hears of the shared store's changes, and tells all links.
class BreakerHub final : public store::BreakerListener {
 public:
  explicit BreakerHub(store::MemoryBreakerStore& shared) : shared_(shared) {
    shared_.Listen(this);
  }
  store::MemoryBreakerStore& shared() { return shared_; }
  void Add(store::BreakerListener* link) { links_.push_back(link); }
  void Remove(store::BreakerListener* link) { std::erase(links_, link); }

  void OnChanged(const std::vector<store::BreakerKey>& keys) override {
    for (auto* link : links_) link->OnChanged(keys);
  }
  void OnUnheard() override {
    for (auto* link : links_) link->OnUnheard();
  }
  void OnHeard() override {
    for (auto* link : links_) link->OnHeard();
  }

 private:
  store::MemoryBreakerStore& shared_;
  std::vector<store::BreakerListener*> links_;
};

// One pod's link. Not thread-safe. All happens inline.
class BreakerLink final : public store::BreakerStore,
                          public store::BreakerListener {
 public:
  explicit BreakerLink(BreakerHub& hub) : hub_(hub) { hub_.Add(this); }
  ~BreakerLink() override { hub_.Remove(this); }

  // Commands fail at once, and news is not heard of.
  void Cut() {
    cut_ = true;
    listener_->OnUnheard();
  }
  void Mend() {
    cut_ = false;
    listener_->OnHeard();
  }
  // Commands are done, but their answers are lost.
  void LoseAnswers(bool lose) { lose_answers_ = lose; }
  // Reads are answered, what would write fails: all of it, or only swaps.
  void RefuseWrites(bool refuse) { refuse_swaps_ = refuse_reports_ = refuse; }
  void RefuseSwaps(bool refuse) { refuse_swaps_ = refuse; }
  // All commands on these breakers fail.
  void Lose(std::set<std::string> names) { lost_ = std::move(names); }
  // Commands pass, news does not.
  void Deafen() {
    deaf_ = true;
    listener_->OnUnheard();
  }
  void Hear() {
    deaf_ = false;
    listener_->OnHeard();
  }
  // Swaps wait until they are let go.
  void HoldSwaps() { holds_ = true; }
  void LetSwapsGo() {
    holds_ = false;
    for (auto& held : std::exchange(held_, {})) held();
  }

  bool listened() const { return listener_ != nullptr; }
  int reads() const { return reads_; }
  int reports() const { return reports_; }
  int swaps() const { return swaps_; }
  int commands() const { return reads_ + reports_ + swaps_; }

  void Listen(store::BreakerListener* listener) override {
    listener_ = listener;
    if (!cut_) listener_->OnHeard();
  }
  void Read(store::BreakerKey key,
            Callback<store::BreakerReply> done) override {
    ++reads_;
    if (IsLost(key)) return done(Lost());
    hub_.shared().Read(std::move(key), Lossy(std::move(done)));
  }
  void Report(store::BreakerReport report,
              Callback<store::BreakerReply> done) override {
    ++reports_;
    last_report_ = report;
    if (IsLost(report.key) || refuse_reports_) return done(Lost());
    hub_.shared().Report(std::move(report), Lossy(std::move(done)));
  }
  void Swap(store::BreakerSwap swap,
            Callback<store::BreakerSwapReply> done) override {
    ++swaps_;
    if (IsLost(swap.key) || refuse_swaps_) return done(Lost());
    if (holds_) {
      held_.push_back(
          [this, swap = std::move(swap), done = std::move(done)]() mutable {
            hub_.shared().Swap(std::move(swap), Lossy(std::move(done)));
          });
      return;
    }
    hub_.shared().Swap(std::move(swap), Lossy(std::move(done)));
  }
  bool reachable() const override { return !cut_; }
  const store::BreakerReport& last_report() const { return last_report_; }

  void OnChanged(const std::vector<store::BreakerKey>& keys) override {
    if (listener_ != nullptr && !cut_ && !deaf_) listener_->OnChanged(keys);
  }
  void OnUnheard() override {
    if (listener_ != nullptr && !cut_) listener_->OnUnheard();
  }
  void OnHeard() override {
    if (listener_ != nullptr && !cut_) listener_->OnHeard();
  }

 private:
  bool IsLost(const store::BreakerKey& key) const {
    return cut_ || lost_.contains(key.name);
  }
  static absl::Status Lost() { return absl::UnavailableError("cut"); }

  template <typename T>
  Callback<T> Lossy(Callback<T> done) {
    if (!lose_answers_) return done;
    return [done = std::move(done)](const absl::StatusOr<T>&) mutable {
      done(absl::DeadlineExceededError("lost"));
    };
  }

  BreakerHub& hub_;
  store::BreakerListener* listener_ = nullptr;
  bool cut_ = false;
  bool lose_answers_ = false;
  bool refuse_swaps_ = false;
  bool refuse_reports_ = false;
  bool deaf_ = false;
  std::set<std::string> lost_;
  bool holds_ = false;
  int reads_ = 0;
  int reports_ = 0;
  int swaps_ = 0;
  store::BreakerReport last_report_;
  std::vector<absl::AnyInvocable<void()>> held_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_BREAKER_LINK_H_
