// What callers tell a limiter afterwards: how calls ended, for adaptive limits,
// and cost that was not used.
#ifndef OUTRIGGER_COORD_LIMIT_ADJUSTMENTS_H_
#define OUTRIGGER_COORD_LIMIT_ADJUSTMENTS_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coord/limit/limit_set.h"
#include "coord/limit/limiter.h"
#include "coord/limit/part.h"
#include "coord/limit/pod.h"

namespace outrigger::coord {

// Thread-safe. Both references must outlive it.
class Adjustments {
 public:
  Adjustments(Pod& pod, const LimitSets& limits) : pod_(pod), limits_(limits) {}

  // See Limiter::Report and Limiter::Refund.
  void Report(
      const AllowQuery& query, bool success,
      absl::AnyInvocable<void(absl::StatusOr<Limiter::ReportAnswer>)> done);
  void Refund(const AllowQuery& query,
              absl::AnyInvocable<void(absl::Status)> done);

 private:
  // One step of one adaptive limit, here or in the store.
  void StepRate(std::shared_ptr<const LimitSet> set, const Part& part,
                const std::string& bucket_name, bool up,
                absl::AnyInvocable<void(double rate, bool degraded)> done);

  Pod& pod_;
  const LimitSets& limits_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_ADJUSTMENTS_H_
