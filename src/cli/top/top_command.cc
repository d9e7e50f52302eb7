// top: a live view of a sidecar's limits.
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/top/terminal.h"
#include "cli/top/view.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"

namespace outrigger::cli {
namespace {

using ratelimit::v1::RateLimiter;
using ratelimit::v1::StatusRequest;
using ratelimit::v1::StatusResponse;

constexpr Duration kTimeout = std::chrono::seconds(2);
constexpr Duration kEvery = std::chrono::seconds(1);

grpc::Status Look(RateLimiter::Stub& stub, StatusResponse* response) {
  grpc::ClientContext context;
  SetTimeout(kTimeout, &context);
  return stub.Status(&context, StatusRequest(), response);
}

bool WantsColour(const config::Environment& environment) {
  const auto it = environment.find("NO_COLOR");
  const bool refused = it != environment.end() && !it->second.empty();
  return !refused && isatty(STDOUT_FILENO) != 0;
}

// Until the user quits. A sidecar that goes away is waited for.
void Follow(RateLimiter::Stub& stub, StatusResponse now,
            const std::string& target, bool colour) {
  Terminal terminal;
  StatusResponse before = now;
  std::string error;
  do {
    const ViewOptions options{.width = terminal.width(),
                              .height = terminal.height() - 1,
                              .colour = colour};
    terminal.Show(RenderTop(before, now, target, options) + error);
    if (!terminal.Wait(kEvery)) return;
    StatusResponse next;
    const grpc::Status status = Look(stub, &next);
    error = status.ok() ? "" : "no answer: " + status.error_message();
    if (status.ok()) {
      before = std::exchange(now, std::move(next));
    }
  } while (true);
}

int RunTop(const Invocation& invocation) {
  const std::string target = TargetOf(invocation);
  const auto stub = RateLimiter::NewStub(ChannelTo(target));
  StatusResponse now;
  const grpc::Status status = Look(*stub, &now);
  if (!status.ok()) return FailWith(status, target);
  const bool colour = WantsColour(invocation.environment);
  if (invocation.args.Has("json")) {
    std::fputs(ToJson(now).c_str(), stdout);
  } else if (invocation.args.Has("once") || isatty(STDOUT_FILENO) == 0) {
    std::fputs(RenderTop(now, now, target, {.colour = colour}).c_str(), stdout);
  } else {
    Follow(*stub, std::move(now), target, colour);
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
      "watch limits, rates and denials",
      "Looks every second; q or Ctrl-C quits. RATE/S is that of each\n"
      "key, the others are sums over all keys; LOCAL is how many decisions\n"
      "were made without asking the store. NO_COLOR turns colours off.",
      flags,
      RunTop};
}

}  // namespace outrigger::cli
