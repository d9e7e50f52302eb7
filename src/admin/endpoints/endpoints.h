// The routes, each group in a file of its own. Each adds what the views allow.
#ifndef OUTRIGGER_ADMIN_ENDPOINTS_ENDPOINTS_H_
#define OUTRIGGER_ADMIN_ENDPOINTS_ENDPOINTS_H_

#include <vector>

#include "admin/route.h"
#include "admin/routes.h"

namespace outrigger::admin {

// /livez: 200 as long as the program runs. /readyz: 200, or 503 with the
// reasons; ?verbose lists the checks. /health: the same as /readyz, as JSON.
void AddHealth(const Views& views, std::vector<Route>& routes);

// /metrics: OpenMetrics if Accept prefers it, else Prometheus' text.
void AddMetrics(const Views& views, std::vector<Route>& routes);

// /config: YAML, or JSON if Accept prefers it; secrets are left out.
void AddConfig(const Views& views, std::vector<Route>& routes);

// /log-levels: GET the parts' levels; PUT (or POST) {"part": …, "level": …} and
// have them all. See telemetry/log.h.
void AddLogLevels(std::vector<Route>& routes);

// /performance/health and /performance/metrics.
void AddPerformance(const Views& views, std::vector<Route>& routes);

// The page.
void AddFiles(const Views& views, std::vector<Route>& routes);

// /debug/pprof/ and /debug/pprof/profile?seconds=N.
void AddProfile(const Views& views, std::vector<Route>& routes);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_ENDPOINTS_ENDPOINTS_H_
