#include <functional>
#include <memory>
#include <string>
#include <utility>

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

// What a scrape needs, and the last one's length, by which the next one takes
// its memory at once: growing would cost more than the writing.
class Scraper {
 public:
  explicit Scraper(const Views& views)
      : metrics_(views.metrics),
        resource_(views.resource),
        version_(views.version) {}

  Response Scrape(Format format) {
    std::string text = Expose(metrics_(), resource_, version_, format,
                              last_bytes_ + last_bytes_ / 16);
    last_bytes_ = text.size();
    return {.content_type = std::string(ContentTypeOf(format)),
            .body = std::move(text)};
  }

 private:
  const std::function<telemetry::Snapshot()> metrics_;
  const telemetry::Attributes resource_;
  const std::string version_;
  size_t last_bytes_ = 0;
};

}  // namespace

void AddMetrics(const Views& views, std::vector<Route>& routes) {
  if (!views.metrics) return;
  routes.push_back({.path = "/metrics",
                    .methods = {"GET"},
                    .answer = [scraper = std::make_shared<Scraper>(views)](
                                  const Request& request) -> Outcome {
                      return scraper->Scrape(Preferred(request));
                    }});
}

}  // namespace outrigger::admin
