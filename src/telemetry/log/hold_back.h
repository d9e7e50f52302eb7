// Holds back log events that say the same again and again, and counts them.
#ifndef OUTRIGGER_TELEMETRY_LOG_HOLD_BACK_H_
#define OUTRIGGER_TELEMETRY_LOG_HOLD_BACK_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "telemetry/log/record.h"

namespace outrigger::telemetry {

// How often a part may write the same message; its fields may differ.
struct HoldBack {
  // In a window; at least 1.
  int most = 5;
  // From the first time on.
  Duration window = std::chrono::seconds(10);
};

// The messages that were written lately. Not thread-safe.
class RepeatedMessages {
 public:
  // Messages that are known at a time. While there are so many, new ones are
  // not held back.
  static constexpr size_t kMost = 256;

  // What was held back in a window that is over.
  struct Summary {
    LogLevel level;
    std::string part;
    std::string message;
    int64_t held_back;  // > 0
    Duration window;
  };

  // Counts one; false: it is to be held back. Call TakeOver first.
  bool Grant(MonotonicTime now, LogLevel level, const std::string& part,
             const std::string& message, const HoldBack& hold_back);

  // Forgets the messages whose windows are over, and gives those of which some
  // were held back.
  std::vector<Summary> TakeOver(MonotonicTime now);
  // The same with all messages.
  std::vector<Summary> TakeAll();

 private:
  struct Window {
    LogLevel level = LogLevel::kInfo;
    MonotonicTime until{};
    Duration length{};
    int written = 0;
    int64_t held_back = 0;
  };
  using Key = std::pair<std::string, std::string>;  // part and message

  template <typename Over>
  std::vector<Summary> Take(Over over);

  std::map<Key, Window> windows_;
  MonotonicTime next_end_ = MonotonicTime::max();  // of the windows
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_LOG_HOLD_BACK_H_
