#include "limit/local_buckets.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace outrigger::client::internal {
namespace {

constexpr std::size_t kMaxBuckets = 10000;

// Lengths keep {"a": "b"} apart from all others; the map has an order.
std::string KeyOf(const Attributes& attributes) {
  std::string key;
  for (const auto& [name, value] : attributes) {
    absl::StrAppend(&key, name.size(), ":", name, value.size(), ":", value);
  }
  return key;
}

}  // namespace

LocalBuckets::Bucket& LocalBuckets::Use(const Attributes& attributes,
                                        Instant now) {
  std::string key = KeyOf(attributes);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
    return buckets_.front();
  }
  if (buckets_.size() >= kMaxBuckets) {
    by_key_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
  buckets_.push_front({.key = key, .tokens = burst_, .as_of = now});
  by_key_.emplace(std::move(key), buckets_.begin());
  return buckets_.front();
}

Decision LocalBuckets::TryTake(const Attributes& attributes, std::uint64_t cost,
                               Instant now) {
  Decision decision;
  decision.source = Source::kFallback;
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = Use(attributes, now);
  const double seconds =
      absl::ToDoubleSeconds(Between(bucket.as_of, std::max(bucket.as_of, now)));
  bucket.tokens = std::min(burst_, bucket.tokens + seconds * rate_);
  bucket.as_of = std::max(bucket.as_of, now);
  // A cost of 0 peeks for 1.
  const double wanted = cost == 0 ? 1 : static_cast<double>(cost);
  decision.allowed = bucket.tokens >= wanted;
  if (decision.allowed) {
    bucket.tokens -= static_cast<double>(cost);
  } else if (wanted <= burst_) {
    decision.retry_after = absl::Seconds((wanted - bucket.tokens) / rate_);
  }
  decision.remaining = static_cast<std::uint64_t>(bucket.tokens);
  decision.reset_after = absl::Seconds((burst_ - bucket.tokens) / rate_);
  return decision;
}

std::size_t LocalBuckets::size() {
  absl::MutexLock lock(&mutex_);
  return buckets_.size();
}

}  // namespace outrigger::client::internal
