#include "coord/limit/local_decision.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "limit/token_bucket.h"

namespace outrigger::coord {
namespace {

using limit::Algorithm;
using limit::Shape;
using limit::Verdict;

// A lease is renewed when less than this share of it is left.
constexpr double kLowShare = 0.3;
// A key that expects fewer tokens than this in a lease's span is asked exactly.
constexpr double kWorthLeasing = 2;

void NoteDemand(KeyState& key, double cost, int64_t now_us) {
  const auto now_ms = static_cast<uint32_t>(now_us / 1000);
  const uint32_t idle_ms = now_ms - key.used_ms;
  if (idle_ms > 0) {
    // Decays like exp(-x), near enough, at the price of a division.
    const double x = static_cast<double>(idle_ms) / (1000 * kDemandSpanS);
    key.demand_per_s /= static_cast<float>(1 + x + x * x / 2);
    key.used_ms = now_ms;
  }
  key.demand_per_s += static_cast<float>(cost / kDemandSpanS);
}

// Takes from this pod's own state. `first_tokens`: what a new bucket starts
// with.
Verdict TakeOwn(KeyTable::Locked& locked, const Part& part, const Shape& shape,
                double first_tokens, const Ask& ask) {
  KeyState& key = *locked.state();
  switch (shape.algorithm) {
    case Algorithm::kFixedWindow:
      if (!key.has_own) key.own.window = limit::FixedWindow();
      key.has_own = true;
      key.own.window.AdvanceTo(ask.now_us, shape);
      return key.own.window.Take(ask.cost, ask.max_wait_us, ask.now_us, shape);
    case Algorithm::kSlidingWindow: {
      locked.Busy().shape = shape;
      limit::SlidingWindow& window = locked.Busy().sliding;
      window.AdvanceTo(ask.now_us, shape);
      return window.Take(ask.cost, ask.max_wait_us, ask.now_us, shape);
    }
    case Algorithm::kTokenBucket:
    case Algorithm::kAdaptive:
      break;
  }
  if (!key.has_own) {
    key.own.bucket = {first_tokens, ask.now_us};
    key.has_own = true;
  }
  key.own.bucket.AdvanceTo(ask.now_us, shape, shape.burst);
  return key.own.bucket.Take(ask.cost, ask.max_wait_us, ask.now_us, shape);
}

// The shape with the rate that an adaptive limit has in this pod.
Shape WithOwnRate(KeyTable::Locked& locked, const Part& part) {
  if (part.shape->algorithm != Algorithm::kAdaptive) return *part.shape;
  limit::AdaptiveRate& rate = locked.Busy().rate;
  if (rate.tokens_per_second == 0) {
    rate = limit::AdaptiveRate::Initial(part.config->adaptive);
  }
  rate.Clamp(part.config->adaptive);
  return rate.Apply(*part.shape);
}

Step Conclude(const Ask& ask, Source source, const Verdict& verdict,
              Part& part) {
  part.verdict = verdict;
  part.decided = true;
  if (!verdict.allowed) return Step::kDenied;
  if (ask.cost > 0) part.taken_from = source;
  return Step::kAllowed;
}

Step DecideLocal(KeyTable::Locked& locked, const Ask& ask, Part& part) {
  const Shape shape = WithOwnRate(locked, part);
  const Verdict verdict = TakeOwn(locked, part, shape, shape.burst, ask);
  // As good as new when full again.
  locked.state()->until_us = ask.now_us + verdict.reset_after_us;
  locked.state()->closed = false;
  return Conclude(ask, Source::kOwnBucket, verdict, part);
}

Verdict Deny(int64_t retry_after_us) {
  Verdict verdict;
  verdict.retry_after_us = retry_after_us;
  verdict.reset_after_us = retry_after_us == limit::kNever ? 0 : retry_after_us;
  return verdict;
}

// What the pod knows of the bucket besides its own tokens.
void FillEstimate(const KeyState& key, double left, int64_t now_us,
                  Verdict& verdict) {
  verdict.remaining = std::floor(left + key.busy->available);
  verdict.reset_after_us = std::max<int64_t>(0, key.busy->full_at_us - now_us);
}

bool IsClosed(const KeyState& key, const Ask& ask) {
  const double need = ask.cost == 0 ? 1 : ask.cost;
  return key.closed && ask.now_us < key.until_us && need >= key.closed_cost;
}

Step DecideLeased(Pod& pod, KeyState& key, const Ask& ask, Part& part) {
  const double need = ask.cost == 0 ? 1 : ask.cost;
  if (ask.cost > 0 && !ask.again) NoteDemand(key, ask.cost, ask.now_us);
  BusyKey* busy = key.busy.get();
  const double left = busy == nullptr ? 0 : busy->lease.Left(ask.now_us);
  if (left + limit::kTokenEpsilon >= need) {
    Verdict verdict;
    verdict.allowed = true;
    FillEstimate(key, left - ask.cost, ask.now_us, verdict);
    if (ask.cost > 0) busy->lease.Take(ask.cost, ask.now_us, &part.payment);
    part.runs_low = left - ask.cost < kLowShare * busy->wanted &&
                    !busy->asking && !(key.closed && ask.now_us < key.until_us);
    return Conclude(ask, Source::kLease, verdict, part);
  }
  if (IsClosed(key, ask) && key.until_us - ask.now_us > ask.max_wait_us) {
    return Conclude(ask, Source::kLease, Deny(key.until_us - ask.now_us), part);
  }
  const bool worth_it =
      key.demand_per_s * LeaseHorizonS(*part.shape) >= kWorthLeasing &&
      ask.cost > 0 && !pod.draining.load(std::memory_order_relaxed);
  return worth_it && ask.max_wait_us == 0 ? Step::kAskLease : Step::kAskStore;
}

bool TooDear(const Ask& ask, const Part& part) {
  return std::max(ask.cost, 1.0) > part.shape->burst;
}

}  // namespace

double LeaseHorizonS(const Shape& shape) {
  const double fill_s = shape.burst / shape.TokensPerMicro() / 1e6;
  return std::min(kDemandSpanS, fill_s / 4);
}

Shape ShareOf(Shape shape, uint32_t pods) {
  const double n = std::max<uint32_t>(1, pods);
  const bool window = shape.algorithm == Algorithm::kFixedWindow ||
                      shape.algorithm == Algorithm::kSlidingWindow;
  shape.burst =
      std::max(1.0, window ? std::floor(shape.burst / n) : shape.burst / n);
  shape.tokens = window ? shape.burst : shape.tokens / n;
  return shape;
}

Step DecideHere(Pod& pod, const Ask& ask, Part& part) {
  if (TooDear(ask, part)) {
    return Conclude(ask, Source::kNothing, Deny(limit::kNever), part);
  }
  KeyTable::Locked locked(pod.keys, part.hash, part.state->id);
  KeyState* key = locked.state();
  if (key == nullptr) return Step::kTableFull;
  if (part.mode == Mode::kLeased) return DecideLeased(pod, *key, ask, part);
  key->used_ms = static_cast<uint32_t>(ask.now_us / 1000);
  if (part.mode == Mode::kLocal) return DecideLocal(locked, ask, part);
  if (IsClosed(*key, ask) && key->until_us - ask.now_us > ask.max_wait_us) {
    return Conclude(ask, Source::kStore, Deny(key->until_us - ask.now_us),
                    part);
  }
  return Step::kAskStore;
}

Step DecideWithoutStore(Pod& pod, const Ask& ask, Part& part) {
  part.degraded = true;
  if (part.config->on_store_loss == limit::OnStoreLoss::kAllow) {
    Verdict verdict;
    verdict.allowed = true;
    return Conclude(ask, Source::kNothing, verdict, part);
  }
  if (part.config->on_store_loss == limit::OnStoreLoss::kDeny) {
    // Nobody knows when the store will be back: a second is a fair guess.
    return Conclude(ask, Source::kNothing, Deny(1'000'000), part);
  }
  KeyTable::Locked locked(pod.keys, part.hash, part.state->id);
  KeyState* key = locked.state();
  if (key == nullptr) return Step::kTableFull;
  // A key that was busy may have been used up just before: it starts empty.
  const bool was_busy =
      key->closed || (key->busy != nullptr && key->busy->full_at_us > 0);
  const uint32_t pods = pod.pods.load(std::memory_order_relaxed);
  const Shape shape = ShareOf(WithOwnRate(locked, part), pods);
  const double first = was_busy ? 0 : part.shape->burst / std::max(1u, pods);
  const Verdict verdict = TakeOwn(locked, part, shape, first, ask);
  return Conclude(ask, Source::kOwnBucket, verdict, part);
}

bool Denies(const Part& part) {
  return part.decided && !part.verdict.allowed && !part.config->shadow;
}

void GiveBack(Pod& pod, double cost, Part& part) {
  const Source source = std::exchange(part.taken_from, Source::kNothing);
  if (source == Source::kNothing) return;
  part.verdict.remaining =
      std::min(part.verdict.remaining + cost, part.shape->burst);
  if (source == Source::kStore) return;
  KeyTable::Locked locked(pod.keys, part.hash, part.state->id);
  KeyState* key = locked.state();
  if (key == nullptr) return;
  if (source == Source::kLease) {
    // Spent tokens that have been reported meanwhile stay spent: never over.
    if (key->busy != nullptr) key->busy->lease.Undo(part.payment);
    return;
  }
  switch (part.shape->algorithm) {
    case Algorithm::kFixedWindow:
      if (key->has_own) key->own.window.Refund(cost);
      break;
    case Algorithm::kSlidingWindow:
      if (key->busy != nullptr) key->busy->sliding.Refund(cost);
      break;
    case Algorithm::kTokenBucket:
    case Algorithm::kAdaptive:
      if (key->has_own) key->own.bucket.Refund(cost, part.shape->burst);
      break;
  }
}

void RefundPart(Pod& pod, double cost, Part& part, std::string bucket_name,
                absl::AnyInvocable<void(absl::Status)> done) {
  if (part.mode == Mode::kLocal) {
    part.taken_from = Source::kOwnBucket;
    GiveBack(pod, cost, part);
    done(absl::OkStatus());
    return;
  }
  {
    KeyTable::Locked locked(pod.keys, part.hash, part.state->id);
    KeyState* key = locked.state();
    if (key != nullptr) {
      key->until_us = 0;
      key->closed = false;  // what the store denied before may be there now
      if (key->busy != nullptr) {
        cost -= key->busy->lease.PutBack(cost, pod.NowUs());
      }
    }
  }
  if (cost <= 0) {
    done(absl::OkStatus());
    return;
  }
  pod.store->Refund(
      {std::move(bucket_name), *part.shape, part.config->adaptive}, cost,
      std::move(done));
}

void RememberDenial(Pod& pod, double cost, int64_t now_us, const Part& part) {
  KeyTable::Locked locked(pod.keys, part.hash, part.state->id);
  KeyState* key = locked.state();
  if (key == nullptr || part.verdict.retry_after_us == limit::kNever) return;
  key->closed = true;
  key->until_us = now_us + part.verdict.retry_after_us;
  key->closed_cost = static_cast<float>(cost);
}

double StepOwnRate(Pod& pod, bool up, int64_t now_us, const Part& part) {
  KeyTable::Locked locked(pod.keys, part.hash, part.state->id);
  if (locked.state() == nullptr) return 0;
  WithOwnRate(locked, part);  // made, if it is the first use
  limit::AdaptiveRate& rate = locked.Busy().rate;
  rate.Step(up, now_us, part.config->adaptive);
  return rate.tokens_per_second;
}

}  // namespace outrigger::coord
