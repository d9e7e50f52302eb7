#include "tests/simulation/breaker_simulation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "telemetry/log.h"
#include "tests/simulation/breaker_pod.h"

namespace outrigger::simulation {
namespace {

using coord::BreakerState;
using coord::CallResult;
using coord::PermitAnswer;
using std::chrono::seconds;

constexpr int64_t kMs = 1000;
constexpr int64_t kSecond = 1'000'000;
// The longest wait, should the last probes fail as the service recovers; and
// once more for probes that got lost before.
constexpr int64_t kRecoversWithin = 30 * kSecond;
// News may get lost; then the next report's answer brings it.
constexpr int64_t kHearsWithin = 6 * kSecond;
// What a caller gives a call. Shorter than what it tells the breaker, which
// begins to count earlier.
constexpr int64_t kCallTimeout = 700 * kMs;
constexpr auto kProbeTimeout = seconds(1);

breaker::BreakerOptions Options() {
  breaker::BreakerOptions options;
  options.name = "b";
  options.minimum_calls = 10;
  options.window = seconds(5);
  options.open_for = seconds(2);
  options.open_max = seconds(8);
  options.probe_timeout = kProbeTimeout;
  options.permit_timeout = seconds(10);
  options.recover_for = seconds(2);
  return options;
}

class Simulation {
 public:
  explicit Simulation(const BreakerSimOptions& options)
      : options_(options), world_(options.seed), store_(world_) {
    if (!options.faults) weather_ = {300, 0, 0, 0};
    for (int i = 0; i < options.pods; ++i) AddPod();
  }

  BreakerSimResult Run() {
    const int64_t quiet_us = options_.length_us;
    const int64_t end_us = quiet_us + std::max(kRecoversWithin, quiet_us / 2);
    ScheduleService(quiet_us);
    if (options_.faults) ScheduleFaults(quiet_us);
    ScheduleCall();
    world_.RunUntil(quiet_us);
    Quieten();
    for (int64_t now = quiet_us; now < end_us; now += 100 * kMs) {
      world_.RunUntil(now);
      if (!AllWhole()) {
        result_.recovered_after_seconds =
            static_cast<double>(now + 100 * kMs - quiet_us) / kSecond;
      }
    }
    calling_ = false;
    world_.RunUntil(end_us + 5 * kSecond);
    CheckEnd();
    return result_;
  }

 private:
  using PodPtr = std::shared_ptr<SimBreakerPod>;

  void AddPod() {
    const int64_t skew =
        kSecond * 3600 + static_cast<int64_t>(world_.Pick(10 * kSecond));
    const double speed = 1 + 0.0002 * (world_.Uniform() - 0.5);
    auto pod = std::make_shared<SimBreakerPod>(
        world_, store_, weather_, Options(), ++last_pod_, skew, speed);
    pod->talks_since_us = world_.now_us();
    pods_.push_back(std::move(pod));
  }
  const PodPtr& AnyPod() { return pods_[world_.Pick(pods_.size())]; }
  void Breach(const std::string& what) {
    if (result_.held) {
      result_.first_breach =
          absl::StrFormat("at %.3f s: %s",
                          static_cast<double>(world_.now_us()) / kSecond, what);
    }
    result_.held = false;
  }

  // The service is ill now and then, for some pods or for all.
  void ScheduleService(int64_t quiet_us) {
    int64_t at = 2 * kSecond;
    while (at < quiet_us) {
      const auto lasts = static_cast<int64_t>(static_cast<double>(kSecond) *
                                              (1 + 9 * world_.Uniform()));
      const double share = world_.Chance(0.3) ? 0.15 : 1;
      const double fails = world_.Chance(0.3) ? 0.6 : 1;
      world_.At(at, [this, share, fails] {
        ill_pods_ = share;
        ill_share_ = fails;
      });
      world_.At(at + lasts, [this] { ill_pods_ = 0; });
      at += lasts + kSecond + static_cast<int64_t>(world_.Pick(10 * kSecond));
    }
  }
  bool FailsFor(const SimBreakerPod& pod) {
    return static_cast<double>(pod.number % 20) < ill_pods_ * 20 &&
           world_.Chance(ill_share_);
  }

  void ScheduleCall() {
    const double per_second =
        std::max(options_.calls_per_second * options_.pods,
                 options_.least_calls_per_second);
    world_.At(world_.now_us() +
                  world_.Exponential(static_cast<double>(kSecond) / per_second),
              [this] {
                if (!calling_) return;
                Call(AnyPod());
                ScheduleCall();
              });
  }

