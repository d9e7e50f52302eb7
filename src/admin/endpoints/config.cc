#include "admin/endpoints/endpoints.h"
#include "admin/http/accept.h"
#include "config/describe.h"

namespace outrigger::admin {

void AddConfig(const Views& views, std::vector<Route>& routes) {
  if (!views.config) return;
  routes.push_back(
      {.path = "/config",
       .methods = {"GET"},
       .answer = [config = views.config](const Request& request) -> Outcome {
         // Browsers show plain text, and would save what is called YAML.
         const double wants_yaml = std::max(Wants(request, "application/yaml"),
                                            Wants(request, "text/plain"));
         if (Wants(request, kJson) > wants_yaml) {
           return Response{.content_type = kJson,
                           .body = config::DescribeAsJson(config())};
         }
         return Response{.body = config::Describe(config())};
       }});
}

}  // namespace outrigger::admin
