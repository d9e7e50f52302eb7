#include "tests/simulation/pool_simulation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/simulation/pool_pod.h"

namespace outrigger::simulation {
namespace {

using std::chrono::seconds;

constexpr Duration kLease = seconds(5);
constexpr int64_t kLeaseUs = 5'000'000;
// Before the end: the faults stop, and what they left has passed.
constexpr int64_t kQuietUs = 30'000'000;
constexpr int64_t kCalmUs = 15'000'000;
constexpr double kMeanHoldUs = 100'000;
constexpr double kMeanThinkUs = 20'000;

class Simulation {
 public:
  explicit Simulation(const PoolSimOptions& options)
      : options_(options),
        world_(options.seed),
        store_clock_(world_, 0, 1),
        store_(store_clock_) {
    const double sizes[] = {0, 0.5, 1, 2.5, 4};
    const double slots = options.slots_per_pod > 0
                             ? options.slots_per_pod
                             : sizes[world_.Pick(std::size(sizes))];
    result_.cap = std::max(1u, static_cast<uint32_t>(slots * options.pods));
    callers_per_pod_ = options.callers_per_pod > 0
                           ? options.callers_per_pod
                           : 2 + static_cast<int>(world_.Pick(8));
    if (!options.faults) weather_.late = weather_.lost = 0;
    for (int i = 0; i < options.pods; ++i) AddPod();
  }

  PoolSimResult Run() {
    const int64_t length_us = ToMicros(options_.length);
    calm_from_us_ = length_us - kCalmUs;
    if (options_.faults) Disturb(length_us - kQuietUs);
    world_.At(calm_from_us_, [this] { used_since_us_ = world_.now_us(); });
    world_.RunUntil(length_us);
    CountUse();
    result_.used /= static_cast<double>(kCalmUs) * result_.cap;
    stopping_ = true;
    world_.RunUntil(length_us + 120'000'000);
    for (const auto& [number, pod] : pods_) {
      result_.commands += pod->line().sent();
    }
    if (answered_ != result_.asked) {
      Breach(absl::StrCat(result_.asked - answered_,
                          " questions were not answered"));
    }
    CheckCalm();
    return result_;
  }

 private:
  struct Caller {
    int pod = 0;
    coord::Pools::Session session = 0;
    bool holding = false;
    uint64_t lease_id = 0;
    uint64_t holds = 0;  // counts them, so that events of an old one are known
    int64_t expires_us = 0;
    bool waiting = false;
  };

  void Breach(const std::string& what) {
    if (result_.held) {
      result_.first_breach =
          absl::StrFormat("at %.6f s: %s", world_.now_us() / 1e6, what);
    }
    result_.held = false;
  }

  pool::PoolOptions Options() const {
    pool::PoolOptions options;
    options.name = "db";
    options.max_connections = result_.cap;
    options.lease = kLease;
    options.leak_after = Duration(0);
    return options;
  }

  void AddPod() {
    const int number = next_pod_++;
    const auto skew_us = static_cast<int64_t>(world_.Uniform() * 1e12);
    const double speed = 1 + (world_.Uniform() - 0.5) * 0.02;
    pods_[number] = std::make_unique<PoolPod>(
        world_, store_, weather_, std::vector<pool::PoolOptions>{Options()},
        absl::StrCat("pod-", number), skew_us, speed);
    for (int i = 0; i < callers_per_pod_; ++i) {
      callers_.push_back({.pod = number});
      const size_t caller = callers_.size() - 1;
      if (world_.Chance(0.3)) OpenSession(caller);
      Think(caller);
    }
  }

  PoolPod* PodOf(size_t caller) {
    const auto it = pods_.find(callers_[caller].pod);
    return it == pods_.end() ? nullptr : it->second.get();
  }

  // Runs when the caller's pod runs; not if it has crashed.
  template <typename Work>
  void AtPod(size_t caller, Work work) {
    PoolPod* const pod = PodOf(caller);
    if (pod == nullptr) return;
    if (!pod->paused()) return work(*pod);
    world_.At(pod->paused_until_us(),
              [this, caller, work] { AtPod(caller, work); });
  }

  void OpenSession(size_t caller) {
    AtPod(caller, [this, caller](PoolPod& pod) {
      callers_[caller].session =
          *pod.pools().OpenSession([this, caller](uint64_t lease) {
            Caller& holder = callers_[caller];
            ++result_.lost;
            if (holder.holding && holder.lease_id == lease) Drop(caller);
          });
    });
  }

  void Think(size_t caller) {
    world_.At(world_.now_us() + world_.Exponential(kMeanThinkUs),
              [this, caller] { Ask(caller); });
  }

