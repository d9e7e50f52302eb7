// What all answers have in common: where they are from, and how often a
// fallback had to do.
#ifndef OUTRIGGER_ANSWER_H_
#define OUTRIGGER_ANSWER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace outrigger::client {

// Who decided.
enum class Source {
  // The sidecar.
  kSidecar,
  // This process, by the part's policy: the sidecar did not answer.
  kFallback,
};

// "sidecar" or "fallback".
const char* SourceName(Source source);

// How a call ended, as breakers and pools are told.
enum class Result {
  kSuccess,
  // The called service's fault.
  kFailure,
  // Says nothing about the service.
  kIgnored,
};

// gRPC metadata: names in lower case, and values.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// Since the client was made.
struct PartStats {
  // Calls of the application.
  std::uint64_t calls = 0;
  // Of those, the ones that a fallback answered.
  std::uint64_t fallbacks = 0;
};

struct Stats {
  PartStats limits;
  PartStats cache;
  PartStats breaker;
  PartStats pool;
  // Outcomes of calls that the sidecar could not be told.
  std::uint64_t outcomes_dropped = 0;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_ANSWER_H_
