// What is true in a simulated fleet of caches, and what its answers must obey.
#ifndef OUTRIGGER_TESTS_SIMULATION_CACHE_LEDGER_H_
#define OUTRIGGER_TESTS_SIMULATION_CACHE_LEDGER_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"

namespace outrigger::simulation {

// Of one key: the database's value, and which changes the cache was told of.
class KeyLedger {
 public:
  uint64_t value() const { return value_; }
  uint64_t Change() { return ++value_; }

  // The cache has answered that it knows of `value`. `of_key`: told by the key,
  // so that loads begun before must be refused (a tag's invalidation makes them
  // useless instead).
  void Told(int pod, uint64_t value, bool of_key, MonotonicTime now) {
    told_by_pod_[pod] = std::max(told_by_pod_[pod], value);
    told_.push_back({now, value});
    if (of_key) told_of_key_ = std::max(told_of_key_, value);
    busy_ = false;
  }
  // It was not, or is not known to be.
  void NotTold() { busy_ = false; }

  // Nothing older may pass as coherent for a question asked now through `pod`.
  // `settled`: what was told before then has reached every pod.
  uint64_t Floor(int pod, MonotonicTime settled) {
    // What is so old has reached every pod, whatever happened to it.
    while (!told_.empty() && told_.front().at + kEver <= settled) {
      settled_ = std::max(settled_, told_.front().value);
      told_.pop_front();
    }
    uint64_t floor = settled_;
    for (const ToldAt& told : told_) {
      if (told.at <= settled) floor = std::max(floor, told.value);
    }
    const auto by_pod = told_by_pod_.find(pod);
    if (by_pod != told_by_pod_.end()) floor = std::max(floor, by_pod->second);
    return floor;
  }
  uint64_t told_of_key() const { return told_of_key_; }

  // One writer at a time, as a database's row lock would have it.
  bool busy() const { return busy_; }
  void Begin() { busy_ = true; }

 private:
  static constexpr Duration kEver = std::chrono::seconds(10);
  struct ToldAt {
    MonotonicTime at{};
    uint64_t value = 0;
  };

  uint64_t value_ = 1;
  bool busy_ = false;
  uint64_t told_of_key_ = 0;
  uint64_t settled_ = 0;
  std::map<int, uint64_t> told_by_pod_;
  std::deque<ToldAt> told_;
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_CACHE_LEDGER_H_
