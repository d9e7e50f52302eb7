#include "coord/limit/lease_keeper.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "coord/limit/local_decision.h"
#include "limit/leased_bucket.h"

namespace outrigger::coord {
namespace {

// The holder stops this share of the lease early: clocks may differ in speed by
// a thirty-second, which is a hundred times what they do.
constexpr int64_t kMarginShare = 32;
// A lease not used for this long goes back.
constexpr uint32_t kIdleMs = 200;
// A lease that lapses within this goes back: Tidy comes every 100 ms.
constexpr int64_t kLapsesSoonUs = 150'000;
// While the bucket is dry, the store is not asked more often than this.
constexpr int64_t kDryPaceUs = 20'000;
// A key unused for this long has no demand worth remembering.
constexpr uint32_t kForgetMs = 10'000;
constexpr uint32_t kKeepShareMs = 3'600'000;
// An adaptive limit of this pod alone falls back to its initial rate after a
// day.
constexpr uint32_t kKeepRateMs = 86'400'000;
constexpr size_t kTidyPerShard = 256;

int64_t DryPaceUs(const limit::Shape& shape) {
  // Never so long that the bucket could fill up meanwhile.
  const double fill_us = shape.burst / shape.TokensPerMicro();
  return static_cast<int64_t>(std::min<double>(kDryPaceUs, fill_us / 4));
}

}  // namespace

LeaseKeeper::Asking LeaseKeeper::Prepare(KeyState& key, double min,
                                         int64_t now_us) const {
  BusyKey& busy = *key.busy;
  Asking asking;
  asking.hash = key.hash;
  asking.limit_id = key.limit_id;
  asking.sent_us = now_us;
  asking.request.bucket = {busy.name, busy.shape, busy.adaptive};
  const double horizon_s = LeaseHorizonS(busy.shape);
  const double expected = std::ceil(key.demand_per_s * horizon_s);
  asking.request.want_for_us = static_cast<int64_t>(horizon_s * 1e6);
  asking.request.min = min;
  asking.request.want =
      std::max(min, std::min(expected, std::floor(busy.shape.burst)));
  asking.request.accounts = busy.lease.TakeAccounts(now_us);
  busy.asking = true;
  busy.wanted = asking.request.want;
  return asking;
}

bool LeaseKeeper::AskFor(const Part& part, double cost, std::string bucket_name,
                         std::shared_ptr<Question> question) {
  Asking asking;
  {
    KeyTable::Locked locked(pod_.keys, part.hash, part.state->id);
    if (locked.state() == nullptr) return false;
    BusyKey& busy = locked.Busy();
    busy.name = std::move(bucket_name);
    busy.shape = *part.shape;
    busy.adaptive = part.config->adaptive;
    if (question != nullptr) busy.asked_for.push_back(std::move(question));
    if (busy.asking) return true;
    asking = Prepare(*locked.state(), cost, pod_.NowUs());
  }
  Send(std::move(asking), part.state);
  return true;
}

void LeaseKeeper::Renew(const Part& part) {
  Asking asking;
  {
    KeyTable::Locked locked(pod_.keys, part.hash, part.state->id);
    KeyState* key = locked.state();
    if (key == nullptr || key->busy == nullptr || key->busy->asking) return;
    asking = Prepare(*key, 1, pod_.NowUs());
  }
  Send(std::move(asking), part.state);
}

void LeaseKeeper::Send(Asking asking, LimitState* limit) {
  asking.limit = limit;
  store::LeaseRequest request = std::move(asking.request);
  asking.request.min = request.min;
  asking.request.bucket.shape = request.bucket.shape;
  pod_.store->Lease(
      std::move(request),
      [this, asking = std::move(asking)](
          absl::StatusOr<store::LeaseReply> reply) { OnReply(asking, reply); });
}

void LeaseKeeper::Apply(const Asking& asking, const store::LeaseReply& reply,
                        KeyState& key, int64_t now_us) const {
  BusyKey& busy = *key.busy;
  busy.available = reply.available;
  busy.full_at_us = now_us + reply.reset_after_us;
  if (reply.granted > 0) {
    const int64_t valid_us =
        reply.valid_for_us - reply.valid_for_us / kMarginShare;
    busy.lease.Add(reply.generation, reply.granted, asking.sent_us + valid_us);
  }
  key.closed = false;
  key.until_us = 0;
  if (reply.granted > 0 && reply.available >= 1) return;
  if (reply.retry_after_us == limit::kNever) return;
  // Dry. Nobody asks again before there can be something worth asking for.
  const limit::Shape& shape = asking.request.bucket.shape;
  key.closed = true;
  key.until_us = now_us + std::max(reply.retry_after_us, DryPaceUs(shape));
  key.closed_cost =
      reply.granted > 0 ? 0 : static_cast<float>(asking.request.min);
}

void LeaseKeeper::OnReply(const Asking& asking,
                          const absl::StatusOr<store::LeaseReply>& reply) {
  std::vector<std::shared_ptr<Question>> questions;
  {
    KeyTable::Locked locked(pod_.keys, asking.hash, asking.limit_id);
    KeyState* key = locked.state();
    // A key with a request under way is never dropped.
    if (key == nullptr || key->busy == nullptr) return;
    key->busy->asking = false;
    questions.swap(key->busy->asked_for);
    if (reply.ok()) Apply(asking, *reply, *key, pod_.NowUs());
  }
  if (reply.ok() && asking.limit != nullptr && reply->tokens_per_period > 0) {
    const limit::Shape& shape = asking.request.bucket.shape;
    if (shape.algorithm == limit::Algorithm::kAdaptive) {
      asking.limit->adaptive_rate.store(reply->tokens_per_period * 1e6 /
                                        static_cast<double>(shape.period_us));
    }
  }
  for (std::shared_ptr<Question>& question : questions) {
    resume_(std::move(question), reply.ok());
  }
}

bool LeaseKeeper::TidyBusy(KeyState& key, int64_t now_us,
                           std::vector<store::LeaseRequest>& returns) const {
  BusyKey& busy = *key.busy;
  if (busy.asking || !busy.asked_for.empty()) return false;
  const uint32_t idle_ms = static_cast<uint32_t>(now_us / 1000) - key.used_ms;
  const bool idle = idle_ms >= kIdleMs;
  if (!busy.lease.empty() &&
      (idle || busy.lease.ExpiresUs() - now_us < kLapsesSoonUs)) {
    store::LeaseRequest request;
    request.bucket = {busy.name, busy.shape, busy.adaptive};
    request.accounts = busy.lease.ReturnAll();
    if (!request.accounts.empty()) returns.push_back(std::move(request));
  }
  const bool own_state = busy.sliding.count() > 0 ||
                         (busy.rate.stepped_us > 0 && idle_ms < kKeepRateMs);
  return idle && busy.lease.empty() && !own_state;
}

void LeaseKeeper::Tidy(const LimitSet& limits) {
  const int64_t now_us = pod_.NowUs();
  const auto now_ms = static_cast<uint32_t>(now_us / 1000);
  std::vector<store::LeaseRequest> returns;
  for (size_t shard = 0; shard < KeyTable::kShards; ++shard) {
    pod_.keys.VisitBusy(shard, kTidyPerShard, [&](KeyState& key) {
      const int index = key.limit_id < limits.index_by_id.size()
                            ? limits.index_by_id[key.limit_id]
                            : -1;
      if (index < 0) {  // the limit is gone: nothing of it is kept
        key.busy->sliding = limit::SlidingWindow();
        key.busy->rate = limit::AdaptiveRate();
      } else if (key.busy->sliding.count() > 0) {
        key.busy->sliding.AdvanceTo(now_us, key.busy->shape);
      }
      return TidyBusy(key, now_us, returns);
    });
    pod_.keys.Sweep(shard, kTidyPerShard, [&](const KeyState& key) {
      if (now_us < key.until_us) return false;
      if (!key.closed && key.until_us > 0)
        return true;  // local, as good as new
      if (now_ms - key.used_ms < kForgetMs) return false;
      // A share of a lost store's limit: kept while it may be below full.
      return !key.has_own || now_ms - key.used_ms > kKeepShareMs;
    });
  }
  for (store::LeaseRequest& request : returns) {
    pod_.store->Lease(std::move(request),
                      [](absl::StatusOr<store::LeaseReply>) {});
  }
}

void LeaseKeeper::ReturnAll(absl::AnyInvocable<void()> done) {
  std::vector<store::LeaseRequest> returns;
  for (size_t shard = 0; shard < KeyTable::kShards; ++shard) {
    pod_.keys.VisitBusy(shard, SIZE_MAX, [&](KeyState& key) {
      store::LeaseRequest request;
      request.bucket = {key.busy->name, key.busy->shape, key.busy->adaptive};
      request.accounts = key.busy->lease.ReturnAll();
      if (!request.accounts.empty()) returns.push_back(std::move(request));
      return false;
    });
  }
  auto left = std::make_shared<std::atomic<size_t>>(returns.size() + 1);
  auto all = std::make_shared<absl::AnyInvocable<void()>>(std::move(done));
  auto finish = [left, all] {
    if (left->fetch_sub(1) == 1) (*all)();
  };
  for (store::LeaseRequest& request : returns) {
    pod_.store->Lease(
        std::move(request),
        [finish](absl::StatusOr<store::LeaseReply>) { finish(); });
  }
  finish();
}

}  // namespace outrigger::coord
