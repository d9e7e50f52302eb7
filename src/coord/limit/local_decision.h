// Decides one limit's part by what this pod has: its own bucket, a lease, or
// what the store said before.
#ifndef OUTRIGGER_COORD_LIMIT_LOCAL_DECISION_H_
#define OUTRIGGER_COORD_LIMIT_LOCAL_DECISION_H_

#include <cstdint>

#include "coord/limit/key_table.h"
#include "coord/limit/part.h"
#include "coord/limit/pod.h"

namespace outrigger::coord {

enum class Step {
  kAllowed,    // part.verdict says so, and the cost was taken
  kDenied,     // part.verdict says so; nothing was taken
  kAskLease,   // the pod's lease does not cover it: ask for more
  kAskStore,   // only the store can say
  kTableFull,  // no room for another key
};

struct Ask {
  double cost = 1;  // 0 peeks
  int64_t max_wait_us = 0;
  int64_t now_us = 0;
  // A later try of the same question: it is no new demand.
  bool again = false;
};

// How much of past demand counts, and the longest that a lease is sized to
// last.
inline constexpr double kDemandSpanS = 0.5;

// What a lease of this shape is sized to last, in seconds: not more than a
// quarter of the time in which the bucket fills, because what is out on lease
// does not refill.
double LeaseHorizonS(const limit::Shape& shape);

// Decides `part` and takes its cost.
Step DecideHere(Pod& pod, const Ask& ask, Part& part);

// Decides `part` although the store cannot be asked: by the limit's
// on_store_loss. Never asks for anything.
Step DecideWithoutStore(Pod& pod, const Ask& ask, Part& part);

// Whether the part denies the question: decided, not allowed, not a shadow.
bool Denies(const Part& part);

// Undoes what was taken for `part` in this pod, and corrects what its verdict
// says is left. Tokens taken from the store are the caller's to refund.
void GiveBack(Pod& pod, double cost, Part& part);

// Gives back cost that an earlier question took and did not need.
void RefundPart(Pod& pod, double cost, Part& part, std::string bucket_name,
                absl::AnyInvocable<void(absl::Status)> done);

// Remembers that the store denied `cost` for that long.
void RememberDenial(Pod& pod, double cost, int64_t now_us, const Part& part);

// The step of an adaptive limit that this pod keeps by itself; answers its rate
// in tokens per second. 0 if the table is full.
double StepOwnRate(Pod& pod, bool up, int64_t now_us, const Part& part);

// One pod's share of a shape among `pods`: at least one token can be had.
limit::Shape ShareOf(limit::Shape shape, uint32_t pods);

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_LOCAL_DECISION_H_
