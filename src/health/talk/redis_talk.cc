#include "absl/strings/match.h"
#include "health/talk/talk.h"

namespace outrigger::health {
namespace {

std::optional<Verdict> Judge(absl::string_view answer) {
  if (answer.empty()) return std::nullopt;
  if (answer[0] != '+' && answer[0] != '-') return Refused("no RESP", answer);
  const size_t end = answer.find("\r\n");
  if (end == absl::string_view::npos) return std::nullopt;
  const absl::string_view line = answer.substr(0, end);
  if (line == "+PONG" || absl::StartsWith(line, "-NOAUTH ") ||
      absl::StartsWith(line, "-NOPERM ")) {
    return Verdict{absl::OkStatus()};
  }
  return Refused("PING is answered", line.substr(1));
}

}  // namespace

Talk RedisTalk() { return {"*1\r\n$4\r\nPING\r\n", &Judge}; }

}  // namespace outrigger::health
