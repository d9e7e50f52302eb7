#include "admin/http/head.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "admin/http/target.h"

namespace outrigger::admin {
namespace {

constexpr absl::string_view kLineEnd = "\r\n";

bool IsToken(absl::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!absl::ascii_isalnum(byte) &&
        !absl::StrContains("!#$%&'*+-.^_`|~", c)) {
      return false;
    }
  }
  return !text.empty();
}

bool HasControls(absl::string_view text) {
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t') {
      return true;
    }
  }
  return false;
}

// What is wrong with the line; OK: an empty text with status 0.
struct Fault {
  int status = 0;
  absl::string_view message;
};

Fault ReadRequestLine(absl::string_view line, Request& request,
                      std::string& authority) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() != 3 || !IsToken(words[0])) {
    return {400, "the request line is malformed"};
  }
  if (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0") {
    return absl::StartsWith(words[2], "HTTP/")
               ? Fault{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"}
               : Fault{400, "the request line is malformed"};
  }
  request.method = std::string(words[0]);
  request.http11 = words[2] == "HTTP/1.1";
  Target target;
  if (!ParseTarget(words[1], target)) {
    return {400, "the request's target is malformed"};
  }
  request.path = std::move(target.path);
  request.query = std::move(target.query);
  authority = std::move(target.authority);
  return {};
}

Fault ReadHeader(absl::string_view line, Request& request) {
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon)) ||
      HasControls(line)) {
    return {400, "a header is malformed"};
  }
  std::string name = absl::AsciiStrToLower(line.substr(0, colon));
  if ((name == "host" || name == "content-length") &&
      request.HeaderOf(name).has_value()) {
    return {400, "a header stands twice that may stand once"};
  }
  request.headers.emplace_back(
      std::move(name),
      std::string(absl::StripAsciiWhitespace(line.substr(colon + 1))));
  return {};
}

// Whether a header that is a list of words has `word`.
bool HasWord(const Request& request, absl::string_view header,
             absl::string_view word) {
  for (const auto& [name, value] : request.headers) {
    if (name != header) continue;
    for (const absl::string_view one : absl::StrSplit(value, ',')) {
      if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(one), word)) {
        return true;
      }
    }
  }
  return false;
}

// What the headers say about the rest of the message.
Fault ReadFraming(Head& head) {
  const Request& request = head.request;
  if (request.HeaderOf("transfer-encoding").has_value()) {
    return {411, "a body needs Content-Length"};
  }
  if (const auto length = request.HeaderOf("content-length")) {
    const bool digits =
        length->find_first_not_of("0123456789") == absl::string_view::npos;
    if (!digits || !absl::SimpleAtoi(*length, &head.body_bytes)) {
      return {400, "Content-Length is not a number"};
    }
  }
  if (request.http11 && !request.HeaderOf("host").has_value()) {
    return {400, "there is no Host header"};
  }
  head.keep_alive = request.http11
                        ? !HasWord(request, "connection", "close")
                        : HasWord(request, "connection", "keep-alive");
  head.expects_continue =
      request.http11 && HasWord(request, "expect", "100-continue");
  return {};
}

// A target's own authority counts more than the header.
void ReplaceHost(const std::string& authority, Request& request) {
  for (auto& [name, value] : request.headers) {
    if (name == "host") value = authority;
  }
}

}  // namespace

std::variant<Head, Response> ParseHead(absl::string_view text) {
  Head head;
  std::string authority;
  text.remove_suffix(kHeadEnd.size());
  bool first = true;
  for (const absl::string_view line : absl::StrSplit(text, kLineEnd)) {
    const Fault fault = first ? ReadRequestLine(line, head.request, authority)
                              : ReadHeader(line, head.request);
    if (fault.status != 0) return ErrorResponse(fault.status, fault.message);
    first = false;
  }
  const Fault fault = ReadFraming(head);
  if (fault.status != 0) return ErrorResponse(fault.status, fault.message);
  if (!authority.empty()) ReplaceHost(authority, head.request);
  return head;
}

}  // namespace outrigger::admin
