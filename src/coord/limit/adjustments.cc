#include "coord/limit/adjustments.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "coord/gather.h"
#include "coord/limit/find_parts.h"
#include "coord/limit/local_decision.h"

namespace outrigger::coord {

void Adjustments::Report(
    const AllowQuery& query, bool success,
    absl::AnyInvocable<void(absl::StatusOr<Limiter::ReportAnswer>)> done) {
  const std::shared_ptr<const LimitSet> set = limits_.Current();
  Parts parts;
  std::vector<std::string> names;
  absl::Status found = FindParts(pod_, *set, query, parts, &names);
  if (!found.ok()) return done(found);
  // A rate of 0: no adaptive limit has answered.
  auto gather = std::make_shared<Gather<Limiter::ReportAnswer>>(
      [done = std::move(done)](const Limiter::ReportAnswer& answer) mutable {
        if (answer.tokens_per_second > 0) return done(answer);
        done(absl::FailedPreconditionError(
            "no adaptive limit applies: configure one with algorithm: "
            "adaptive"));
      });
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].unlimited ||
        parts[i].shape->algorithm != limit::Algorithm::kAdaptive) {
      continue;
    }
    gather->Expect();
    StepRate(set, parts[i], names[i], success,
             [gather](double rate, bool degraded) {
               gather->Arrive([&](Limiter::ReportAnswer& answer) {
                 double& lowest = answer.tokens_per_second;
                 lowest = lowest == 0 ? rate : std::min(lowest, rate);
                 answer.degraded |= degraded;
               });
             });
  }
  gather->Arrive();
}

void Adjustments::StepRate(
    std::shared_ptr<const LimitSet> set, const Part& part,
    const std::string& bucket_name, bool up,
    absl::AnyInvocable<void(double rate, bool degraded)> done) {
  auto step_here = [this, set = std::move(set), part, up] {
    const double rate = StepOwnRate(pod_, up, pod_.NowUs(), part);
    part.state->adaptive_rate.store(rate);
    return rate;
  };
  if (part.mode == Mode::kLocal) return done(step_here(), false);
  pod_.store->Adjust(
      {{bucket_name, *part.shape, part.config->adaptive}, up},
      [state = part.state, step_here = std::move(step_here),
       done = std::move(done)](absl::StatusOr<double> rate) mutable {
        if (!rate.ok()) return done(step_here(), true);
        state->adaptive_rate.store(*rate);
        done(*rate, false);
      });
}

void Adjustments::Refund(const AllowQuery& query,
                         absl::AnyInvocable<void(absl::Status)> done) {
  const std::shared_ptr<const LimitSet> set = limits_.Current();
  Parts parts;
  std::vector<std::string> names;
  absl::Status found = FindParts(pod_, *set, query, parts, &names);
  if (!found.ok()) return done(found);
  auto gather = std::make_shared<Gather<absl::Status>>(std::move(done));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].unlimited) continue;
    gather->Expect();
    RefundPart(pod_, static_cast<double>(query.cost), parts[i], names[i],
               [gather](absl::Status status) {
                 gather->Arrive([&](absl::Status& all) { all.Update(status); });
               });
  }
  gather->Arrive();
}

}  // namespace outrigger::coord
