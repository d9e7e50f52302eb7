#include "telemetry/log/hold_back.h"

#include <algorithm>

namespace outrigger::telemetry {

bool RepeatedMessages::Grant(MonotonicTime now, LogLevel level,
                             const std::string& part,
                             const std::string& message,
                             const HoldBack& hold_back) {
  auto found = windows_.find({part, message});
  if (found == windows_.end()) {
    if (windows_.size() >= kMost) return true;
    found = windows_.try_emplace({part, message}).first;
    found->second.until = now + hold_back.window;
    found->second.length = hold_back.window;
    next_end_ = std::min(next_end_, found->second.until);
  }
  Window& window = found->second;
  window.level = std::max(window.level, level);
  if (window.written < hold_back.most) {
    ++window.written;
    return true;
  }
  ++window.held_back;
  return false;
}

template <typename Over>
std::vector<RepeatedMessages::Summary> RepeatedMessages::Take(Over over) {
  std::vector<Summary> summaries;
  next_end_ = MonotonicTime::max();
  for (auto it = windows_.begin(); it != windows_.end();) {
    const auto& [key, window] = *it;
    if (!over(window)) {
      next_end_ = std::min(next_end_, window.until);
      ++it;
      continue;
    }
    if (window.held_back > 0) {
      summaries.push_back({window.level, key.first, key.second,
                           window.held_back, window.length});
    }
    it = windows_.erase(it);
  }
  return summaries;
}

std::vector<RepeatedMessages::Summary> RepeatedMessages::TakeOver(
    MonotonicTime now) {
  if (now < next_end_) return {};
  return Take([now](const Window& window) { return now >= window.until; });
}

std::vector<RepeatedMessages::Summary> RepeatedMessages::TakeAll() {
  return Take([](const Window&) { return true; });
}

}  // namespace outrigger::telemetry
