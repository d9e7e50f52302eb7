// What an error reply of Redis means to us.
#ifndef OUTRIGGER_REDIS_WIRE_SERVER_ERROR_H_
#define OUTRIGGER_REDIS_WIRE_SERVER_ERROR_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "redis/options.h"

namespace outrigger::redis {

enum class ServerError : uint8_t {
  kMoved,         // the slot lives elsewhere: remember it and ask there
  kAsk,           // this once, ask elsewhere
  kTryAgain,      // a slot is moving, or the cluster is not whole: soon again
  kNoScript,      // send the script's text
  kNotReady,      // loading, its master is down, or a script runs too long
  kReadOnly,      // a replica: find the master
  kRefusing,      // no memory, no disk, no replicas: it takes no writes now
  kNoAuth,        // not logged in, or wrongly: log in anew
  kNoPermission,  // this user may not do that: the operator must help
  kTooMany,       // no more clients: wait long
  kOther,         // a bug, or someone else's key under our name
};

// Classifies the text of an error reply. An error raised within a script keeps
// its code (Redis 7), or has it within the text (Redis 6); both are found.
ServerError ClassifyError(absl::string_view text);

// Where "MOVED 42 host:port" or "ASK …" points.
struct Redirect {
  uint16_t slot = 0;
  // An empty host means the one that answered.
  Address address;
};
// Unset if the text is not that.
std::optional<Redirect> ParseRedirect(absl::string_view text);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_WIRE_SERVER_ERROR_H_
