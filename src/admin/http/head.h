// A request's head, from bytes that anyone may have sent.
#ifndef OUTRIGGER_ADMIN_HTTP_HEAD_H_
#define OUTRIGGER_ADMIN_HTTP_HEAD_H_

#include <cstdint>
#include <variant>

#include "absl/strings/string_view.h"
#include "admin/http/message.h"

namespace outrigger::admin {

// What ends a head.
inline constexpr absl::string_view kHeadEnd = "\r\n\r\n";

struct Head {
  Request request;  // but for the body
  uint64_t body_bytes = 0;
  // The client will send more on this connection.
  bool keep_alive = true;
  // The client sends the body once it was told to go on.
  bool expects_continue = false;
};

// Reads `text`, which ends with kHeadEnd. As strict as RFC 9112 lets a server
// be: no folded lines, no bare line feeds, one Host, one Content-Length; a body
// in chunks is 411. Else the answer that says what is wrong.
std::variant<Head, Response> ParseHead(absl::string_view text);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_HTTP_HEAD_H_