  void Ask(size_t caller) {
    PoolPod* const pod = PodOf(caller);
    if (stopping_ || pod == nullptr) return;
    const MonotonicTime sent = pod->clock().Now();
    const int64_t sent_us = world_.now_us();
    callers_[caller].waiting = true;
    ++result_.asked;
    const bool calm = sent_us > calm_from_us_ - kCalmUs;
    const Duration wait =
        calm ? Duration(seconds(60))
             : std::chrono::microseconds(
                   world_.Chance(0.1) ? 0 : world_.Exponential(2e6));
    AtPod(caller, [this, caller, sent, sent_us, wait](PoolPod& asked) {
      coord::SlotQuery query;
      query.pool = "db";
      query.max_wait = wait;
      query.session = callers_[caller].session;
      coord::SlotAnswer answer;
      absl::Status error;
      if (asked.pools().AcquireNow(query, &answer, &error)) {
        return OnAnswer(caller, sent, sent_us, answer);
      }
      asked.pools().AcquireLater(
          query, [this, caller, sent,
                  sent_us](absl::StatusOr<coord::SlotAnswer> later) {
            OnAnswer(caller, sent, sent_us,
                     later.ok() ? *later : coord::SlotAnswer{});
          });
    });
  }

  void OnAnswer(size_t caller, MonotonicTime sent, int64_t sent_us,
                const coord::SlotAnswer& answer) {
    ++answered_;
    callers_[caller].waiting = false;
    if (!answer.acquired) {
      ++result_.denied;
      return Think(caller);
    }
    ++result_.acquired;
    if (sent_us >= calm_from_us_) {
      result_.longest_wait_s =
          std::max(result_.longest_wait_s,
                   static_cast<double>(world_.now_us() - sent_us) / 1e6);
    }
    Caller& holder = callers_[caller];
    holder.lease_id = answer.lease_id;
    holder.expires_us = PodOf(caller)->clock().WorldUs(sent + answer.waited +
                                                       answer.expires_after);
    if (holder.expires_us <= world_.now_us()) {  // it came too late
      GiveBack(caller, answer.lease_id);
      return Think(caller);
    }
    if (result_.cap == 1 && answer.fencing_token <= last_token_) {
      Breach("a fencing token did not grow");
    }
    last_token_ = std::max(last_token_, answer.fencing_token);
    Hold(caller);
  }

  void Hold(size_t caller) {
    Caller& holder = callers_[caller];
    holder.holding = true;
    const uint64_t hold = ++holder.holds;
    CountUse();
    ++held_;
    result_.most_held = std::max(result_.most_held, held_);
    if (held_ > result_.cap) {
      Breach(absl::StrCat(held_, " held of ", result_.cap));
    }
    ExpireLater(caller, hold);
    const double dice = calm() ? 1 : world_.Uniform();
    if (dice < 0.01) return;  // it forgets to release
    const double mean = dice < 0.03 ? 40 * kMeanHoldUs : kMeanHoldUs;
    world_.At(world_.now_us() + world_.Exponential(mean),
              [this, caller, hold] { Finish(caller, hold); });
    if (mean > kMeanHoldUs) RenewLater(caller, hold);
  }

  void ExpireLater(size_t caller, uint64_t hold) {
    world_.At(callers_[caller].expires_us, [this, caller, hold] {
      const Caller& holder = callers_[caller];
      if (!holder.holding || holder.holds != hold) return;
      if (holder.expires_us > world_.now_us()) return;  // renewed
      Drop(caller);
      // A session's leases do not expire while it is open.
      if (holder.session != 0) GiveBack(caller, holder.lease_id);
      Think(caller);
    });
  }

  void RenewLater(size_t caller, uint64_t hold) {
    world_.At(world_.now_us() + kLeaseUs / 3, [this, caller, hold] {
      if (callers_[caller].holds != hold || !callers_[caller].holding) return;
      PoolPod* const pod = PodOf(caller);
      if (pod == nullptr) return;
      const MonotonicTime sent = pod->clock().Now();
      AtPod(caller, [this, caller, hold, sent](PoolPod& asked) {
        Caller& holder = callers_[caller];
        if (holder.holds != hold || !holder.holding) return;
        const auto renewed = asked.pools().Renew(holder.lease_id);
        if (!renewed.ok()) return;
        holder.expires_us =
            std::max(holder.expires_us, asked.clock().WorldUs(sent + *renewed));
        ExpireLater(caller, hold);
        RenewLater(caller, hold);
      });
    });
  }

  void Finish(size_t caller, uint64_t hold) {
    Caller& holder = callers_[caller];
    if (!holder.holding || holder.holds != hold) return;
    Drop(caller);
    if (holder.session != 0 && !calm() && world_.Chance(0.05)) {
      // It dies, and another takes its place.
      const auto session = std::exchange(holder.session, 0);
      AtPod(caller,
            [session](PoolPod& pod) { pod.pools().CloseSession(session); });
      OpenSession(caller);
    } else {
      GiveBack(caller, holder.lease_id);
    }
    Think(caller);
  }

