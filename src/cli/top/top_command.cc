// top: a live view of a sidecar's parts.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/top/terminal.h"
#include "cli/top/view.h"
#include "outrigger/breaker/v1/breaker.grpc.pb.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"
#include "outrigger/pool/v1/pool.grpc.pb.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"

namespace outrigger::cli {
namespace {

using ratelimit::v1::RateLimiter;

constexpr Duration kTimeout = std::chrono::seconds(2);
constexpr Duration kEvery = std::chrono::seconds(1);

// A sidecar, asked again and again.
class Sidecar {
 public:
  explicit Sidecar(const std::shared_ptr<grpc::Channel>& channel)
      : limits_(RateLimiter::NewStub(channel)),
        caches_(cache::v1::Cache::NewStub(channel)),
        breakers_(breaker::v1::Breaker::NewStub(channel)),
        pools_(pool::v1::Pool::NewStub(channel)) {}

  grpc::Status Look(TopLook* look) {
    grpc::Status status = One(*limits_, &RateLimiter::Stub::Status,
                              ratelimit::v1::StatusRequest(), &look->limits);
    if (!status.ok()) return status;
    status = One(*caches_, &cache::v1::Cache::Stub::Status,
                 cache::v1::StatusRequest(), &look->caches);
    if (!status.ok()) return status;
    status = One(*breakers_, &breaker::v1::Breaker::Stub::List,
                 breaker::v1::ListRequest(), &look->breakers);
    if (!status.ok()) return status;
    return One(*pools_, &pool::v1::Pool::Stub::Status,
               pool::v1::StatusRequest(), &look->pools);
  }

 private:
  template <typename Stub, typename Request, typename Response>
  static grpc::Status One(Stub& stub,
                          grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                       const Request&,
                                                       Response*),
                          const Request& request, Response* response) {
    grpc::ClientContext context;
    SetTimeout(kTimeout, &context);
    return (stub.*method)(&context, request, response);
  }

  std::unique_ptr<RateLimiter::Stub> limits_;
  std::unique_ptr<cache::v1::Cache::Stub> caches_;
  std::unique_ptr<breaker::v1::Breaker::Stub> breakers_;
  std::unique_ptr<pool::v1::Pool::Stub> pools_;
};

// A message as JSON, without the end of its line.
std::string Bare(const google::protobuf::Message& message) {
  std::string json = ToJson(message);
  json.resize(json.rfind('}') + 1);
  return json;
}

// One line: the limits' answer, and the others' in it.
std::string LookAsJson(const TopLook& look) {
  std::string json = Bare(look.limits);
  json.pop_back();
  return absl::StrCat(json, ",\"caches\":", Bare(look.caches),
                      ",\"breakers\":", Bare(look.breakers),
                      ",\"pools\":", Bare(look.pools), "}\n");
}

bool WantsColour(const config::Environment& environment) {
  const auto it = environment.find("NO_COLOR");
  const bool refused = it != environment.end() && !it->second.empty();
  return !refused && isatty(STDOUT_FILENO) != 0;
}

// Until the user quits. A sidecar that goes away is waited for.
void Follow(Sidecar& sidecar, TopLook now, const std::string& target,
            bool colour) {
  Terminal terminal;
  TopLook before = now;
  std::string error;
  do {
    const ViewOptions options{.width = terminal.width(),
                              .height = terminal.height() - 1,
                              .colour = colour};
    terminal.Show(RenderTop(before, now, target, options) + error);
    if (!terminal.Wait(kEvery)) return;
    TopLook next;
    const grpc::Status status = sidecar.Look(&next);
    error = status.ok() ? "" : "no answer: " + status.error_message();
    if (status.ok()) {
      before = std::exchange(now, std::move(next));
    }
  } while (true);
}

int RunTop(const Invocation& invocation) {
  const std::string target = TargetOf(invocation);
  Sidecar sidecar(ChannelTo(target));
  TopLook now;
  const grpc::Status status = sidecar.Look(&now);
  if (!status.ok()) return FailWith(status, target);
  const bool colour = WantsColour(invocation.environment);
  if (invocation.args.Has("json")) {
    std::fputs(LookAsJson(now).c_str(), stdout);
  } else if (invocation.args.Has("once") || isatty(STDOUT_FILENO) == 0) {
    std::fputs(RenderTop(now, now, target, {.colour = colour}).c_str(), stdout);
  } else {
    Follow(sidecar, std::move(now), target, colour);
  }
  return kOk;
}

}  // namespace

Command TopCommand() {
  std::vector<Flag> flags = {{"once", "", "print one table and leave"}};
  flags.insert(flags.end(), ClientFlags().begin(), ClientFlags().end());
  return {
      "top",
      "[--once]",
      "watch limits, caches, breakers and pools",
      "Looks every second; q or Ctrl-C quits. RATE/S is that of each\n"
      "key, the others are sums over all keys; LOCAL is how many decisions\n"
      "were made without asking the store. Of caches: HIT% is of all reads\n"
      "but misses. Of breakers: CALLS and FAILED% are the fleet's, within the\n"
      "window. Of pools: IN USE, SLOTS and WAITING are this pod's, WELL is "
      "how\n"
      "many endpoints can be used. NO_COLOR turns colours off.",
      flags,
      RunTop};
}

}  // namespace outrigger::cli
