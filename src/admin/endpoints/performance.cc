#include "admin/endpoints/endpoints.h"

namespace outrigger::admin {
namespace {

void AddJson(const char* path, const std::function<std::string()>& view,
             std::vector<Route>& routes) {
  if (!view) return;
  routes.push_back({.path = path,
                    .methods = {"GET"},
                    .answer = [view](const Request&) -> Outcome {
                      return Response{.content_type = kJson, .body = view()};
                    }});
}

}  // namespace

void AddPerformance(const Views& views, std::vector<Route>& routes) {
  AddJson("/performance/health", views.performance_health, routes);
  AddJson("/performance/metrics", views.performance_metrics, routes);
}

}  // namespace outrigger::admin
