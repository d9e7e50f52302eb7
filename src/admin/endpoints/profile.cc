#include <chrono>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "admin/endpoints/endpoints.h"
#include "admin/http/gzip.h"
#include "admin/profile/pprof.h"
#include "admin/profile/sampler.h"
#include "telemetry/metrics.h"

namespace outrigger::admin {
namespace {

constexpr int kDefaultSeconds = 10;
constexpr int kMostSeconds = 60;

constexpr char kIndex[] =
    "What the sidecar's processors do, for N seconds (1 to 60; 10 if not "
    "given):\n\n"
    "  go tool pprof -top  http://HOST:PORT/debug/pprof/profile?seconds=N\n"
    "  go tool pprof -http=: http://HOST:PORT/debug/pprof/profile?seconds=N\n"
    "\n"
    "or, where a token is asked for:\n\n"
    "  curl -H \"Authorization: Bearer $TOKEN\" -o cpu.pb.gz \\\n"
    "    \"https://HOST:PORT/debug/pprof/profile?seconds=N\"\n"
    "  go tool pprof -top cpu.pb.gz\n\n"
    "The file has the functions' names in it; no binary is needed. While it "
    "is taken\na thread is stopped for some microseconds at every 10 ms of "
    "processor time.\n";

Response Finish(Sampler& sampler, int seconds, WallTime start) {
  CpuProfile profile{.start = start, .duration = std::chrono::seconds(seconds)};
  profile.stacks = sampler.Stop(profile.dropped);
  Symbols symbols;
  // The file itself is compressed, whatever the connection does.
  return {.content_type = "application/octet-stream",
          .body = Gzip(EncodeProfile(profile, symbols)),
          .headers = {
              {"Content-Disposition", "attachment; filename=\"cpu.pb.gz\""}}};
}

Outcome TakeProfile(const Request& request, const Views& views) {
  int seconds = kDefaultSeconds;
  if (const auto text = request.QueryOf("seconds")) {
    if (!absl::SimpleAtoi(*text, &seconds) || seconds < 1 ||
        seconds > kMostSeconds) {
      return ErrorResponse(
          400, absl::StrCat("seconds must be a whole number from 1 to ",
                            kMostSeconds));
    }
  }
  // HEAD asks only whether there is one to be had.
  if (request.method == "HEAD") {
    return Response{.content_type = "application/octet-stream"};
  }
  std::shared_ptr<Sampler> sampler = Sampler::Start();
  if (sampler == nullptr) {
    if (views.registry != nullptr) {
      views.registry
          ->GetCounter(telemetry::kAdminRefused, {{"bound", "profiles"}})
          .Add();
    }
    return ErrorResponse(409, "another profile is being taken; try again");
  }
  const WallTime start = views.clock->WallNow();
  return Later{.after = std::chrono::seconds(seconds),
               .finish = [sampler, seconds, start] {
                 return Finish(*sampler, seconds, start);
               }};
}

}  // namespace

void AddProfile(const Views& views, std::vector<Route>& routes) {
  if (views.clock == nullptr) return;
  routes.push_back({.path = "/debug/pprof/",
                    .methods = {"GET"},
                    .answer = [](const Request&) -> Outcome {
                      return Response{.body = kIndex};
                    }});
  // GET, since go tool pprof asks so.
  routes.push_back({.path = "/debug/pprof/profile",
                    .methods = {"GET", "POST"},
                    .acts = true,
                    .answer = [views](const Request& request) {
                      return TakeProfile(request, views);
                    }});
}

}  // namespace outrigger::admin
