// What a check says to a server, and how it judges the answer. No I/O.
#ifndef OUTRIGGER_HEALTH_TALK_TALK_H_
#define OUTRIGGER_HEALTH_TALK_TALK_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace outrigger::health {

// No check reads more of an answer.
inline constexpr size_t kMaxAnswerBytes = 8192;

struct Verdict {
  // OK: passed. Else kUnavailable, with why not, for people; what the server
  // says is quoted in ASCII, and cut.
  absl::Status status;
  // What is sent before the connection is closed; static. Perhaps nothing.
  absl::string_view farewell;
};

// A value.
struct Talk {
  // What is sent first.
  std::string opening;
  // Judges all that was answered so far, at most kMaxAnswerBytes. Unset: more
  // is needed. Null: to be connected is enough.
  std::optional<Verdict> (*judge)(absl::string_view answer) = nullptr;
};

// GET of `path`: 200 to 399 passes, whatever follows the status line. `host`:
// of the header with that name.
Talk HttpTalk(absl::string_view path, absl::string_view host);

// PING: PONG passes, and NOAUTH and NOPERM do, which come from a server that
// lives. One that is loading, or has lost its master, fails.
Talk RedisTalk();

// The startup packet of protocol 3.0. Passed: a request to log in; readiness; a
// refusal of this user or database. Failed: any other error, e.g. "too many
// connections" (53300) or "cannot connect now" (57P03).
Talk PostgresTalk(absl::string_view user, absl::string_view database);

// Failed, because the server said `text`.
Verdict Refused(absl::string_view what, absl::string_view text);

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_TALK_TALK_H_
