#include "redis/limits/calls.h"

#include <utility>
#include <vector>

#include "redis/limits/layout.h"
#include "redis/limits/replies.h"
#include "redis/limits/scripts.h"

namespace outrigger::redis {
namespace {

using store::TakeRequest;

constexpr int kEvalShaWords = 3;    // EVALSHA, hash, number of keys
constexpr int kEpochArguments = 2;  // its text, and when the store forgot

// Begins a call with `keys` buckets (the epoch's key is one more) and
// `arguments` words after those of the epoch.
WireBuilder Begin(const Script& script, size_t keys, size_t arguments) {
  WireBuilder wire(
      static_cast<int>(kEvalShaWords + keys + 1 + kEpochArguments + arguments),
      /*reserve_bytes=*/320 + 160 * keys);
  wire.Add("EVALSHA").Add(script.sha1()).Add(static_cast<int64_t>(keys + 1));
  return wire;
}

void AddEpoch(const CallContext& context, WireBuilder* wire) {
  wire->Add(EpochKey(context.prefix, context.slot))
      .Add(context.epoch.text)
      .Add(context.epoch.forgot_us);
}

}  // namespace

std::string TakeOneCall(const TakeRequest& request,
                        const CallContext& context) {
  const TakeRequest::Item& item = request.items[0];
  WireBuilder wire = Begin(TakeOneScript(), 1, 4);
  wire.Add(BucketKey(context.prefix, item.bucket));
  AddEpoch(context, &wire);
  wire.Add(item.bucket.shape.TokensPerMicro())
      .Add(item.bucket.shape.burst)
      .Add(item.cost)
      .Add(item.shadow ? int64_t{0} : request.max_wait_us);
  return std::move(wire).Take();
}

std::string TakeCall(const TakeRequest& request, const CallContext& context) {
  const size_t count = request.items.size();
  WireBuilder wire =
      Begin(TakeScript(), count, 1 + count * (kNumbersPerBucket + 2));
  for (const TakeRequest::Item& item : request.items) {
    wire.Add(BucketKey(context.prefix, item.bucket));
  }
  AddEpoch(context, &wire);
  wire.Add(request.max_wait_us);
  for (const TakeRequest::Item& item : request.items) {
    AddNumbers(item.bucket, &wire);
    wire.Add(item.cost).Add(item.shadow ? "1" : "0");
  }
  return std::move(wire).Take();
}

std::string LeaseCall(const store::LeaseRequest& request,
                      const CallContext& context) {
  std::vector<const store::LeaseAccount*> accounts;
  for (const store::LeaseAccount& account : request.accounts) {
    if (account.generation >> kOrdinalShift == context.epoch.ordinal) {
      accounts.push_back(&account);
    }
  }
  WireBuilder wire =
      Begin(LeaseScript(), 1, 3 + kNumbersPerBucket + 3 * accounts.size());
  wire.Add(BucketKey(context.prefix, request.bucket));
  AddEpoch(context, &wire);
  wire.Add(request.want).Add(request.min).Add(request.want_for_us);
  AddNumbers(request.bucket, &wire);
  for (const store::LeaseAccount* account : accounts) {
    wire.Add(static_cast<int64_t>(account->generation & kGenerationMask))
        .Add(account->spent)
        .Add(account->returned);
  }
  return std::move(wire).Take();
}

std::string RefundCall(const store::BucketRef& bucket, double cost,
                       const CallContext& context) {
  WireBuilder wire = Begin(RefundScript(), 1, 1 + kNumbersPerBucket);
  wire.Add(BucketKey(context.prefix, bucket));
  AddEpoch(context, &wire);
  wire.Add(cost);
  AddNumbers(bucket, &wire);
  return std::move(wire).Take();
}

std::string AdjustCall(const store::AdjustRequest& request,
                       const CallContext& context) {
  const limit::AdaptiveShape& shape = request.bucket.adaptive;
  WireBuilder wire = Begin(AdjustScript(), 1, 4 + kNumbersPerBucket);
  wire.Add(BucketKey(context.prefix, request.bucket));
  AddEpoch(context, &wire);
  wire.Add(request.up ? "1" : "0")
      .Add(shape.increase / 1e6)
      .Add(1 - shape.decrease_percent / 100)
      .Add(shape.step_every_us);
  AddNumbers(request.bucket, &wire);
  return std::move(wire).Take();
}

}  // namespace outrigger::redis