  void Call(const PodPtr& pod) {
    if (pod->paused()) return;  // its callers stand still, too
    ++result_.calls;
    coord::PermitQuery query;
    query.breaker = "b";
    query.timeout = kProbeTimeout;
    PermitAnswer answer;
    absl::Status error;
    if (pod->breakers().AcquireNow(query, &answer, &error)) {
      return OnAnswer(pod, answer);
    }
    const uint64_t asked = ++last_asked_;
    waiting_[asked] = pod->number;
    const auto ticket = pod->breakers().AcquireLater(
        query, [this, asked, weak = std::weak_ptr<SimBreakerPod>(pod)](
                   const absl::StatusOr<PermitAnswer>& later) {
          waiting_.erase(asked);
          const PodPtr alive = weak.lock();
          if (alive == nullptr) return;
          if (later.ok()) return OnAnswer(alive, *later);
          if (!absl::IsCancelled(later.status())) {
            Breach(absl::StrCat("an error: ", later.status().message()));
          }
        });
    if (noisy_ && world_.Chance(0.05)) pod->breakers().Cancel(ticket);
  }

  void OnAnswer(const PodPtr& pod, const PermitAnswer& answer) {
    result_.degraded += answer.degraded ? 1 : 0;
    CheckForced(*pod, answer);
    if (!answer.allowed) {
      ++result_.denied;
      return;
    }
    const bool own = answer.probe && (answer.isolated || answer.degraded);
    const bool fleets = answer.probe && !own;
    const uint64_t call = ++last_call_;
    if (own) {
      ++result_.own_probes;
      if (++pod->own_probes > Options().half_open_probes) {
        Breach("too many of a pod's own probes");
      }
    }
    if (fleets) SendProbe(call);
    const bool fails = FailsFor(*pod);
    const bool hangs = fails && world_.Chance(0.3);
    const int64_t takes =
        hangs ? kCallTimeout
              : std::min(kCallTimeout, world_.Exponential(20'000));
    world_.At(world_.now_us() + takes, [=, this] {
      if (own) --pod->own_probes;
      if (fleets) probes_.erase(call);
      result_.failed += fails ? 1 : 0;
      if (noisy_ && world_.Chance(0.05)) return;  // nobody says how it went
      Report(*pod, answer, fails);
    });
  }

  void Report(SimBreakerPod& pod, const PermitAnswer& answer, bool failed) {
    coord::CallOutcome outcome;
    outcome.breaker = "b";
    outcome.permit = answer.permit;
    outcome.generation = answer.generation;
    outcome.result = failed ? CallResult::kFailure : CallResult::kSuccess;
    if (noisy_ && world_.Chance(0.03)) outcome.result = CallResult::kIgnored;
    const int times = world_.Chance(0.02) ? 2 : 1;
    for (int i = 0; i < times; ++i) {
      (void)pod.breakers().Report({outcome});
    }
  }

  void SendProbe(uint64_t call) {
    ++result_.probes;
    probes_.insert({call, world_.now_us()});
    int out = 0;
    for (const auto& [id, began] : probes_) out += began > lost_at_us_ ? 1 : 0;
    result_.most_probes = std::max(result_.most_probes, out);
    if (out > Options().half_open_probes) {
      Breach(absl::StrCat(out, " probes at a time"));
    }
  }

  void CheckForced(SimBreakerPod& pod, const PermitAnswer& answer) {
    if (forced_since_us_ == 0 || !answer.allowed) return;
    const int64_t since = std::max(forced_since_us_, pod.talks_since_us);
    if (pod.fit() && world_.now_us() > since + kHearsWithin) {
      Breach(absl::StrCat("pod ", pod.number, " let a call pass, forced open"));
    }
  }

  void ScheduleFaults(int64_t quiet_us) {
    noisy_ = true;
    const double pods = options_.pods;
    Every(quiet_us, 30 / pods, [this] { KillPod(); });
    Every(quiet_us, 20 / pods, [this] { PausePod(); });
    Every(quiet_us, 20 / pods, [this] { CutPod(); });
    Every(quiet_us, 25, [this] { LoseWrites(); });
    Every(quiet_us, 30, [this] { CutAll(); });
    if (world_.Chance(0.3)) {
      world_.At(static_cast<int64_t>(world_.Pick(10 * kSecond)),
                [this] { ForceOpen(); });
    }
  }
  // At random, so many seconds apart on average.
  void Every(int64_t until_us, double apart, std::function<void()> work) {
    const int64_t at = world_.now_us() +
                       world_.Exponential(apart * static_cast<double>(kSecond));
    if (at >= until_us) return;
    world_.At(at, [this, until_us, apart, work] {
      work();
      Every(until_us, apart, work);
    });
  }
  int64_t UpTo(int64_t most) {
    return 1 + static_cast<int64_t>(world_.Pick(static_cast<size_t>(most)));
  }

  void KillPod() {
    ++result_.kills;
    const size_t at = world_.Pick(pods_.size());
    const PodPtr dead = std::exchange(pods_[at], nullptr);
    result_.commands += dead->commands();
    std::erase_if(waiting_, [&dead](const auto& waiter) {
      return waiter.second == dead->number;
    });
    // Its callers are gone with it: it talks to nobody any more.
    dead->PauseUntil(INT64_MAX);
    dead->Cut();
    graveyard_.push_back(dead);
    pods_.erase(pods_.begin() + static_cast<int64_t>(at));
    AddPod();
  }
  void PausePod() {
    ++result_.pauses;
    AnyPod()->PauseUntil(world_.now_us() + UpTo(5 * kSecond));
  }
  void CutPod() {
    ++result_.cuts;
    const PodPtr pod = AnyPod();
    pod->Cut();
    world_.At(world_.now_us() + UpTo(5 * kSecond), [pod] { pod->Mend(); });
  }
  void CutAll() {
    ++result_.cuts;
    const std::vector<PodPtr> pods = pods_;
    for (const PodPtr& pod : pods) pod->Cut();
    world_.At(world_.now_us() + UpTo(5 * kSecond), [pods] {
      for (const PodPtr& pod : pods) pod->Mend();
    });
  }
  // A failover, or a flush: all have to connect anew.
  void LoseWrites() {
    ++result_.losses;
    store_.Lose(world_.Chance(0.3) ? INT64_MAX / 2 : UpTo(3 * kSecond));
    // What was given just before may still be on its way.
    lost_at_us_ = world_.now_us() + kSecond;
    for (const PodPtr& pod : pods_) {
      if (!pod->cut()) pod->Mend();
    }
  }

  void ForceOpen() {
    ++result_.forced;
    const PodPtr pod = AnyPod();
    pod->breakers().Force("b", "", BreakerState::kForcedOpen,
                          [this](const absl::StatusOr<bool>& degraded) {
                            if (degraded.ok() && !*degraded) {
                              forced_since_us_ = world_.now_us();
                            }
                          });
  }

  // The faults are over. What they have begun ends.
  void Quieten() {
    ill_pods_ = 0;
    weather_ = {300, 0, 0, 0};
    noisy_ = false;
    for (const PodPtr& pod : pods_) {
      pod->PauseUntil(world_.now_us());
      pod->Mend();
    }
    forced_since_us_ = 0;
    // One pod's word may be lost with its connection; here none is any more.
    world_.At(world_.now_us() + kSecond, [this] {
      AnyPod()->breakers().Force("b", "", BreakerState::kClosed,
                                 [](const absl::StatusOr<bool>&) {});
    });
  }

  bool AllWhole() {
    for (const PodPtr& pod : pods_) {
      const coord::BreakerView view = pod->breakers().List("b")->front();
      if (view.state != BreakerState::kClosed || view.admit_ratio < 1) {
        return false;
      }
    }
    return true;
  }

  void CheckEnd() {
    result_.unanswered = waiting_.size();
    if (!waiting_.empty()) Breach("questions that were not answered");
    for (const PodPtr& pod : pods_) {
      result_.commands += pod->commands();
      const coord::BreakerView view = pod->breakers().List("b")->front();
      if (view.state != BreakerState::kClosed || view.admit_ratio < 1) {
        Breach(absl::StrCat("pod ", pod->number, " is in state ",
                            static_cast<int>(view.state), " at the end"));
      }
      if (view.probes_out > 0) Breach("a probe is out for ever");
    }
    if (result_.recovered_after_seconds * kSecond > kRecoversWithin) {
      Breach(absl::StrCat("it took ", result_.recovered_after_seconds,
                          " s to be whole"));
    }
  }

  const BreakerSimOptions options_;
  Weather weather_;
  World world_;
  SimBreakerStore store_;
  int last_pod_ = 0;
  std::vector<PodPtr> graveyard_;
  std::vector<PodPtr> pods_;
  bool calling_ = true;
  bool noisy_ = false;  // callers die, give up, and say nothing
  double ill_pods_ = 0;
  double ill_share_ = 1;
  uint64_t last_asked_ = 0;
  uint64_t last_call_ = 0;
  std::map<uint64_t, int> waiting_;     // questions, and whose they are
  std::map<uint64_t, int64_t> probes_;  // at the service, and since when
  int64_t lost_at_us_ = -1;
  int64_t forced_since_us_ = 0;
  BreakerSimResult result_;
};

}  // namespace

std::string BreakerSimResult::Line(uint64_t seed) const {
  return absl::StrFormat(
      "seed %d: %s | %d calls, %d denied, %d failed, %d degraded | %d probes, "
      "%d at most at a time, %d of pods alone | whole after %.1f s | %d "
      "commands | %d kills, %d pauses, %d cuts, %d losses, %d forced%s",
      seed, held ? "held" : "BROKEN", calls, denied, failed, degraded, probes,
      most_probes, own_probes, recovered_after_seconds, commands, kills, pauses,
      cuts, losses, forced, held ? "" : " | " + first_breach);
}

BreakerSimResult SimulateBreakers(const BreakerSimOptions& options) {
  telemetry::Log::SetMinimum(telemetry::LogLevel::kError);
  return Simulation(options).Run();
}

}  // namespace outrigger::simulation
