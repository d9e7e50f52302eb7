#include "breaker/window.h"

#include <algorithm>

namespace outrigger::breaker {
namespace {

void AddTo(Tally* tally, bool failed, bool slow, uint64_t calls) {
  tally->calls += calls;
  tally->failures += failed ? calls : 0;
  tally->slow += slow ? calls : 0;
}

}  // namespace

void Window::Reshape(const Shape& shape) {
  shape_ = shape;
  tenth_ns_ = std::max<int64_t>(1, shape.time.count() / int64_t{kBuckets});
  ring_ = std::vector<uint8_t>(static_cast<size_t>(shape.calls));
  Clear();
}

void Window::Clear() {
  buckets_.fill({});
  consecutive_failures_ = 0;
  next_ = 0;
  ring_tally_ = {};
}

void Window::Add(MonotonicTime now, bool failed, bool slow, uint64_t calls) {
  const int64_t tenth = TenthOf(now);
  Bucket& bucket = buckets_[static_cast<uint64_t>(tenth) % kBuckets];
  if (bucket.number != tenth) bucket = {tenth, {}};
  AddTo(&bucket.tally, failed, slow, calls);
  consecutive_failures_ = failed ? consecutive_failures_ + calls : 0;
  const uint8_t kind =
      static_cast<uint8_t>((failed ? kFailed : 0) | (slow ? kSlow : 0));
  // More than its size would only go round.
  for (uint64_t i = std::min<uint64_t>(calls, ring_.size()); i > 0; --i) {
    AddToRing(kind);
  }
}

void Window::AddToRing(uint8_t kind) {
  if (ring_tally_.calls == ring_.size()) {
    const uint8_t oldest = ring_[next_];
    --ring_tally_.calls;
    ring_tally_.failures -= (oldest & kFailed) != 0 ? 1 : 0;
    ring_tally_.slow -= (oldest & kSlow) != 0 ? 1 : 0;
  }
  ring_[next_] = kind;
  next_ = (next_ + 1) % ring_.size();
  AddTo(&ring_tally_, (kind & kFailed) != 0, (kind & kSlow) != 0, 1);
}

Tally Window::OverTime(MonotonicTime now) const {
  const int64_t tenth = TenthOf(now);
  Tally sum;
  for (const Bucket& bucket : buckets_) {
    if (bucket.number < 0 ||
        bucket.number <= tenth - static_cast<int64_t>(kBuckets)) {
      continue;
    }
    sum.calls += bucket.tally.calls;
    sum.failures += bucket.tally.failures;
    sum.slow += bucket.tally.slow;
  }
  return sum;
}

Tally Window::Judged(MonotonicTime now) const {
  return ring_.empty() ? OverTime(now) : ring_tally_;
}

}  // namespace outrigger::breaker
