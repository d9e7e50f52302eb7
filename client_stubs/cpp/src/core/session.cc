#include "core/session.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace outrigger::client::internal {
namespace {

constexpr std::size_t kMostBackgroundLoads = 64;
// For the last outcomes, if calls may take longer than that.
constexpr absl::Duration kFarewell = absl::Seconds(1);

}  // namespace

Session::Session(Options options, std::shared_ptr<Channel> channel)
    : line_(std::move(options), std::move(channel)),
      limits_(line_),
      breakers_(line_),
      holds_(line_),
      workers_(kMostBackgroundLoads) {}

Stats Session::stats() {
  return {.limits = limits_.stats(),
          .cache = cache_counters_.Get(),
          .breaker = breakers_.stats(),
          .pool = holds_.stats(),
          .outcomes_dropped = breakers_.outcomes_dropped()};
}

void Session::Close() {
  if (Loop::IsAnyThisThread() || Workers::IsAnyThisThread()) {
    // These threads are waited for.
    std::thread([self = shared_from_this()] { self->Close(); }).detach();
    return;
  }
  absl::MutexLock lock(&closing_);
  if (closed_) return;
  closed_ = true;
  breakers_.Flush(std::min(line_.options().timeout, kFarewell));
  line_.activities().Close();
  limits_.Close();
  breakers_.Close();
  holds_.Close();
  line_.calls().CancelAll();
  workers_.Close();
  line_.activities().Wait();
  line_.Release();
}

}  // namespace outrigger::client::internal
