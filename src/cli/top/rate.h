// What two looks at a counter say.
#ifndef OUTRIGGER_CLI_TOP_RATE_H_
#define OUTRIGGER_CLI_TOP_RATE_H_

#include <cstdint>

namespace outrigger::cli {

// 0 if no time has passed, or if the counter has started anew.
inline double PerSecond(uint64_t from, uint64_t to, double seconds) {
  return seconds > 0 && to > from ? static_cast<double>(to - from) / seconds
                                  : 0;
}

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_TOP_RATE_H_
