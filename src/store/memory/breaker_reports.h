// What the pods have reported of one breaker, in memory.
#ifndef OUTRIGGER_STORE_MEMORY_BREAKER_REPORTS_H_
#define OUTRIGGER_STORE_MEMORY_BREAKER_REPORTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "store/breaker_store.h"

namespace outrigger::store {

// Keeps each pod's last snapshot until it expires, and their sum as it goes:
// a report costs about log(pods). Not thread-safe; times never go back.
class BreakerReports {
 public:
  void Take(const BreakerReport& report, int64_t now_us);
  // With nothing left, also the generation is forgotten.
  const BreakerEvidence& Sum(int64_t now_us);
  // Since the last call of the two above.
  bool empty() const { return pods_.empty(); }

 private:
  struct Snapshot {
    BreakerSeen seen;
    bool bad = false;
    int64_t until_us = 0;
  };

  void Add(const std::string& pod, const Snapshot& snapshot);
  void Remove(const std::string& pod);
  void Expire(int64_t now_us);
  void Forget();

  std::map<std::string, Snapshot> pods_;
  std::set<std::pair<int64_t, std::string>> expiries_;
  BreakerEvidence sum_;
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_BREAKER_REPORTS_H_
