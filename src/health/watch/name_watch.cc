#include "health/watch/name_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "health/watch/jitter.h"

namespace outrigger::health {
namespace {

constexpr Duration kFirstPause = std::chrono::seconds(1);

}  // namespace

NameWatch::NameWatch(const Tools& tools, const std::string& dns,
                     Duration refresh, Report report)
    : tools_(tools),
      target_(ParseTarget(dns)),
      report_(std::move(report)),
      refresh_(refresh),
      pause_after_failure_(kFirstPause),
      timer_(tools.loop, [this] { Ask(); }) {
  // Not from here: whoever makes it may not be ready for an answer.
  timer_.Set(Duration::zero());
}

void NameWatch::Ask() {
  query_ =
      tools_.resolver.Resolve(target_.host, target_.port,
                              [this](const auto& found) { OnAnswer(found); });
}

void NameWatch::OnAnswer(
    const absl::StatusOr<std::vector<SocketAddress>>& found) {
  if (found.ok()) {
    pause_after_failure_ = kFirstPause;
    timer_.Set(About(refresh_, tools_.random));
    return report_(AddressTexts(*found));
  }
  timer_.Set(About(std::min(pause_after_failure_, refresh_), tools_.random));
  pause_after_failure_ = std::min(2 * pause_after_failure_, refresh_);
  report_(found.status());
}

}  // namespace outrigger::health
