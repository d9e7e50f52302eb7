#include "limit/leased_bucket.h"

#include <algorithm>
#include <cmath>

namespace outrigger::limit {

double GrantOf(double available, double want, double min, const Shape& shape) {
  if (want <= 0 || available < min) return 0;
  const double remainder = std::floor(shape.TokensPerMicro() *
                                      static_cast<double>(kSmallRemainderUs));
  const double most = std::max({min, std::floor(available / 2), remainder});
  return std::min({want, most, available});
}

LeasedBucket::LeasedBucket(const Shape& shape, int64_t lease_us, int64_t now_us)
    : bucket_(TokenBucket::Full(shape, now_us)),
      lease_us_(lease_us),
      generation_(now_us / lease_us) {}

LeasedBucket LeasedBucket::Forgotten(int64_t lease_us, int64_t forgot_us) {
  LeasedBucket bucket;
  bucket.lease_us_ = lease_us;
  bucket.bucket_ = {0, forgot_us + lease_us};
  bucket.generation_ = bucket.bucket_.as_of_us / lease_us;
  return bucket;
}

void LeasedBucket::AdvanceTo(int64_t now_us, const Shape& shape) {
  const int64_t now_generation = now_us / lease_us_;
  // Until a generation lapses, what it holds is missing from the cap.
  while (generation_ < now_generation && outstanding() > 0) {
    bucket_.AdvanceTo((generation_ + 1) * lease_us_, shape,
                      shape.burst - outstanding());
    out_previous_ = out_current_;
    out_current_ = 0;
    ++generation_;
  }
  generation_ = std::max(generation_, now_generation);
  bucket_.AdvanceTo(now_us, shape, shape.burst - outstanding());
}

Verdict LeasedBucket::Take(double cost, int64_t max_wait_us, int64_t now_us,
                           const Shape& shape) {
  return bucket_.Take(cost, max_wait_us, now_us, shape);
}

void LeasedBucket::Refund(double cost, const Shape& shape) {
  bucket_.Refund(cost, shape.burst - outstanding());
}

void LeasedBucket::Account(int64_t generation, double spent, double returned,
                           const Shape& shape) {
  double* out = generation == generation_       ? &out_current_
                : generation == generation_ - 1 ? &out_previous_
                                                : nullptr;
  if (out == nullptr) return;
  *out -= std::min(spent, *out);
  const double credit = std::min(returned, *out);
  *out -= credit;
  bucket_.Refund(credit, shape.burst - outstanding());
}

double LeasedBucket::Grant(double want, double min, const Shape& shape) {
  const double granted =
      GrantOf(std::floor(bucket_.tokens + kTokenEpsilon), want, min, shape);
  bucket_.tokens -= granted;
  out_current_ += granted;
  return granted;
}

}  // namespace outrigger::limit
