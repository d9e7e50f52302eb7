#include "coord/limit/limiter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "coord/limit/adjustments.h"
#include "coord/limit/find_parts.h"
#include "coord/limit/lease_keeper.h"
#include "coord/limit/limit_set.h"
#include "coord/limit/local_decision.h"
#include "coord/limit/part.h"
#include "coord/limit/pod.h"
#include "coord/limit/question.h"

namespace outrigger::coord {
namespace {

constexpr Duration kTidyEvery = std::chrono::milliseconds(100);
constexpr int kHeartbeatEvery = 10;  // tidies

std::string RandomName(RandomSource& random) {
  return absl::StrFormat("pod-%016x", random.Next());
}

}  // namespace

class Limiter::Rep {
 public:
  Rep(Options options, std::vector<limit::LimitConfig> configs,
      const Clock& clock, Executor& executor, RandomSource& random,
      telemetry::Registry& registry, store::LimitStore* store)
      : pod_(options.max_keys, clock, executor, store, random.Next()),
        name_(options.pod.empty() ? RandomName(random) : options.pod),
        started_(clock.Now()),
        limits_(registry),
        adjustments_(pod_, limits_),
        keeper_(pod_,
                [this](std::shared_ptr<Question> question, bool reached) {
                  questions_.Resume(std::move(question), reached);
                }),
        questions_(pod_, limits_, keeper_, options.max_parked,
                   registry.GetCounter(telemetry::kAllowRefused,
                                       {{"bound", "parked"}})),
        keys_refused_(registry.GetCounter(telemetry::kAllowRefused,
                                          {{"bound", "keys"}})) {
    last_tidy_ = started_;
    limits_.Update(std::move(configs));
    observation_ = registry.Observe(
        [this](telemetry::Observations& seen) { ObserveAll(seen); });
    ScheduleTidy();
  }

  ~Rep() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    if (!pod_.executor.Cancel(tidy_timer_)) {  // it runs right now
      mutex_.Await(absl::Condition(
          +[](int* tidying) { return *tidying == 0; }, &tidying_));
    }
  }

  bool AllowNow(const AllowQuery& query, AllowAnswer* answer,
                absl::Status* error) {
    const LimitSet& set = *limits_.Current();
    Parts parts;
    *error = FindParts(pod_, set, query, parts);
    if (!error->ok() || parts.empty()) return true;
    const Ask ask{static_cast<double>(query.cost), 0, pod_.NowUs()};
    bool denied = false;
    for (Part& part : parts) {
      if (denied && !query.detail) break;
      const bool settled = DecideNow(query, ask, part, error);
      denied = denied || Denies(part);
      if (settled && error->ok()) continue;
      for (Part& taken : parts) GiveBack(pod_, ask.cost, taken);
      return settled;
    }
    if (denied) {  // a denied call consumes nothing anywhere
      for (Part& taken : parts) GiveBack(pod_, ask.cost, taken);
    }
    for (const Part& part : parts) {
      if (part.runs_low) keeper_.Renew(part);
    }
    ConcludeAnswer(parts, query.detail, /*local=*/true, answer);
    return true;
  }

  Ticket AllowLater(const AllowQuery& query, AllowDone done) {
    auto question = std::make_shared<Question>();
    question->limits = limits_.Current();
    absl::Status found = FindParts(pod_, *question->limits, query,
                                   question->parts, &question->bucket_names);
    if (!found.ok()) {
      done(found);
      return 0;
    }
    question->cost = query.cost;
    question->max_wait_us = query.cost == 0 ? 0 : query.max_wait_us;
    question->detail = query.detail;
    question->span = telemetry::CurrentSpan();
    question->done = std::move(done);
    return questions_.Park(std::move(question));
  }

  void Cancel(Ticket ticket) { questions_.Cancel(ticket); }

  Adjustments& adjustments() { return adjustments_; }

  void Update(std::vector<limit::LimitConfig> limits) {
    limits_.Update(std::move(limits));
  }

  void Drain(absl::AnyInvocable<void()> done) {
    if (pod_.store == nullptr) return done();
    pod_.draining.store(true);
    pod_.store->Leave(name_);
    keeper_.ReturnAll(std::move(done));
  }

  bool HasLimit(absl::string_view name) const {
    return limits_.Current()->matcher.Find(name) >= 0;
  }

  Status GetStatus() const;

 private:
  // Returns false if the part has to wait or to ask.
  bool DecideNow(const AllowQuery& query, const Ask& ask, Part& part,
                 absl::Status* error);
  bool WouldWait(const AllowQuery& query, const Part& part) const {
    return query.max_wait_us > 0 && query.cost > 0 && !part.config->shadow &&
           part.verdict.retry_after_us <= query.max_wait_us;
  }
  void ScheduleTidy();
  void Tidy();
  void ObserveAll(telemetry::Observations& seen) const;

  Pod pod_;
  const std::string name_;
  const MonotonicTime started_;
  LimitSets limits_;
  Adjustments adjustments_;
  LeaseKeeper keeper_;
  Questions questions_;
  telemetry::Counter& keys_refused_;

  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int tidying_ ABSL_GUARDED_BY(mutex_) = 0;  // 1 while the timer's work runs
  Executor::TimerId tidy_timer_ ABSL_GUARDED_BY(mutex_) = 0;
  int tidies_ = 0;           // of the executor's thread
  MonotonicTime last_tidy_;  // of the executor's thread
  std::atomic<int64_t> degraded_ns_{0};
  telemetry::Observation observation_;  // last: it looks at the rest
};

