#include "admin/endpoints/endpoints.h"
#include "admin/http/accept.h"
#include "admin/prometheus/exposition.h"

namespace outrigger::admin {
namespace {

// Text for those who say nothing, or take anything.
Format Preferred(const Request& request) {
  return Wants(request, "application/openmetrics-text") >
                 Wants(request, "text/plain")
             ? Format::kOpenMetrics
             : Format::kText;
}

}  // namespace

void AddMetrics(const Views& views, std::vector<Route>& routes) {
  if (!views.metrics) return;
  routes.push_back(
      {.path = "/metrics",
       .methods = {"GET"},
       .answer = [metrics = views.metrics, resource = views.resource,
                  version = views.version](const Request& request) -> Outcome {
         const Format format = Preferred(request);
         return Response{.content_type = std::string(ContentTypeOf(format)),
                         .body = Expose(metrics(), resource, version, format)};
       }});
}

}  // namespace outrigger::admin
