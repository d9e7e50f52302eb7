#include "redis/limit_store.h"

#include <utility>

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
constexpr int kEvalShaWords = 3;    // EVALSHA, hash, number of keys
constexpr int kEpochArguments = 2;  // its text, and when the store forgot

// Begins an EVALSHA of `keys` keys (the epoch's is one more) and `arguments`
// words after those of the epoch.
WireBuilder Begin(const Script& script, size_t keys, size_t arguments) {
  WireBuilder wire(
      static_cast<int>(kEvalShaWords + keys + 1 + kEpochArguments + arguments),
      /*reserve_bytes=*/320 + 160 * keys);
  wire.Add("EVALSHA").Add(script.sha1()).Add(static_cast<int64_t>(keys + 1));
  return wire;
}

void AddEpoch(const Epoch& epoch, const std::string& epoch_key,
              WireBuilder* wire) {
  wire->Add(epoch_key).Add(epoch.text).Add(epoch.forgot_us);
}

bool Leasable(const limit::Shape& shape) {
  return shape.algorithm != Algorithm::kSlidingWindow ||
         shape.burst > limit::kExactWindowLimit;
}

// Accounts of leases from before a loss are left out: neither counted as spent
// nor credited, as the store knows nothing of them.
std::string LeaseWire(const LeaseRequest& request, const std::string& key,
                      const std::string& epoch_key, const Epoch& epoch) {
  std::vector<const store::LeaseAccount*> accounts;
  for (const store::LeaseAccount& account : request.accounts) {
    if (account.generation >> kOrdinalShift == epoch.ordinal) {
      accounts.push_back(&account);
    }
  }
  WireBuilder wire =
      Begin(LeaseScript(), 1, 2 + kNumbersPerBucket + 3 * accounts.size());
  wire.Add(key);
  AddEpoch(epoch, epoch_key, &wire);
  wire.Add(request.want).Add(request.min);
  AddNumbers(request.bucket, &wire);
  for (const store::LeaseAccount* account : accounts) {
    wire.Add(static_cast<int64_t>(account->generation & kGenerationMask))
        .Add(account->spent)
        .Add(account->returned);
  }
  return std::move(wire).Take();
}

std::string TakeWire(const TakeRequest& request, const std::string& prefix,
                     const std::string& epoch_key, const Epoch& epoch) {
  const size_t count = request.items.size();
  WireBuilder wire =
      Begin(TakeScript(), count, 1 + count * (kNumbersPerBucket + 2));
  for (const TakeRequest::Item& item : request.items) {
    wire.Add(BucketKey(prefix, item.bucket));
  }
  AddEpoch(epoch, epoch_key, &wire);
  wire.Add(request.max_wait_us);
  for (const TakeRequest::Item& item : request.items) {
    AddNumbers(item.bucket, &wire);
    wire.Add(item.cost).Add(item.shadow ? "1" : "0");
  }
  return std::move(wire).Take();
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
                       RandomSource& random, telemetry::Registry& registry)
    : options_(options),
      bad_replies_(
          registry.GetCounter(telemetry::kRedisErrors, {{"kind", "reply"}})),
      epochs_(options_, clock, random),
      runner_(client_, epochs_),
      client_(options_, clock, random, registry, &epochs_) {
  epochs_.SetSender([this](std::unique_ptr<Command> command) {
    client_.Send(std::move(command));
  });
}

int LimitStore::SlotOf(const std::string& key) const {
  return options_.mode == Mode::kCluster ? KeySlot(key) : Command::kAnySlot;
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
    slots.push_back(SlotOf(BucketKey(options_.prefix, item.bucket)));
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
  const int slot = SlotOf(BucketKey(options_.prefix, first.bucket));
  auto shared = std::make_shared<TakeRequest>(std::move(request));
  runner_.Run(MakeCall(
      TakeScript(), slot,
      [this, shared,
       epoch_key = EpochKey(options_.prefix, slot)](const Epoch& epoch) {
        return TakeWire(*shared, options_.prefix, epoch_key, epoch);
      },
      [this, shared,
       done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
        if (!reply.ok()) return done(reply.status());
        auto verdicts = Counted(ParseTake(*reply, shared->items.size()));
        if (!verdicts.ok()) return done(verdicts.status());
        TakeReply result;
        result.verdicts = *std::move(verdicts);
        result.allowed = true;
        for (size_t i = 0; i < shared->items.size(); ++i) {
          if (!result.verdicts[i].allowed && !shared->items[i].shadow) {
            result.allowed = false;
          }
        }
        done(std::move(result));
      }));
}