bool Limiter::Rep::DecideNow(const AllowQuery& query, const Ask& ask,
                             Part& part, absl::Status* error) {
  if (part.unlimited) return true;
  Step step = DecideHere(pod_, ask, part);
  if (step == Step::kAskLease || step == Step::kAskStore) {
    if (pod_.store->reachable()) return false;
    step = DecideWithoutStore(pod_, ask, part);
  }
  if (step == Step::kTableFull) {
    keys_refused_.Add();
    *error = absl::ResourceExhaustedError(
        "too many keys: this pod keeps state for as many as it may");
    return true;
  }
  return step == Step::kAllowed || !WouldWait(query, part);
}

void Limiter::Rep::ScheduleTidy() {
  absl::MutexLock lock(&mutex_);
  tidying_ = 0;
  if (stopped_) return;
  tidy_timer_ = pod_.executor.RunAt(pod_.clock.Now() + kTidyEvery, [this] {
    {
      absl::MutexLock running(&mutex_);
      if (stopped_) return;
      tidying_ = 1;
    }
    Tidy();
    ScheduleTidy();
  });
}

void Limiter::Rep::Tidy() {
  keeper_.Tidy(*limits_.Current());
  const MonotonicTime now = pod_.clock.Now();
  if (pod_.store != nullptr && !pod_.store->reachable()) {
    degraded_ns_.fetch_add((now - last_tidy_).count());
  }
  last_tidy_ = now;
  if (pod_.store == nullptr || pod_.draining.load()) return;
  if (tidies_++ % kHeartbeatEvery != 0) return;
  pod_.store->Heartbeat(name_, [this](absl::StatusOr<uint32_t> pods) {
    if (pods.ok()) pod_.pods.store(std::max<uint32_t>(1, *pods));
  });
}

void Limiter::Rep::ObserveAll(telemetry::Observations& seen) const {
  seen.Add(telemetry::kAllowKeys, {}, static_cast<double>(pod_.keys.size()));
  if (pod_.store != nullptr) {
    seen.Add(telemetry::kAllowLeases, {},
             static_cast<double>(pod_.keys.busy()));
  }
  seen.Add(telemetry::kAllowParked, {}, static_cast<double>(questions_.size()));
  seen.Add(telemetry::kStoreDegradedTime, {},
           static_cast<double>(degraded_ns_.load()) / 1e9);
  seen.Add(telemetry::kStorePods, {}, static_cast<double>(pod_.pods.load()));
  limits_.ObserveUse(seen);
}

Limiter::Status Limiter::Rep::GetStatus() const {
  Status status;
  const LimitSet& set = *limits_.Current();
  for (size_t i = 0; i < set.states.size(); ++i) {
    const LimitState& state = *set.states[i];
    LimitCounters& counters = status.limits.emplace_back();
    counters.name = state.name;
    counters.config = set.matcher.limits()[i];
    counters.allowed = state.allowed->Value();
    counters.denied = state.denied->Value();
    counters.shadow_denied = state.shadow_denied->Value();
    counters.degraded = state.degraded->Value();
    counters.local = state.local->Value();
    const double adaptive = state.adaptive_rate.load();
    counters.tokens_per_second =
        adaptive > 0 ? adaptive : counters.config.shape.TokensPerMicro() * 1e6;
  }
  status.keys = pod_.keys.size();
  status.pods = pod_.pods.load();
  status.parked = questions_.size();
  if (pod_.store != nullptr) {
    status.degraded = !pod_.store->reachable();
    status.store_commands = pod_.store->commands_sent();
  }
  status.uptime = pod_.clock.Now() - started_;
  return status;
}

Limiter::Limiter(Options options, std::vector<limit::LimitConfig> limits,
                 const Clock& clock, Executor& executor, RandomSource& random,
                 telemetry::Registry& registry, store::LimitStore* store)
    : rep_(std::make_unique<Rep>(std::move(options), std::move(limits), clock,
                                 executor, random, registry, store)) {}

Limiter::~Limiter() = default;

bool Limiter::AllowNow(const AllowQuery& query, AllowAnswer* answer,
                       absl::Status* error) {
  return rep_->AllowNow(query, answer, error);
}
Limiter::Ticket Limiter::AllowLater(const AllowQuery& query, AllowDone done) {
  return rep_->AllowLater(query, std::move(done));
}
void Limiter::Cancel(Ticket ticket) { rep_->Cancel(ticket); }
void Limiter::Report(
    const AllowQuery& query, bool success,
    absl::AnyInvocable<void(absl::StatusOr<ReportAnswer>)> done) {
  rep_->adjustments().Report(query, success, std::move(done));
}
void Limiter::Refund(const AllowQuery& query,
                     absl::AnyInvocable<void(absl::Status)> done) {
  rep_->adjustments().Refund(query, std::move(done));
}
void Limiter::Update(std::vector<limit::LimitConfig> limits) {
  rep_->Update(std::move(limits));
}
void Limiter::Drain(absl::AnyInvocable<void()> done) {
  rep_->Drain(std::move(done));
}
bool Limiter::HasLimit(absl::string_view name) const {
  return rep_->HasLimit(name);
}
Limiter::Status Limiter::GetStatus() const { return rep_->GetStatus(); }

}  // namespace outrigger::coord
