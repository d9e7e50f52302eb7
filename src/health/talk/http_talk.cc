#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "health/talk/talk.h"

namespace outrigger::health {
namespace {

constexpr absl::string_view kVersion = "HTTP/1.";
constexpr size_t kCodeAt = 9;  // "HTTP/1.1 200"
constexpr absl::string_view kHeadEnd = "\r\n\r\n";

// 0: the line is no status line.
int CodeOf(absl::string_view line) {
  if (line.size() < kCodeAt + 3 || !absl::StartsWith(line, kVersion) ||
      !absl::ascii_isdigit(line[kVersion.size()]) || line[kCodeAt - 1] != ' ') {
    return 0;
  }
  int code = 0;
  for (const char c : line.substr(kCodeAt, 3)) {
    if (!absl::ascii_isdigit(c)) return 0;
    code = code * 10 + (c - '0');
  }
  const bool ends = line.size() == kCodeAt + 3 || line[kCodeAt + 3] == ' ';
  return ends ? code : 0;
}

std::optional<Verdict> Judge(absl::string_view answer) {
  for (;;) {
    if (!absl::StartsWith(answer, kVersion.substr(0, answer.size()))) {
      return Refused("no HTTP", answer);
    }
    const size_t end = answer.find("\r\n");
    if (end == absl::string_view::npos) return std::nullopt;
    const absl::string_view line = answer.substr(0, end);
    const int code = CodeOf(line);
    if (code >= 200 && code <= 399) return Verdict{absl::OkStatus()};
    // Interim answers, of which 101 would end the talk in HTTP.
    if (code < 100 || code == 101 || code > 199) {
      return Refused("GET is answered", line);
    }
    const size_t head_end = answer.find(kHeadEnd);
    if (head_end == absl::string_view::npos) return std::nullopt;
    answer.remove_prefix(head_end + kHeadEnd.size());
  }
}

}  // namespace

Talk HttpTalk(absl::string_view path, absl::string_view host) {
  return {absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ", host,
                       "\r\nUser-Agent: outrigger\r\nAccept: */*\r\n"
                       "Connection: close\r\n\r\n"),
          &Judge};
}

}  // namespace outrigger::health