void LimitStore::TakeOne(TakeRequest request, Callback<TakeReply> done) {
  const int slot = SlotOf(BucketKey(options_.prefix, request.items[0].bucket));
  auto shared = std::make_shared<TakeRequest>(std::move(request));
  runner_.Run(MakeCall(
      TakeOneScript(), slot,
      [this, shared, slot](const Epoch& epoch) {
        const TakeRequest::Item& item = shared->items[0];
        WireBuilder wire = Begin(TakeOneScript(), 1, 4);
        wire.Add(BucketKey(options_.prefix, item.bucket));
        AddEpoch(epoch, EpochKey(options_.prefix, slot), &wire);
        wire.Add(item.bucket.shape.TokensPerMicro())
            .Add(item.bucket.shape.burst)
            .Add(item.cost)
            .Add(item.shadow ? int64_t{0} : shared->max_wait_us);
        return std::move(wire).Take();
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
  const std::string key = BucketKey(options_.prefix, request.bucket);
  const int slot = SlotOf(key);
  // The ordinal under which the wire was made last: the reply is of that epoch.
  auto ordinal = std::make_shared<uint16_t>(0);
  runner_.Run(MakeCall(
      LeaseScript(), slot,
      [request = std::move(request), key, ordinal,
       epoch_key = EpochKey(options_.prefix, slot)](const Epoch& epoch) {
        *ordinal = epoch.ordinal;
        return LeaseWire(request, key, epoch_key, epoch);
      },
      [this, ordinal,
       done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
        if (!reply.ok()) return done(reply.status());
        done(Counted(ParseLease(*reply, *ordinal)));
      }));
}

void LimitStore::Refund(store::BucketRef bucket, double cost,
                        absl::AnyInvocable<void(absl::Status)> done) {
  const std::string key = BucketKey(options_.prefix, bucket);
  const int slot = SlotOf(key);
  runner_.Run(MakeCall(
      RefundScript(), slot,
      [bucket = std::move(bucket), cost, key,
       epoch_key = EpochKey(options_.prefix, slot)](const Epoch& epoch) {
        WireBuilder wire = Begin(RefundScript(), 1, 1 + kNumbersPerBucket);
        wire.Add(key);
        AddEpoch(epoch, epoch_key, &wire);
        wire.Add(cost);
        AddNumbers(bucket, &wire);
        return std::move(wire).Take();
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
  const std::string key = BucketKey(options_.prefix, request.bucket);
  const int slot = SlotOf(key);
  runner_.Run(MakeCall(
      AdjustScript(), slot,
      [request = std::move(request), key,
       epoch_key = EpochKey(options_.prefix, slot)](const Epoch& epoch) {
        const limit::AdaptiveShape& shape = request.bucket.adaptive;
        WireBuilder wire = Begin(AdjustScript(), 1, 4 + kNumbersPerBucket);
        wire.Add(key);
        AddEpoch(epoch, epoch_key, &wire);
        wire.Add(request.up ? "1" : "0")
            .Add(shape.increase / 1e6)
            .Add(1 - shape.decrease_percent / 100)
            .Add(shape.step_every_us);
        AddNumbers(request.bucket, &wire);
        return std::move(wire).Take();
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
  command->slot = SlotOf(key);
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
  client_.Send(MakeCommand({"ZREM", key, pod}, SlotOf(key), nullptr));
}

}  // namespace outrigger::redis
