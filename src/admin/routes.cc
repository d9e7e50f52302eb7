#include "admin/routes.h"

#include "admin/endpoints/endpoints.h"

namespace outrigger::admin {

std::vector<Route> Routes(const Views& views) {
  std::vector<Route> routes;
  AddHealth(views, routes);
  AddMetrics(views, routes);
  AddConfig(views, routes);
  AddLogLevels(routes);
  AddPerformance(views, routes);
  AddProfile(views, routes);
  AddFiles(views, routes);
  return routes;
}

}  // namespace outrigger::admin
