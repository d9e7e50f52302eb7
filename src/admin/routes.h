// Everything that the admin server shows, put together.
#ifndef OUTRIGGER_ADMIN_ROUTES_H_
#define OUTRIGGER_ADMIN_ROUTES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "admin/route.h"
#include "base/clock.h"
#include "config/config.h"
#include "telemetry/registry.h"
#include "telemetry/snapshot.h"

namespace outrigger::admin {

// Whether one thing that the sidecar needs is there.
struct Check {
  std::string name;  // "grpc"
  bool ok = true;
  std::string reason;  // why not; empty if ok
};

// A file of the page. All of it lives for ever.
struct StaticFile {
  absl::string_view path;  // "/", "/app.js"
  absl::string_view content_type;
  absl::string_view bytes;
  absl::string_view etag;  // without quotes
};

// What the routes look at. All functions run on the admin server's thread, must
// not block, and must work until the server is gone. One that is empty has no
// routes, which then are 404.
struct Views {
  // For /readyz and /health: ready if all are ok. Empty: always ready.
  std::function<std::vector<Check>()> checks;
  // For /metrics.
  std::function<telemetry::Snapshot()> metrics;
  // The process' attributes, for target_info: "service.name" and so on.
  telemetry::Attributes resource;
  // Of the program, for the label otel_scope_version.
  std::string version;
  // For /config: the configuration in force.
  std::function<config::Config()> config;
  // For /performance/health and /performance/metrics: JSON.
  std::function<std::string()> performance_health;
  std::function<std::string()> performance_metrics;
  // For / and what it loads.
  absl::Span<const StaticFile> files;
  // For CPU profiles: when they began. Null: none can be taken.
  const Clock* clock = nullptr;
  // For what the routes themselves count. Must outlive the server; null: they
  // do not count.
  telemetry::Registry* registry = nullptr;
};

// /livez, /readyz, /health, /log-levels and those of `views`.
std::vector<Route> Routes(const Views& views);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_ROUTES_H_
