#include "redis/limit_store.h"

#include <utility>

#include "redis/limits/calls.h"
#include "redis/limits/layout.h"
#include "redis/limits/replies.h"
#include "redis/limits/scripts.h"
#include "redis/limits/slot_by_slot_take.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

using limit::Algorithm;
using store::LeaseRequest;
using store::TakeReply;
using store::TakeRequest;

// A pod that has not been heard of for this long is not alive.
constexpr int64_t kPodAliveMs = 5'000;

bool Leasable(const limit::Shape& shape) {
  return shape.algorithm != Algorithm::kSlidingWindow ||
         shape.burst > limit::kExactWindowLimit;
}

std::unique_ptr<ScriptCall> MakeCall(
    const Script& script, int slot,
    absl::AnyInvocable<std::string(const Epoch&)> make_wire,
    Command::Done done) {
  auto call = std::make_unique<ScriptCall>();
  call->script = &script;
  call->slot = slot;
  call->make_wire = std::move(make_wire);
  call->done = std::move(done);
  return call;
}

}  // namespace

LimitStore::LimitStore(const Options& options, const Clock& clock,
                       RandomSource& random, telemetry::Registry& registry,
                       telemetry::Tracer& tracer)
    : options_(options),
      bad_replies_(
          registry.GetCounter(telemetry::kRedisErrors, {{"kind", "reply"}})),
      epochs_(options_, clock, random, AllLimitScripts()),
      runner_(client_, epochs_),
      client_(options_, clock, random, registry, tracer) {
  epochs_.SetSender([this](std::unique_ptr<Command> command) {
    client_.Send(std::move(command));
  });
  client_.Start(&epochs_);
}

int LimitStore::SlotOf(const store::BucketRef& bucket) const {
  if (options_.mode != Mode::kCluster) return Command::kAnySlot;
  return KeySlot(BucketKey(options_.prefix, bucket));
}

int LimitStore::PodsSlot() const {
  if (options_.mode != Mode::kCluster) return Command::kAnySlot;
  return KeySlot(PodsKey(options_.prefix));
}

template <typename T>
absl::StatusOr<T> LimitStore::Counted(absl::StatusOr<T> parsed) {
  if (!parsed.ok()) bad_replies_.Add();
  return parsed;
}

void LimitStore::Take(TakeRequest request, Callback<TakeReply> done) {
  if (request.items.empty()) return done(TakeReply{true, {}});
  if (options_.mode != Mode::kCluster) {
    return TakeTogether(std::move(request), std::move(done));
  }
  std::vector<int> slots;
  bool one_slot = true;
  for (const TakeRequest::Item& item : request.items) {
    slots.push_back(SlotOf(item.bucket));
    one_slot = one_slot && slots.back() == slots.front();
  }
  if (one_slot) return TakeTogether(std::move(request), std::move(done));
  SlotBySlotTake::Start(
      std::move(request), slots,
      [this](TakeRequest some, Callback<TakeReply> taken) {
        TakeTogether(std::move(some), std::move(taken));
      },
      [this](store::BucketRef bucket, double cost) {
        Refund(std::move(bucket), cost, [](const absl::Status&) {});
      },
      std::move(done));
}

void LimitStore::TakeTogether(TakeRequest request, Callback<TakeReply> done) {
  const TakeRequest::Item& first = request.items[0];
  if (request.items.size() == 1 &&
      first.bucket.shape.algorithm == Algorithm::kTokenBucket) {
    return TakeOne(std::move(request), std::move(done));
  }
  const int slot = SlotOf(first.bucket);
  auto shared = std::make_shared<TakeRequest>(std::move(request));
  runner_.Run(MakeCall(
      TakeScript(), slot,
      [this, shared, slot](const Epoch& epoch) {
        return TakeCall(*shared, {options_.prefix, slot, epoch});
      },
      [this, shared,
       done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
        if (!reply.ok()) return done(reply.status());
        done(Counted(ParseTake(*reply, *shared)));
      }));
}

void LimitStore::TakeOne(TakeRequest request, Callback<TakeReply> done) {
  const int slot = SlotOf(request.items[0].bucket);
  auto shared = std::make_shared<TakeRequest>(std::move(request));
  runner_.Run(MakeCall(
      TakeOneScript(), slot,
      [this, shared, slot](const Epoch& epoch) {
        return TakeOneCall(*shared, {options_.prefix, slot, epoch});
      },
      [this, shared,
       done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
        if (!reply.ok()) return done(reply.status());
        done(Counted(ParseTakeOne(*reply, *shared)));
      }));
}

void LimitStore::Lease(LeaseRequest request, Callback<store::LeaseReply> done) {
  if (!Leasable(request.bucket.shape)) {
    return done(absl::InvalidArgumentError(
        "a sliding window with exact times lends no tokens"));
  }
  const int slot = SlotOf(request.bucket);
  // Of the epoch under which the call was made last: the reply is of that one.
  auto ordinal = std::make_shared<uint16_t>(0);
  runner_.Run(MakeCall(
      LeaseScript(), slot,
      [this, request = std::move(request), ordinal, slot](const Epoch& epoch) {
        *ordinal = epoch.ordinal;
        return LeaseCall(request, {options_.prefix, slot, epoch});
      },
      [this, ordinal,
       done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
        if (!reply.ok()) return done(reply.status());
        done(Counted(ParseLease(*reply, *ordinal)));
      }));
}

void LimitStore::Refund(store::BucketRef bucket, double cost,
                        absl::AnyInvocable<void(absl::Status)> done) {
  const int slot = SlotOf(bucket);
  runner_.Run(MakeCall(
      RefundScript(), slot,
      [this, bucket = std::move(bucket), cost, slot](const Epoch& epoch) {
        return RefundCall(bucket, cost, {options_.prefix, slot, epoch});
      },
      [done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
        done(reply.status());
      }));
}

void LimitStore::Adjust(store::AdjustRequest request, Callback<double> done) {
  if (request.bucket.shape.algorithm != Algorithm::kAdaptive) {
    return done(
        absl::InvalidArgumentError("only adaptive limits are adjusted"));
  }
  const int slot = SlotOf(request.bucket);
  runner_.Run(MakeCall(
      AdjustScript(), slot,
      [this, request = std::move(request), slot](const Epoch& epoch) {
        return AdjustCall(request, {options_.prefix, slot, epoch});
      },
      [this, done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
        if (!reply.ok()) return done(reply.status());
        done(Counted(ParseAdjust(*reply)));
      }));
}

void LimitStore::Heartbeat(const std::string& pod, Callback<uint32_t> done) {
  const std::string key = PodsKey(options_.prefix);
  WireBuilder wire(6);
  wire.Add("EVALSHA").Add(HeartbeatScript().sha1()).Add("1");
  wire.Add(key).Add(pod).Add(kPodAliveMs);
  auto command = std::make_unique<Command>();
  command->wire = std::move(wire).Take();
  command->slot = PodsSlot();
  command->script = &HeartbeatScript();
  command->done =
      [this, done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
        if (!reply.ok()) return done(reply.status());
        if (!reply->IsInteger() || reply->integer < 1 ||
            reply->integer > 1'000'000'000) {
          bad_replies_.Add();
          return done(absl::InternalError("Redis cannot count the pods"));
        }
        done(static_cast<uint32_t>(reply->integer));
      };
  client_.Send(std::move(command));
  epochs_.Refresh();
}

void LimitStore::Leave(const std::string& pod) {
  const std::string key = PodsKey(options_.prefix);
  client_.Send(MakeCommand({"ZREM", key, pod}, PodsSlot(), nullptr));
}

}  // namespace outrigger::redis
