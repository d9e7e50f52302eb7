// The usual way to write down where Redis is.
#ifndef OUTRIGGER_REDIS_URL_H_
#define OUTRIGGER_REDIS_URL_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "redis/options.h"

namespace outrigger::redis {

// Understands
//     redis://[[user]:password@]host[:port][/database]
//     rediss://…                          the same with TLS
//     unix://[[user]:password@]/path[?db=database]
// User, password and path may be percent-encoded; an IPv6 host stands in
// brackets. Returns standalone Options with addresses, username, password,
// database and tls.enabled from the URL, and defaults else; or
// kInvalidArgument, whose message never holds the password.
absl::StatusOr<Options> ParseUrl(absl::string_view url);

// "host:port", "host" (port 6379) or "[ipv6]:port". kInvalidArgument else.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_URL_H_
