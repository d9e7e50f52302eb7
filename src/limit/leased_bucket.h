// A token bucket that lends tokens to pods, as the fleet's store keeps it.
//
// The rule: available + outstanding <= burst, always. What pods hold is counted
// by the generation (span of one lease length) in which it was granted; all
// leases of generation h have lapsed at (h + 2) * lease length, and what has
// not been reported or given back by then counts as spent. So the state is of
// constant size, whatever the number of holders. redis/scripts has the same in
// Lua.
//
// A value; the caller locks. Times are microseconds of the store's clock.
#ifndef OUTRIGGER_LIMIT_LEASED_BUCKET_H_
#define OUTRIGGER_LIMIT_LEASED_BUCKET_H_

#include <cstdint>

#include "limit/shape.h"
#include "limit/token_bucket.h"

namespace outrigger::limit {

// How much of `available` tokens a pod that wants `want` is lent: half, so that
// leases shrink as the bucket runs dry; but at least `min`, and at least what
// comes in within kSmallRemainderUs, because to split less than that among pods
// costs them more questions than it is worth.
inline constexpr int64_t kSmallRemainderUs = 25'000;
double GrantOf(double available, double want, double min, const Shape& shape);

class LeasedBucket {
 public:
  // Full, with nothing out.
  LeasedBucket(const Shape& shape, int64_t lease_us, int64_t now_us);

  // As it must be assumed after the store lost its memory at `forgot_us`:
  // empty, and with nothing coming in until every lease granted before has
  // lapsed.
  static LeasedBucket Forgotten(int64_t lease_us, int64_t forgot_us);

  // Refills, and drops the leases that have lapsed. Call before all below.
  void AdvanceTo(int64_t now_us, const Shape& shape);

  Verdict Take(double cost, int64_t max_wait_us, int64_t now_us,
               const Shape& shape);
  void Refund(double cost, const Shape& shape);

  // A holder's report on tokens of a generation: spent, and given back. What
  // has lapsed, or is more than is out, is ignored.
  void Account(int64_t generation, double spent, double returned,
               const Shape& shape);

  // Grants min to want tokens: see GrantOf. 0 if less than min is available.
  double Grant(double want, double min, const Shape& shape);

  int64_t generation() const { return generation_; }
  double available() const { return bucket_.tokens; }
  double outstanding() const { return out_current_ + out_previous_; }
  int64_t as_of_us() const { return bucket_.as_of_us; }

 private:
  LeasedBucket() = default;

  TokenBucket bucket_;
  int64_t lease_us_ = 0;
  int64_t generation_ = 0;
  double out_current_ = 0;   // granted in generation_
  double out_previous_ = 0;  // granted in generation_ - 1
};

}  // namespace outrigger::limit

#endif  // OUTRIGGER_LIMIT_LEASED_BUCKET_H_
