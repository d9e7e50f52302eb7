// A request to the admin server and its answer.
#ifndef OUTRIGGER_ADMIN_HTTP_MESSAGE_H_
#define OUTRIGGER_ADMIN_HTTP_MESSAGE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::admin {

using Header = std::pair<std::string, std::string>;

// A value.
struct Request {
  std::string method;  // "GET", in capitals
  std::string path;    // begins with '/'; %xx resolved, without the query
  // In the order of the query; %xx and '+' resolved.
  std::vector<std::pair<std::string, std::string>> query;
  // Names in lower case, values without blanks around them.
  std::vector<Header> headers;
  std::string body;
  // HTTP/1.1, else 1.0.
  bool http11 = true;
  // The client has shown a certificate, and it was good.
  bool client_certificate = false;

  // The first value of that name (lower case); unset if there is none.
  std::optional<absl::string_view> HeaderOf(absl::string_view name) const;
  std::optional<absl::string_view> QueryOf(absl::string_view name) const;
};

inline constexpr char kJson[] = "application/json";
inline constexpr char kPlainText[] = "text/plain; charset=utf-8";

// A value.
struct Response {
  int status = 200;
  std::string content_type = kPlainText;
  std::string body;
  // Besides those that the server adds (length, date, caching, security).
  std::vector<Header> headers;
};

// `status` with {"error": message}.
Response ErrorResponse(int status, absl::string_view message);

// `text` with quotes around it, as JSON has it. Bytes that are not UTF-8 become
// U+FFFD.
std::string JsonQuote(absl::string_view text);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_HTTP_MESSAGE_H_
