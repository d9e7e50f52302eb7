// When one endpoint is checked.
#ifndef OUTRIGGER_HEALTH_WATCH_CHECKUP_H_
#define OUTRIGGER_HEALTH_WATCH_CHECKUP_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/random.h"
#include "health/probe/probe.h"
#include "health/watch/turns.h"
#include "loop/loop.h"
#include "loop/timer.h"

namespace outrigger::health {

// Checks every so often, from the beginning of one check to that of the next,
// or as soon as the one before has ended. The first one comes within a tenth of
// that. On the loop's thread.
class Checkup final : public Turns::Taker {
 public:
  struct Rhythm {
    Duration every;
    Duration timeout;  // then the check has failed; > 0
  };
  // What all checkups share; outlives them.
  struct Tools {
    Loop& loop;
    const Clock& clock;
    RandomSource& random;
    Turns& turns;
  };
  // `took`: since the check began. Must not destroy the checkup.
  using Report = std::function<void(const absl::Status& result, Duration took)>;

  Checkup(const Tools& tools, Rhythm rhythm, std::unique_ptr<Probe> probe,
          Report report);
  ~Checkup() override;

 private:
  enum class State { kResting, kWaiting, kUnderWay };

  void OnTimer();
  void OnTurn() override;
  void OnResult(const absl::Status& result);

  const Tools tools_;
  const Rhythm rhythm_;
  const std::unique_ptr<Probe> probe_;
  const Report report_;
  State state_ = State::kResting;
  MonotonicTime began_;
  // Of the next check, or of the end of the one under way.
  Timer timer_;
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_WATCH_CHECKUP_H_
