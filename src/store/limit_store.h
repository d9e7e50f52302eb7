// What the fleet shares about limits, as operations on named buckets.
//
// Two stores implement this: MemoryStore, for one process, and
// redis::LimitStore (with Lua scripts), for a fleet. Both pass
// tests/store/limit_store_suite.h.
//
// The lease rule, which makes "never more than the limit" true: at all times
//     available + outstanding <= burst
// where `outstanding` is what pods hold on lease and have neither reported
// spent nor given back. Spent tokens leave `outstanding` when they are
// reported; only what is given back explicitly is credited; a lease that lapses
// counts as spent. (Guérin et al. and Doorman lease rates; leasing tokens under
// this cap is ours. Proof: true stock = available + unspent <= available +
// outstanding <= burst, so admitted(s,t) = stock(s) - stock(t) + refill(s,t) <=
// burst + rate * (t - s).)
//
// A bucket's state is of constant size: it knows leases by generation (the
// kLeaseLength span of the store's clock in which they were granted), not by
// holder. Time is the store's own.
#ifndef OUTRIGGER_STORE_LIMIT_STORE_H_
#define OUTRIGGER_STORE_LIMIT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "limit/shape.h"

namespace outrigger::store {

// How long a lease holds, on the store's clock and on the holder's. Part of the
// stored layout: every release that shares a layout version uses the same.
inline constexpr int64_t kLeaseLengthUs = 1'000'000;

// One bucket of one limit, e.g. per_user's for user 42.
struct BucketRef {
  // Any bytes, at most 1,200; the same on every pod.
  std::string key;
  limit::Shape shape;
  // For Algorithm::kAdaptive: where the shared rate starts and may go. The
  // store replaces shape.tokens by the shared rate. Ignored otherwise.
  limit::AdaptiveShape adaptive;
};

// Takes `cost` from every bucket or from none.
struct TakeRequest {
  struct Item {
    BucketRef bucket;
    // Tokens, > 0; 0 peeks at this bucket and takes nothing.
    double cost = 1;
    // Takes if it can, but a denial does not deny the others.
    bool shadow = false;
  };
  std::vector<Item> items;
  // If tokens come due within this, they are reserved now and the verdict says
  // how long to wait; reservations are first come first served. 0: no wait.
  int64_t max_wait_us = 0;
};

struct TakeReply {
  // All items that are not shadow could be taken.
  bool allowed = false;
  // One for each item. If not allowed, `remaining` is what the bucket has, and
  // an item that would have been allowed alone says so.
  std::vector<limit::Verdict> verdicts;
};

// What a holder did with tokens of one lease generation.
struct LeaseAccount {
  // As given by LeaseReply.
  uint64_t generation = 0;
  // Tokens spent since they were last reported.
  double spent = 0;
  // Tokens given back unspent; the holder must not spend them any more.
  double returned = 0;
};

// Reports on leases of one token bucket (or adaptive limit, or window) and asks
// for more. For windows a lease's generation is the window (or sub-window), and
// its tokens are worthless when that has passed.
struct LeaseRequest {
  BucketRef bucket;
  // Tokens wanted, >= 0. 0: only report.
  double want = 0;
  // Grant nothing if less than this can be granted. 0 < min <= want, unless
  // want is 0.
  double min = 0;
  // The holder expects to spend `want` within this. A lease that holds for less
  // (a window's, near its end) is smaller in proportion, but at least `min`. 0:
  // not known.
  int64_t want_for_us = 0;
  // At most two: leases live for at most two generations.
  std::vector<LeaseAccount> accounts;
};

struct LeaseReply {
  // Tokens granted: 0, or min to want, by limit::GrantOf: leases shrink as the
  // bucket runs dry.
  double granted = 0;
  // Names the grant in later accounts. Opaque.
  uint64_t generation = 0;
  // The grant may be spent for this long, counted by the holder from before it
  // sent the request. At most kLeaseLengthUs.
  int64_t valid_for_us = 0;
  // Tokens available to others after the grant.
  double available = 0;
  // Microseconds until the bucket is full if nothing more is taken.
  int64_t reset_after_us = 0;
  // Nothing granted: microseconds until `min` could be, kNever if it never can.
  int64_t retry_after_us = 0;
  // Tokens per period after the request: the shape's, or an adaptive limit's.
  double tokens_per_period = 0;
};

// One step of an adaptive limit's rate.
struct AdjustRequest {
  BucketRef bucket;
  // Up by `increase`, or down by `decrease_percent`.
  bool up = false;
};

// Thread-safe. Every callback runs exactly once: at the latest when the
// command's deadline has passed, possibly before the call returns, possibly on
// the store's thread; so call with no lock held. Errors:
//   kUnavailable        the store is out of reach (answered at once while it is
//                       known to be so), or its queue is full.
//   kDeadlineExceeded   no answer in time; whether it was done is unknown.
//   kInternal           the store answered something it should not have.
// A store never repeats an operation whose outcome is unknown.
class LimitStore {
 public:
  template <typename T>
  using Callback = absl::AnyInvocable<void(absl::StatusOr<T>)>;

  virtual ~LimitStore() = default;

  virtual void Take(TakeRequest request, Callback<TakeReply> done) = 0;
  virtual void Lease(LeaseRequest request, Callback<LeaseReply> done) = 0;

  // Gives back `cost` to a bucket that was taken from exactly; never above its
  // burst less what is outstanding.
  virtual void Refund(BucketRef bucket, double cost,
                      absl::AnyInvocable<void(absl::Status)> done) = 0;

  // Answers the shared rate, in tokens per second, after the step.
  virtual void Adjust(AdjustRequest request, Callback<double> done) = 0;

  // Says that this pod is alive; answers how many pods are, itself included
  // (those heard of within the last 5 seconds). Call about every second.
  virtual void Heartbeat(const std::string& pod, Callback<uint32_t> done) = 0;

  // The pod stops: it is not counted as alive any more.
  virtual void Leave(const std::string& pod) = 0;

  // Commands sent so far, for the figures. 0 for a store in memory.
  virtual uint64_t commands_sent() const = 0;

  // False while the store is known to be out of reach. For status only: calls
  // fail fast by themselves.
  virtual bool reachable() const = 0;
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_LIMIT_STORE_H_
