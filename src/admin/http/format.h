// An answer's bytes.
#ifndef OUTRIGGER_ADMIN_HTTP_FORMAT_H_
#define OUTRIGGER_ADMIN_HTTP_FORMAT_H_

#include <string>

#include "admin/http/message.h"
#include "base/clock.h"

namespace outrigger::admin {

// Status line and headers, with the empty line. Adds length, date, caching
// (none, unless the response says otherwise) and what keeps browsers from
// guessing types, framing the page, or loading anything from elsewhere. A
// length is left out where HTTP has none (304).
std::string FormatHead(const Response& response, bool keep_alive, WallTime now);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_HTTP_FORMAT_H_
