#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "health/talk/talk.h"

namespace outrigger::health {
namespace {

constexpr uint32_t kProtocol30 = 3 << 16;
constexpr uint32_t kAuthenticated = 0;
// A message's type and its length, which counts itself.
constexpr size_t kTypeBytes = 1;
constexpr size_t kLengthBytes = 4;
// Terminate. A server that waits for a password takes it amiss, so that one is
// just left.
constexpr absl::string_view kTerminate("X\0\0\0\4", 5);

uint32_t BigEndian(absl::string_view bytes) {
  uint32_t number = 0;
  for (const char c : bytes.substr(0, 4)) {
    number = number << 8 | static_cast<unsigned char>(c);
  }
  return number;
}

std::string BigEndianBytes(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(number >> shift & 0xff));
  }
  return bytes;
}

// The error's field of that type, or empty.
absl::string_view Field(absl::string_view fields, char type) {
  while (!fields.empty() && fields[0] != '\0') {
    const size_t end = fields.find('\0');
    if (end == absl::string_view::npos) break;
    if (fields[0] == type) return fields.substr(1, end - 1);
    fields.remove_prefix(end + 1);
  }
  return {};
}

Verdict JudgeError(absl::string_view fields) {
  const absl::string_view code = Field(fields, 'C');
  // Class 28: not this user, or not from here. 3D000: no such database.
  if (code.size() == 5 && (absl::StartsWith(code, "28") || code == "3D000")) {
    return {absl::OkStatus()};
  }
  return Refused("PostgreSQL refuses",
                 absl::StrCat(code.substr(0, 5), " ", Field(fields, 'M')));
}

// Of one whole message; unset: the next one decides.
std::optional<Verdict> JudgeMessage(char type, absl::string_view body) {
  switch (type) {
    case 'R':  // authentication
      if (body.size() < 4) return Refused("no PostgreSQL", body);
      if (BigEndian(body) == kAuthenticated) return std::nullopt;
      return Verdict{absl::OkStatus()};
    case 'Z':  // ready for a query
      return Verdict{absl::OkStatus(), kTerminate};
    case 'E':
      return JudgeError(body);
    case 'S':  // a parameter
    case 'K':  // what cancels queries
    case 'N':  // a notice
    case 'v':  // another protocol's version
      return std::nullopt;
    default:
      return Refused("no PostgreSQL", absl::string_view(&type, 1));
  }
}

std::optional<Verdict> Judge(absl::string_view answer) {
  while (!answer.empty()) {
    if (!absl::StrContains("RZESKNv", answer.substr(0, 1))) {
      return Refused("no PostgreSQL", answer);
    }
    if (answer.size() < kTypeBytes + kLengthBytes) return std::nullopt;
    const size_t length = BigEndian(answer.substr(kTypeBytes));
    if (length < kLengthBytes || length > kMaxAnswerBytes - kTypeBytes) {
      // Before it can speak the protocol, e.g. when there is no memory for
      // another process, it says a line after an 'E'.
      return Refused("PostgreSQL refuses", answer.substr(kTypeBytes));
    }
    if (answer.size() < kTypeBytes + length) return std::nullopt;
    auto verdict = JudgeMessage(
        answer[0],
        answer.substr(kTypeBytes + kLengthBytes, length - kLengthBytes));
    if (verdict.has_value()) return verdict;
    answer.remove_prefix(kTypeBytes + length);
  }
  return std::nullopt;
}

}  // namespace

Talk PostgresTalk(absl::string_view user, absl::string_view database) {
  std::string body = BigEndianBytes(kProtocol30);
  for (const absl::string_view text :
       {absl::string_view("user"), user, absl::string_view("database"),
        database.empty() ? user : database,
        absl::string_view("application_name"),
        absl::string_view("outrigger health check"), absl::string_view()}) {
    absl::StrAppend(&body, text, absl::string_view("\0", 1));
  }
  const auto length = static_cast<uint32_t>(kLengthBytes + body.size());
  return {BigEndianBytes(length) + body, &Judge};
}

}  // namespace outrigger::health
