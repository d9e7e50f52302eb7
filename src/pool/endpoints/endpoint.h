// One endpoint, and whether it can be used.
#ifndef OUTRIGGER_POOL_ENDPOINTS_ENDPOINT_H_
#define OUTRIGGER_POOL_ENDPOINTS_ENDPOINT_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "pool/endpoints.h"
#include "pool/health/check_state.h"
#include "pool/health/load_state.h"
#include "pool/health/outlier.h"

namespace outrigger::pool {

// What matters for a choice.
struct Standing {
  bool usable = true;
  bool overloaded = false;
  // What slow start leaves of the weight: 0.1 to 1, in twentieths.
  double ramp = 1;

  bool operator==(const Standing&) const = default;
};

struct Endpoint {
  // At `now`.
  EndpointHealth Health(const PoolOptions& pool, MonotonicTime now) const;
  Standing Assess(const PoolOptions& pool, MonotonicTime now) const;
  // When what Assess says is to be looked at again, because it may have changed
  // by itself; the ramp is a twentieth late at most, so that endpoints that
  // come up together cost one look a step. max(): never.
  MonotonicTime NextChange(const PoolOptions& pool, MonotonicTime now) const;
  // When it will be usable, if nothing else happens. max(): never, or it is.
  MonotonicTime NextUsable(const PoolOptions& pool, MonotonicTime now) const;
  EndpointView View(const PoolOptions& pool, MonotonicTime now) const;

  EndpointId id = kNoEndpoint;
  EndpointOptions options;  // with its own address; from DNS: with both
  CheckState check;
  Outlier outlier;
  LoadState load;
  // Since when it has not been left out; may be to come. min(): always.
  MonotonicTime well_since = MonotonicTime::min();
  uint32_t in_use = 0;
  uint64_t successes = 0;
  uint64_t failures = 0;
  Standing standing;  // as all were last looked at
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_ENDPOINTS_ENDPOINT_H_
