#include "store/memory_store.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"

namespace outrigger::store {
namespace {

using limit::Algorithm;
using limit::FixedWindow;
using limit::LeasedBucket;
using limit::Shape;
using limit::SlidingWindow;
using limit::Verdict;

constexpr int64_t kPodAliveUs = 5'000'000;
constexpr int kEpochShift = 52;
constexpr int64_t kAdaptiveKeptUs = 86'400'000'000;

// Accounts name the epoch too, so that those from before a loss are ignored.
uint64_t Tag(uint64_t epoch, int64_t generation) {
  return (epoch << kEpochShift) | static_cast<uint64_t>(generation);
}

struct Advance {
  int64_t now_us;
  const Shape& shape;
  template <typename T>
  void operator()(T& state) const {
    state.AdvanceTo(now_us, shape);
  }
};

struct TakeFrom {
  double cost;
  int64_t max_wait_us;
  int64_t now_us;
  const Shape& shape;
  template <typename T>
  Verdict operator()(T& state) const {
    return state.Take(cost, max_wait_us, now_us, shape);
  }
};

struct RefundTo {
  double cost;
  const Shape& shape;
  void operator()(LeasedBucket& state) const { state.Refund(cost, shape); }
  template <typename T>
  void operator()(T& state) const {
    state.Refund(cost);
  }
};

bool Leasable(const Shape& shape) {
  return shape.algorithm != Algorithm::kSlidingWindow ||
         shape.burst > limit::kExactWindowLimit;
}

}  // namespace

MemoryStore::MemoryStore(const Clock& clock)
    : clock_(clock),
      offset_us_(ToMicros(clock.WallNow().time_since_epoch()) -
                 ToMicros(clock.Now())) {}

int64_t MemoryStore::NowUs() const {
  return ToMicros(clock_.Now()) + offset_us_;
}

MemoryStore::Bucket MemoryStore::Make(const BucketRef& ref, const Shape& shape,
                                      int64_t now_us) const {
  Bucket bucket;
  bucket.rate = limit::AdaptiveRate::Initial(ref.adaptive);
  const bool forgot = forgot_us_ > 0;
  switch (ref.shape.algorithm) {
    case Algorithm::kTokenBucket:
    case Algorithm::kAdaptive:
      bucket.state = forgot
                         ? LeasedBucket::Forgotten(kLeaseLengthUs, forgot_us_)
                         : LeasedBucket(shape, kLeaseLengthUs, now_us);
      break;
    case Algorithm::kFixedWindow: {
      FixedWindow window;
      if (forgot) {  // assume that the window then was used up
        window.AdvanceTo(forgot_us_, shape);
        window.Take(shape.burst, 0, forgot_us_, shape);
      }
      bucket.state = window;
      break;
    }
    case Algorithm::kSlidingWindow: {
      SlidingWindow window;
      if (forgot) window.Take(shape.burst, 0, forgot_us_, shape);
      bucket.state = window;
      break;
    }
  }
  return bucket;
}

MemoryStore::Bucket& MemoryStore::Find(const BucketRef& ref, Shape& shape,
                                       int64_t now_us) {
  shape = ref.shape;
  const bool adaptive = shape.algorithm == Algorithm::kAdaptive;
  auto [it, added] = buckets_.try_emplace(ref.key);
  Bucket& bucket = it->second;
  const bool distrusted = bucket.touched_us < forgot_us_;
  if (added || distrusted) {
    if (adaptive) {
      shape = limit::AdaptiveRate::Initial(ref.adaptive).Apply(shape);
    }
    bucket = Make(ref, shape, now_us);
  }
  if (adaptive) {
    bucket.rate.Clamp(ref.adaptive);
    shape = bucket.rate.Apply(ref.shape);
  }
  std::visit(Advance{now_us, shape}, bucket.state);
  bucket.touched_us = now_us;
  // By then every algorithm is back at its start, with nothing out on lease.
  const double full_us = shape.burst / shape.TokensPerMicro();
  bucket.fresh_us = now_us + 2 * shape.period_us + 2 * kLeaseLengthUs +
                    static_cast<int64_t>(std::min(2 * full_us, 4e18)) +
                    (adaptive ? kAdaptiveKeptUs : 0);
  return bucket;
}

void MemoryStore::SweepIfDue(int64_t now_us) {
  if (buckets_.size() < sweep_at_) return;
  absl::erase_if(buckets_, [&](const auto& entry) {
    return entry.second.fresh_us <= now_us;
  });
  sweep_at_ = std::max<size_t>(1024, buckets_.size() * 2);
}

void MemoryStore::Take(TakeRequest request, Callback<TakeReply> done) {
  TakeReply reply;
  {
    absl::MutexLock lock(&mutex_);
    const int64_t now_us = NowUs();
    SweepIfDue(now_us);
    reply.allowed = true;
    std::vector<Bucket> before;  // what each was, to take nothing on a denial
    before.reserve(request.items.size());
    for (const TakeRequest::Item& item : request.items) {
      Shape shape;
      Bucket& bucket = Find(item.bucket, shape, now_us);
      before.push_back(bucket);
      const int64_t wait_us = item.shadow ? 0 : request.max_wait_us;
      reply.verdicts.push_back(std::visit(
          TakeFrom{item.cost, wait_us, now_us, shape}, bucket.state));
      if (!item.shadow && !reply.verdicts.back().allowed) reply.allowed = false;
    }
    for (size_t i = request.items.size(); !reply.allowed && i-- > 0;) {
      Verdict& verdict = reply.verdicts[i];
      if (verdict.allowed) verdict.remaining += request.items[i].cost;
      buckets_[request.items[i].bucket.key] = std::move(before[i]);
    }
  }
  done(std::move(reply));
}

namespace {

// What to grant at most where a lease holds for `valid_us`.
double WantWithin(const LeaseRequest& request, int64_t valid_us) {
  if (request.want <= 0 || request.want_for_us <= valid_us) return request.want;
  const double part = request.want * static_cast<double>(valid_us) /
                      static_cast<double>(request.want_for_us);
  return std::max(request.min, std::ceil(part));
}

}  // namespace

LeaseReply MemoryStore::Grant(const LeaseRequest& request, Bucket& bucket,
                              const Shape& shape, int64_t now_us) {
  LeaseReply reply;
  if (auto* lent = std::get_if<LeasedBucket>(&bucket.state)) {
    reply.generation = Tag(epoch_, lent->generation());
    reply.valid_for_us = kLeaseLengthUs;
    reply.granted =
        lent->Grant(WantWithin(request, kLeaseLengthUs), request.min, shape);
  } else if (auto* fixed = std::get_if<FixedWindow>(&bucket.state)) {
    reply.generation = Tag(epoch_, fixed->generation());
    reply.valid_for_us = std::min(
        kLeaseLengthUs, (fixed->generation() + 1) * shape.period_us - now_us);
    reply.granted = fixed->Grant(WantWithin(request, reply.valid_for_us),
                                 request.min, shape);
  } else {
    auto& sliding = std::get<SlidingWindow>(bucket.state);
    const int64_t generation = SlidingWindow::Generation(now_us, shape);
    reply.generation = Tag(epoch_, generation);
    reply.valid_for_us =
        std::min(kLeaseLengthUs,
                 (generation + 1) * SlidingWindow::SubWindowUs(shape) - now_us);
    reply.granted = sliding.Grant(WantWithin(request, reply.valid_for_us),
                                  request.min, now_us, shape);
  }
  // What a peer with the same need would hear now.
  const double min = request.want > 0 ? request.min : 0;
  const Verdict state = std::visit(TakeFrom{0, 0, now_us, shape}, bucket.state);
  reply.available = state.remaining;
  reply.reset_after_us = state.reset_after_us;
  if (reply.granted == 0 && min > 0) {
    auto copy = bucket.state;
    reply.retry_after_us =
        std::visit(TakeFrom{min, 0, now_us, shape}, copy).retry_after_us;
  }
  reply.tokens_per_period = shape.tokens;
  return reply;
}

void MemoryStore::Lease(LeaseRequest request, Callback<LeaseReply> done) {
  if (!Leasable(request.bucket.shape)) {
    done(absl::InvalidArgumentError(
        "a sliding window with exact times lends no tokens"));
    return;
  }
  LeaseReply reply;
  {
    absl::MutexLock lock(&mutex_);
    const int64_t now_us = NowUs();
    SweepIfDue(now_us);
    Shape shape;
    Bucket& bucket = Find(request.bucket, shape, now_us);
    for (const LeaseAccount& account : request.accounts) {
      if (account.generation >> kEpochShift != epoch_) continue;
      const auto generation = static_cast<int64_t>(
          account.generation & ((uint64_t{1} << kEpochShift) - 1));
      if (auto* lent = std::get_if<LeasedBucket>(&bucket.state)) {
        lent->Account(generation, account.spent, account.returned, shape);
      } else if (auto* fixed = std::get_if<FixedWindow>(&bucket.state)) {
        fixed->Return(generation, account.returned);
      } else {
        std::get<SlidingWindow>(bucket.state)
            .Return(generation, account.returned, shape);
      }
    }
    reply = Grant(request, bucket, shape, now_us);
  }
  done(reply);
}

void MemoryStore::Refund(BucketRef ref, double cost,
                         absl::AnyInvocable<void(absl::Status)> done) {
  {
    absl::MutexLock lock(&mutex_);
    Shape shape;
    Bucket& bucket = Find(ref, shape, NowUs());
    std::visit(RefundTo{cost, shape}, bucket.state);
  }
  done(absl::OkStatus());
}

void MemoryStore::Adjust(AdjustRequest request, Callback<double> done) {
  double rate = 0;
  {
    absl::MutexLock lock(&mutex_);
    const int64_t now_us = NowUs();
    Shape shape;
    Bucket& bucket = Find(request.bucket, shape, now_us);
    bucket.rate.Step(request.up, now_us, request.bucket.adaptive);
    rate = bucket.rate.tokens_per_second;
  }
  done(rate);
}

void MemoryStore::Heartbeat(const std::string& pod, Callback<uint32_t> done) {
  uint32_t alive = 0;
  {
    absl::MutexLock lock(&mutex_);
    const int64_t now_us = NowUs();
    pods_[pod] = now_us;
    absl::erase_if(pods_, [&](const auto& entry) {
      return entry.second + kPodAliveUs < now_us;
    });
    alive = static_cast<uint32_t>(pods_.size());
  }
  done(alive);
}

void MemoryStore::Leave(const std::string& pod) {
  absl::MutexLock lock(&mutex_);
  pods_.erase(pod);
}

void MemoryStore::Flush() { FailOverTo({}); }

MemoryStore::Buckets MemoryStore::Replicate() const {
  absl::MutexLock lock(&mutex_);
  return buckets_;
}

void MemoryStore::FailOverTo(Buckets replica) {
  absl::MutexLock lock(&mutex_);
  buckets_ = std::move(replica);
  pods_.clear();
  forgot_us_ = NowUs();
  ++epoch_;
}

size_t MemoryStore::size() const {
  absl::MutexLock lock(&mutex_);
  return buckets_.size();
}

}  // namespace outrigger::store