  void GiveBack(size_t caller, uint64_t lease_id) {
    AtPod(caller, [lease_id](PoolPod& pod) {
      pod.pools().Release(lease_id, pool::Outcome::kSuccess);
    });
  }

  // Its connection is closed.
  void Drop(size_t caller) {
    callers_[caller].holding = false;
    CountUse();
    --held_;
  }

  bool calm() const { return world_.now_us() > calm_from_us_ - kCalmUs; }

  void CountUse() {
    if (used_since_us_ < 0 || stopping_) return;
    result_.used += static_cast<double>(held_) *
                    static_cast<double>(world_.now_us() - used_since_us_);
    used_since_us_ = world_.now_us();
  }

  void Disturb(int64_t until_us) {
    const int64_t next =
        world_.now_us() + world_.Exponential(5e6 / options_.pods);
    if (next >= until_us) return;
    world_.At(next, [this, until_us] {
      Fault();
      Disturb(until_us);
    });
  }

  void Fault() {
    auto it = pods_.begin();
    std::advance(it, static_cast<long>(world_.Pick(pods_.size())));
    const double dice = world_.Uniform();
    const auto until = world_.now_us() +
                       static_cast<int64_t>(world_.Uniform() * 2.5 * kLeaseUs);
    if (dice < 0.25) {
      Crash(it->first);
    } else if (dice < 0.6) {
      ++result_.pauses;
      it->second->PauseUntil(until);
    } else if (dice < 0.97) {
      ++result_.cuts;
      it->second->line().Partition(true);
      world_.At(until, [this, number = it->first] {
        const auto pod = pods_.find(number);
        if (pod != pods_.end()) pod->second->line().Partition(false);
      });
    } else {
      ++result_.flushes;
      store_.Forget(kLeaseUs);
    }
  }

  // Those who waited hear of it; those who hold go on until their leases
  // expire, but for those whose stream breaks.
  void Crash(int number) {
    ++result_.crashes;
    pods_.erase(number);
    for (size_t caller = 0; caller < callers_.size(); ++caller) {
      Caller& one = callers_[caller];
      if (one.pod != number) continue;
      if (std::exchange(one.waiting, false)) ++answered_;
      if (one.holding && one.session != 0) Drop(caller);
    }
    AddPod();
  }

  // First come, first served: the wait is what those before hold, and little
  // more. Blocks are fair from pod to pod, so that pods with few who wait are
  // served sooner than others.
  void CheckCalm() {
    const double ahead = static_cast<double>(options_.pods) * callers_per_pod_ /
                         result_.cap * kMeanHoldUs / 1e6;
    const double bound = 4 * ahead + 2;
    if (result_.longest_wait_s > bound) {
      Breach(absl::StrFormat("a caller waited for %.3f s, more than %.3f",
                             result_.longest_wait_s, bound));
    }
    // Callers hold for five sixths of a turn if they never wait.
    const double demand = options_.pods * callers_per_pod_ * kMeanHoldUs /
                          (kMeanHoldUs + kMeanThinkUs);
    const double could = std::min(1.0, demand / result_.cap);
    // Messages are lost and late still, and a lost one costs a slot its
    // time-out and a pod its backoff; one by one each use needs several.
    const double least = options_.faults ? 0.6 : 0.95;
    if (result_.used < least * could) {
      Breach(absl::StrFormat("only %.2f of the cap was used, of %.2f",
                             result_.used, could));
    }
  }

  const PoolSimOptions options_;
  PoolSimResult result_;
  World world_;
  Weather weather_;
  WorldClock store_clock_;
  store::MemoryPoolStore store_;
  int callers_per_pod_ = 0;
  int next_pod_ = 0;
  std::vector<Caller> callers_;
  std::map<int, std::unique_ptr<PoolPod>> pods_;
  uint32_t held_ = 0;
  uint64_t last_token_ = 0;
  uint64_t answered_ = 0;
  int64_t calm_from_us_ = 0;
  int64_t used_since_us_ = -1;
  bool stopping_ = false;
};

}  // namespace

std::string PoolSimResult::Line(uint64_t seed) const {
  return absl::StrFormat(
      "seed %d: %s | cap %d, at most %d held | %d asked, %d acquired, %d "
      "denied, %d lost | calm: waited up to %.3f s, %.3f of the cap used | %d "
      "commands | %d crashes, %d pauses, %d cuts, %d flushes%s",
      seed, held ? "held" : "BROKEN", cap, most_held, asked, acquired, denied,
      lost, longest_wait_s, used, commands, crashes, pauses, cuts, flushes,
      held ? "" : absl::StrCat(" | ", first_breach));
}

PoolSimResult SimulatePools(const PoolSimOptions& options) {
  return Simulation(options).Run();
}

}  // namespace outrigger::simulation
