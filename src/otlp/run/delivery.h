// Brings one signal's requests to the collector, one after the other.
#ifndef OUTRIGGER_OTLP_RUN_DELIVERY_H_
#define OUTRIGGER_OTLP_RUN_DELIVERY_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "otlp/options.h"
#include "otlp/run/meters.h"
#include "otlp/send/sender.h"
#include "telemetry/log.h"

namespace outrigger::otlp {

// An encoded Export…ServiceRequest.
struct Request {
  std::string body;
  size_t items = 0;
};

// Tries again what failed and may work later, with growing, random pauses, or
// for as long as the collector asked to wait; the pauses go on growing from one
// request to the next until one is accepted. The log says once that the
// collector does not take anything, and once that it does again.
//
// On the loop's thread.
class Delivery {
 public:
  struct Options {
    Signal signal = Signal::kTraces;
    Duration attempt_timeout{};
    // From a request's first attempt; then it is dropped.
    Duration export_timeout{};
    Backoff backoff;
  };

  // All must outlive the delivery.
  Delivery(const Options& options, std::unique_ptr<Sender> sender, Loop& loop,
           const Clock& clock, RandomSource& random, Meters& meters,
           const telemetry::Log& log);

  // `done` runs when each request has been accepted or dropped; never before
  // this returns, unless there are none. REQUIRES: no delivery is under way.
  void Deliver(std::vector<Request> requests, std::function<void()> done);

  // From now on nothing is tried, and no pause taken, that would end after
  // `last`; unset: again as the options have it.
  void EndBy(std::optional<MonotonicTime> last);

  bool busy() const { return !requests_.empty(); }

 private:
  void Next();
  void Attempt();
  void OnOutcome(MonotonicTime sent, Outcome outcome);
  void OnAccepted(const Outcome& outcome);
  void OnRetry(const Outcome& outcome);
  void Drop(const Outcome& outcome, absl::string_view reason);
  void Pop();
  MonotonicTime GiveUpAt() const;
  void LogFailure(const Outcome& outcome, absl::string_view reason);
  void LogPartial(const Outcome& outcome);

  const Options options_;
  const std::unique_ptr<Sender> sender_;
  const Clock& clock_;
  RandomSource& random_;
  Meters& meters_;
  const telemetry::Log& log_;

  std::deque<Request> requests_;  // the first is under way
  std::function<void()> done_;
  std::optional<MonotonicTime> first_attempt_;  // of the first request
  std::optional<MonotonicTime> end_by_;
  Duration pause_;              // the next one
  MonotonicTime not_before_{};  // the collector wants, or pauses have, it so
  bool failing_ = false;        // the log has said so
  size_t lost_ = 0;             // items, since it said so
  std::optional<MonotonicTime> partial_logged_;
  Timer wait_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_RUN_DELIVERY_H_
