// gzip (RFC 1952), fast rather than small.
#ifndef OUTRIGGER_ADMIN_HTTP_GZIP_H_
#define OUTRIGGER_ADMIN_HTTP_GZIP_H_

#include <string>

#include "absl/strings/string_view.h"

namespace outrigger::admin {

// Bodies shorter than this, in bytes, are not worth it: they fit one packet.
inline constexpr size_t kShortestGzip = 1400;

std::string Gzip(absl::string_view text);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_HTTP_GZIP_H_
