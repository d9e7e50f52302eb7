// top: a live view of a sidecar's limits and caches.
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
#include "outrigger/cache/v1/cache.grpc.pb.h"
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
        caches_(cache::v1::Cache::NewStub(channel)) {}

  grpc::Status Look(TopLook* look) {
    grpc::ClientContext first, second;
    SetTimeout(kTimeout, &first);
    SetTimeout(kTimeout, &second);
    const grpc::Status status =
        limits_->Status(&first, ratelimit::v1::StatusRequest(), &look->limits);
    if (!status.ok()) return status;
    return caches_->Status(&second, cache::v1::StatusRequest(), &look->caches);
  }

 private:
  std::unique_ptr<RateLimiter::Stub> limits_;
  std::unique_ptr<cache::v1::Cache::Stub> caches_;
};

// One line: the limits' answer, and the caches' in it.
std::string LookAsJson(const TopLook& look) {
  std::string json = ToJson(look.limits);
  json.resize(json.rfind('}'));
  std::string caches = ToJson(look.caches);
  caches.resize(caches.rfind('}') + 1);
  return absl::StrCat(json, ",\"caches\":", caches, "}\n");
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
      "watch limits, denials and caches",
      "Looks every second; q or Ctrl-C quits. RATE/S is that of each\n"
      "key, the others are sums over all keys; LOCAL is how many decisions\n"
      "were made without asking the store. Of caches: HIT% is of all reads\n"
      "but misses. NO_COLOR turns colours off.",
      flags,
      RunTop};
}

}  // namespace outrigger::cli
