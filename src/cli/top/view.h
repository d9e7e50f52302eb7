// `top` as text: what a screen shows of two looks at a sidecar.
#ifndef OUTRIGGER_CLI_TOP_VIEW_H_
#define OUTRIGGER_CLI_TOP_VIEW_H_

#include <string>

#include "outrigger/breaker/v1/breaker.pb.h"
#include "outrigger/cache/v1/cache.pb.h"
#include "outrigger/pool/v1/pool.pb.h"
#include "outrigger/ratelimit/v1/rate_limiter.pb.h"

namespace outrigger::cli {

// What the sidecar said of its parts.
struct TopLook {
  ratelimit::v1::StatusResponse limits;
  cache::v1::StatusResponse caches;
  breaker::v1::ListResponse breakers;
  pool::v1::StatusResponse pools;
};

struct ViewOptions {
  // Characters; lines and rows beyond are cut. 0: as wide, as tall as needed.
  int width = 0;
  int height = 0;
  bool colour = false;
};

// Lines with ends, at most `height`, each at most `width` wide without colours.
// Rates are from the difference of the two looks; if `before` is from another
// run of the sidecar, or is `now` itself, they are averages since its start.
// A limit's rate is that of each of its buckets; what is allowed is the sum of
// all. Caches and closed breakers that nobody has asked are left out.
std::string RenderTop(const TopLook& before, const TopLook& now,
                      const std::string& target, const ViewOptions& options);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_TOP_VIEW_H_
