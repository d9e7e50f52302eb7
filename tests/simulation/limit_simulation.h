// A fleet of real limiters on simulated time, under faults, with a seed.
#ifndef OUTRIGGER_TESTS_SIMULATION_LIMIT_SIMULATION_H_
#define OUTRIGGER_TESTS_SIMULATION_LIMIT_SIMULATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "limit/limit_config.h"

namespace outrigger::simulation {

struct LimitOptions {
  int pods = 1000;
  uint64_t seed = 1;
  int64_t length_us = 8'000'000;
  // Demand over each limit's rate.
  double demand = 3;
  // Pods killed, paused and partitioned, messages lost, late and doubled,
  // clocks skewed, the store flushed or failed over. Without: a calm day.
  bool faults = true;
  // How demand falls on the pods.
  enum class Spread { kByseed, kEven, kOne, kNinetyFiveFive };
  Spread spread = Spread::kByseed;
};

// What became of one bucket.
struct BucketResult {
  std::string limit;
  bool bursty = false;
  double admitted = 0;
  // Of what burst + rate * time allowed.
  double share_used = 0;
  // Tokens over the promise at the worst moment; 0 or less if it held.
  double excess = 0;
};

struct LimitResult {
  bool held = true;
  uint64_t decisions = 0;
  uint64_t admitted = 0;
  uint64_t degraded = 0;
  uint64_t store_commands = 0;
  uint64_t unanswered = 0;  // by pods that were not killed
  int kills = 0, pauses = 0, partitions = 0, flushes = 0, failovers = 0;
  std::vector<BucketResult> buckets;
  // One line for people.
  std::string Line(uint64_t seed) const;
};

// The limits that a run uses: every algorithm and mode.
std::vector<limit::LimitConfig> SimulatedLimits();

LimitResult SimulateLimits(const LimitOptions& options);

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_LIMIT_SIMULATION_H_
