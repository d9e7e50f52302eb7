#include "tests/simulation/limit_simulation.h"

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "store/memory_store.h"
#include "tests/simulation/promise.h"
#include "tests/simulation/sim_pod.h"

namespace outrigger::simulation {
namespace {

using limit::Algorithm;
using limit::Coordination;
using limit::LimitConfig;

LimitConfig Limit(std::string name, Algorithm algorithm, double tokens,
                  double burst, int64_t period_us, Coordination coordination) {
  LimitConfig config;
  config.name = std::move(name);
  config.key = {config.name};  // so that a question concerns one limit
  config.shape = {algorithm, tokens, period_us, burst};
  config.coordination = coordination;
  return config;
}

// One bucket that is asked for all the time.
struct Target {
  LimitConfig config;
  std::string value;
  Promise promise;
  double per_us;  // demand
  // Demand comes in bursts, so that buckets fill up while leases are out.
  bool bursty = false;
  bool quiet = false;
};

class Run {
 public:
  explicit Run(const LimitOptions& options)
      : options_(options),
        world_(options.seed),
        store_clock_(world_, 1'000'000'000, 1),
        store_(store_clock_),
        limits_(SimulatedLimits()),
        pods_(static_cast<size_t>(options.pods)) {
    if (!options.faults) weather_ = {300, 0, 0, 0};
    spread_ = options.spread;
    if (spread_ == LimitOptions::Spread::kByseed) {
      spread_ = static_cast<LimitOptions::Spread>(1 + options.seed % 3);
    }
    for (LimitConfig& limit : limits_) {
      limit.on_store_loss = options.seed % 2 == 0 ? limit::OnStoreLoss::kDeny
                                                  : limit::OnStoreLoss::kShare;
    }
  }

  LimitResult Go() {
    for (size_t i = 0; i < pods_.size(); ++i) StartPod(i);
    for (const LimitConfig& limit : limits_) AddTargets(limit);
    for (size_t i = 0; i < targets_.size(); ++i) ScheduleArrival(i);
    if (options_.faults) ScheduleFaults();
    world_.RunUntil(options_.length_us);
    return Conclude();
  }

 private:
  void StartPod(size_t i) {
    const bool skewed = options_.faults;
    const auto skew_us =
        1'000'000 + static_cast<int64_t>(skewed ? world_.Uniform() * 6e8 : 0);
    // Two per cent: a hundred times what real clocks do.
    const double speed = skewed ? 0.98 + 0.04 * world_.Uniform() : 1;
    pods_[i] = std::make_unique<SimPod>(
        world_, store_, weather_, on_taken_, limits_,
        absl::StrCat("pod-", ++started_), skew_us, speed);
  }

  void AddTargets(const LimitConfig& limit) {
    const int values = limit.name == "small" ? 20 : 2;
    for (int v = 0; v < values; ++v) {
      Target target{limit, absl::StrCat("v", v), Promise(limit.shape),
                    limit.shape.TokensPerMicro() * options_.demand};
      by_bucket_[absl::StrCat(limit.name, ":", target.value)] = targets_.size();
      target.bursty = v % 2 == 1;
      targets_.push_back(std::move(target));
      if (v % 2 == 1) ScheduleTurn(targets_.size() - 1);
    }
  }

  void ScheduleTurn(size_t target) {
    const double mean_us = targets_[target].quiet ? 700'000 : 300'000;
    world_.At(world_.now_us() + world_.Exponential(mean_us), [this, target] {
      targets_[target].quiet = !targets_[target].quiet;
      ScheduleTurn(target);
    });
  }

  size_t PickPod() {
    const size_t n = pods_.size();
    switch (spread_) {
      case LimitOptions::Spread::kOne:
        return 0;
      case LimitOptions::Spread::kNinetyFiveFive:
        if (n >= 3) {
          const double u = world_.Uniform();
          return u < 0.9 ? 0 : u < 0.95 ? 1 : 2 + world_.Pick(n - 2);
        }
        break;
      default:
        break;
    }
    return world_.Pick(n);
  }

  void ScheduleArrival(size_t target) {
    const int64_t gap_us = world_.Exponential(1 / targets_[target].per_us);
    world_.At(world_.now_us() + gap_us, [this, target] {
      ScheduleArrival(target);
      if (!targets_[target].quiet) Arrive(targets_[target]);
    });
  }

  void Arrive(Target& target) {
    std::unique_ptr<SimPod>& pod = pods_[PickPod()];
    if (pod == nullptr || pod->paused()) return;
    ++result_.decisions;
    const limit::Attribute attribute{target.config.name, target.value};
    coord::AllowQuery query;
    query.attributes = absl::MakeConstSpan(&attribute, 1);
    coord::AllowAnswer answer;
    absl::Status error;
    if (pod->limiter().AllowNow(query, &answer, &error)) {
      if (error.ok()) Count(target, answer, /*by_store=*/false);
      return;
    }
    ++result_.unanswered;
    // Whoever asked a pod that died has gone, too: the answer is never heard.
    pod->limiter().AllowLater(
        query, [this, &target,
                &link = pod->link()](absl::StatusOr<coord::AllowAnswer> later) {
          --result_.unanswered;
          if (later.ok()) Count(target, *later, link.delivers_take());
        });
  }

  void Count(Target& target, const coord::AllowAnswer& answer, bool by_store) {
    if (answer.degraded) ++result_.degraded;
    if (!answer.allowed) return;
    ++result_.admitted;
    // What the loss policy admits is bounded by that policy, not by the store.
    if (answer.degraded || by_store) return;
    Admit(target, 1);
  }

  void Admit(Target& target, double cost) {
    const int64_t store_us =
        ToMicros(store_clock_.WallNow().time_since_epoch());
    if (!target.promise.Admit(store_us, cost)) result_.held = false;
  }

  // What the store took counts as admitted then, even if nobody hears of it.
  void OnTaken(const store::TakeRequest& request) {
    for (const store::TakeRequest::Item& item : request.items) {
      const std::string bucket = item.bucket.key.substr(2);  // less the "t:"
      Admit(targets_[by_bucket_.at(bucket)], item.cost);
    }
  }

  void ScheduleFaults() {
    Every(150'000, [this] { KillOne(); });
    Every(100'000, [this] { PauseOne(); });
    Every(200'000, [this] { PartitionSome(); });
    if (options_.seed % 4 != 3) {
      Every(2'500'000, [this] { LoseMemory(); });
    }
    TakeReplica();
  }

  void Every(double mean_us, std::function<void()> fault) {
    world_.At(world_.now_us() + world_.Exponential(mean_us),
              [this, mean_us, fault] {
                fault();
                Every(mean_us, fault);
              });
  }

  // The busiest pod is hit as often as all the others together.
  size_t Victim() { return world_.Chance(0.1) ? 0 : world_.Pick(pods_.size()); }

  void KillOne() {
    const size_t i = Victim();
    if (pods_[i] == nullptr) return;
    ++result_.kills;
    result_.unanswered -= pods_[i]->limiter().GetStatus().parked;
    pods_[i].reset();
    world_.At(world_.now_us() + world_.Exponential(300'000),
              [this, i] { StartPod(i); });
  }

  void PauseOne() {
    const size_t i = Victim();
    if (pods_[i] == nullptr) return;
    ++result_.pauses;
    pods_[i]->PauseUntil(world_.now_us() + world_.Exponential(700'000));
  }

  void PartitionSome() {
    ++result_.partitions;
    const int64_t until_us = world_.now_us() + world_.Exponential(500'000);
    const size_t first = Victim();
    const size_t count =
        1 + world_.Pick(std::max<size_t>(1, pods_.size() / 10));
    for (size_t n = 0; n < count; ++n) {
      const size_t i = (first + n) % pods_.size();
      if (pods_[i] == nullptr) continue;
      pods_[i]->link().line().Partition(true);
      world_.At(until_us, [this, i] {
        if (pods_[i] != nullptr) pods_[i]->link().line().Partition(false);
      });
    }
  }

  void TakeReplica() {
    replica_ = store_.Replicate();
    world_.At(world_.now_us() + 500'000 + world_.Exponential(700'000),
              [this] { TakeReplica(); });
  }

  void LoseMemory() {
    if (world_.Chance(0.5)) {
      ++result_.flushes;
      store_.Flush();
    } else {
      ++result_.failovers;
      store_.FailOverTo(replica_);  // its last seconds are lost
    }
  }

  LimitResult Conclude() {
    for (const Target& target : targets_) {
      BucketResult bucket;
      bucket.limit = target.config.name;
      bucket.bursty = target.bursty;
      bucket.admitted = target.promise.admitted();
      bucket.share_used =
          bucket.admitted / target.promise.Allowance(options_.length_us);
      bucket.excess = target.promise.excess();
      result_.buckets.push_back(bucket);
    }
    for (const auto& pod : pods_) {
      if (pod == nullptr) continue;
      result_.store_commands += pod->link().commands_sent();
      result_.unanswered -= pod->limiter().GetStatus().parked;
    }
    return result_;
  }

  const LimitOptions options_;
  World world_;
  WorldClock store_clock_;
  store::MemoryStore store_;
  Weather weather_;
  LimitOptions::Spread spread_;
  std::vector<LimitConfig> limits_;
  std::vector<Target> targets_;
  std::map<std::string, size_t> by_bucket_;
  const Link::OnTaken on_taken_ = [this](const store::TakeRequest& request) {
    OnTaken(request);
  };
  store::MemoryStore::Buckets replica_;
  LimitResult result_;
  int started_ = 0;
  std::vector<std::unique_ptr<SimPod>> pods_;
};

}  // namespace

std::vector<LimitConfig> SimulatedLimits() {
  constexpr int64_t kSecond = 1'000'000;
  return {
      Limit("leased", Algorithm::kTokenBucket, 2000, 2000, kSecond,
            Coordination::kLeased),
      Limit("tight", Algorithm::kTokenBucket, 1000, 50, kSecond,
            Coordination::kLeased),
      Limit("exact", Algorithm::kTokenBucket, 200, 100, kSecond,
            Coordination::kExact),
      Limit("fixed", Algorithm::kFixedWindow, 1000, 1000, kSecond,
            Coordination::kLeased),
      Limit("sliding", Algorithm::kSlidingWindow, 4000, 4000, 2 * kSecond,
            Coordination::kLeased),
      Limit("log", Algorithm::kSlidingWindow, 100, 100, kSecond,
            Coordination::kLeased),
      Limit("small", Algorithm::kTokenBucket, 5, 5, kSecond,
            Coordination::kLeased),
  };
}

std::string LimitResult::Line(uint64_t seed) const {
  std::string line = absl::StrFormat(
      "seed %4d  %s  %8d decisions  %7d admitted  %6d degraded  %.4f "
      "commands/decision  kills %d pauses %d partitions %d flushes %d "
      "failovers %d  used",
      seed, held ? "held  " : "BROKEN", decisions, admitted, degraded,
      static_cast<double>(store_commands) / static_cast<double>(decisions),
      kills, pauses, partitions, flushes, failovers);
  std::string last;
  for (const BucketResult& bucket : buckets) {
    const bool over = bucket.excess > 0.01;
    if (!bucket.bursty && bucket.limit != last) {
      absl::StrAppendFormat(&line, " %s=%.3f", bucket.limit, bucket.share_used);
      last = bucket.limit;
    }
    if (over) {
      absl::StrAppendFormat(&line, " (%s over by %.2f)", bucket.limit,
                            bucket.excess);
    }
  }
  return line;
}

LimitResult SimulateLimits(const LimitOptions& options) {
  return Run(options).Go();
}

}  // namespace outrigger::simulation
