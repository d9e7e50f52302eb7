// The fleet's breaker store as it is when it fails over, and a pod's bad line
// to it.
#ifndef OUTRIGGER_TESTS_SIMULATION_BREAKER_LINE_H_
#define OUTRIGGER_TESTS_SIMULATION_BREAKER_LINE_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "store/breaker_store.h"
#include "store/memory/breaker_reports.h"
#include "tests/simulation/bad_line.h"
#include "tests/simulation/world.h"

namespace outrigger::simulation {

// Keeps what each record was, so that it can lose the last writes. What it
// promises is store::BreakerStore's; records do not expire.
class SimBreakerStore {
 public:
  explicit SimBreakerStore(World& world) : world_(world) {}

  void Add(std::function<void(const store::BreakerKey&)> tell, void* who) {
    listeners_.emplace_back(who, std::move(tell));
  }
  void Remove(void* who) {
    std::erase_if(listeners_,
                  [who](const auto& one) { return one.first == who; });
  }

  store::BreakerReply Look(const store::BreakerKey& key,
                           const store::BreakerReport* report) {
    Breaker& breaker = breakers_[key];
    if (report != nullptr) breaker.reports.Take(*report, NowUs());
    return {breaker.record(), breaker.reports.Sum(NowUs()), NowUs()};
  }
  store::BreakerSwapReply Swap(const store::BreakerSwap& swap) {
    Breaker& breaker = breakers_[swap.key];
    store::BreakerSwapReply reply;
    reply.swapped = breaker.record().revision == swap.expected;
    if (reply.swapped) {
      const uint64_t last = std::max(swap.expected, swap.above);
      const uint64_t revision =
          std::max(last + 1, static_cast<uint64_t>(NowUs()));
      breaker.history.emplace_back(NowUs(),
                                   store::BreakerRecord{revision, swap.bytes});
      if (breaker.history.size() > 1000) breaker.history.pop_front();
      for (const auto& [who, tell] : listeners_) tell(swap.key);
    }
    reply.record = breaker.record();
    reply.now_us = NowUs();
    return reply;
  }

  // The writes of the last so long are gone; all of them if `by_us` is the age
  // of the world. So is what pods have reported.
  void Lose(int64_t by_us) {
    for (auto& [key, breaker] : breakers_) {
      while (!breaker.history.empty() &&
             breaker.history.back().first > NowUs() - by_us) {
        breaker.history.pop_back();
      }
      breaker.reports = {};
    }
  }

 private:
  struct Breaker {
    std::deque<std::pair<int64_t, store::BreakerRecord>> history;
    store::BreakerReports reports;
    store::BreakerRecord record() const {
      return history.empty() ? store::BreakerRecord{} : history.back().second;
    }
  };
  int64_t NowUs() const {
    constexpr int64_t k2026Us = 1'767'225'600'000'000;
    return k2026Us + world_.now_us();
  }

  World& world_;
  std::map<store::BreakerKey, Breaker> breakers_;
  // In the order in which they came: addresses differ from run to run.
  std::vector<std::pair<void*, std::function<void(const store::BreakerKey&)>>>
      listeners_;
};

class BreakerLine final : public store::BreakerStore {
 public:
  BreakerLine(World& world, SimBreakerStore& store, const Weather& weather)
      : store_(store), line_(world, weather) {
    store_.Add(
        [this](const store::BreakerKey& key) {
          line_.Tell([this, key] { listener_->OnChanged({key}); });
        },
        this);
  }
  ~BreakerLine() override { store_.Remove(this); }

  BadLine& line() { return line_; }
  // The connection is a new one: what was said in between was missed.
  void Reconnect() {
    line_.Tell([this] { listener_->OnHeard(); });
  }

  void Listen(store::BreakerListener* listener) override {
    listener_ = listener;
  }
  void Read(store::BreakerKey key,
            Callback<store::BreakerReply> done) override {
    line_.Send<store::BreakerReply>(
        true,
        [store = &store_, key](Callback<store::BreakerReply> reply) {
          reply(store->Look(key, nullptr));
        },
        std::move(done));
  }
  void Report(store::BreakerReport report,
              Callback<store::BreakerReply> done) override {
    line_.Send<store::BreakerReply>(
        true,
        [store = &store_, report](Callback<store::BreakerReply> reply) {
          reply(store->Look(report.key, &report));
        },
        std::move(done));
  }
  void Swap(store::BreakerSwap swap,
            Callback<store::BreakerSwapReply> done) override {
    line_.Send<store::BreakerSwapReply>(
        false,
        [store = &store_, swap](Callback<store::BreakerSwapReply> reply) {
          reply(store->Swap(swap));
        },
        std::move(done));
  }
  bool reachable() const override { return line_.reachable(); }

 private:
  SimBreakerStore& store_;
  store::BreakerListener* listener_ = nullptr;
  BadLine line_;
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_BREAKER_LINE_H_
