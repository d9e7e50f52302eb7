// One endpoint's checks, one at a time.
#ifndef OUTRIGGER_HEALTH_PROBE_PROBE_H_
#define OUTRIGGER_HEALTH_PROBE_PROBE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "health/probe/grpc_answers.h"
#include "loop/loop.h"
#include "loop/resolver.h"
#include "pool/options.h"

namespace outrigger::health {

// On the loop's thread. Destroying it cancels.
class Probe {
 public:
  // OK: passed; else why not, for people.
  using Done = std::function<void(const absl::Status&)>;

  virtual ~Probe() = default;
  // `done` runs once, perhaps before this returns, unless Cancel comes first.
  // It must not destroy the probe. REQUIRES: none is under way.
  virtual void Start(Done done) = 0;
  // Drops what is under way, if anything.
  virtual void Cancel() = 0;
};

// What all probes share; outlives them.
struct ProbeTools {
  Loop& loop;
  Resolver& resolver;
  GrpcAnswers& answers;
};

// REQUIRES: options.check is not kNone.
std::unique_ptr<Probe> MakeProbe(const pool::HealthOptions& options,
                                 const std::string& address,
                                 const ProbeTools& tools);

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_PROBE_PROBE_H_
