// An admin server that a test asks.
#ifndef OUTRIGGER_TESTS_ADMIN_ADMIN_TESTING_H_
#define OUTRIGGER_TESTS_ADMIN_ADMIN_TESTING_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "admin/http_client.h"
#include "admin/routes.h"
#include "admin/server.h"
#include "base/clock.h"
#include "telemetry/metrics.h"
#include "telemetry/registry.h"

namespace outrigger::admin {

// What a server of a test uses.
struct Around {
  SystemClock clock;
  telemetry::Registry registry;

  // How often the bound was reached.
  double Refused(const std::string& bound) const {
    const telemetry::Snapshot snapshot = registry.Collect();
    const auto* const metric =
        telemetry::Find(snapshot, telemetry::kAdminRefused.name);
    if (metric == nullptr) return 0;
    for (const telemetry::Point& point : metric->points) {
      if (telemetry::AttributeOf(point, "bound") == bound) {
        return telemetry::NumberOf(point);
      }
    }
    return 0;
  }
};

// Fails the test if the server does not start.
inline std::unique_ptr<Server> StartServer(Around& around,
                                           std::vector<Route> routes,
                                           Server::Options options = {}) {
  auto server = Server::Start(std::move(options), std::move(routes),
                              around.clock, around.registry);
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? *std::move(server) : nullptr;
}

inline Route Says(const std::string& path, const std::string& text) {
  return {.path = path,
          .methods = {"GET"},
          .answer = [text](const Request&) -> Outcome {
            return Response{.body = text};
          }};
}

}  // namespace outrigger::admin

#endif  // OUTRIGGER_TESTS_ADMIN_ADMIN_TESTING_H_
